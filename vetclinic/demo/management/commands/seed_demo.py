import secrets

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone, translation
from tqdm import tqdm

from clinic.models import Appointment, PetOwner, Veterinarian
from vetclinic.access.models import User
from vetclinic.access.roles import Role
from vetclinic.demo.generate import SIZES, Clinic
from vetclinic.demo.loading import loading
from vetclinic.demo.words import words_of


class Command(BaseCommand):
    help = "Fill an empty clinic with demo data, and make the logins reception, vet, manager and admin."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=SIZES, default="small")
        parser.add_argument("--seed", type=int, default=1, help="the same number draws the same clinic")
        parser.add_argument("--password", default="", help="of the four logins; drawn and printed when left out")

    def handle(self, *, size: str, seed: int, password: str, **options):
        drawn = password or secrets.token_urlsafe(9)
        with translation.override(settings.LANGUAGE_CODE):
            if Appointment.objects.exists() or PetOwner.objects.exists() or Veterinarian.objects.exists():
                self._people(drawn if password else "")
                self.stdout.write("The clinic has data already: only the four logins were looked after.")
                return
            users = self._people(drawn)
            self._fill(size, seed, users)
        if not password:
            self.stdout.write(f"Logins reception, vet, manager, admin; password {drawn}")

    def _fill(self, size: str, seed: int, users: dict[str, int]) -> None:
        clinic = Clinic(SIZES[size], words_of(settings.LANGUAGE_CODE), seed, users, timezone.now())
        quiet = not self.stderr.isatty()
        with tqdm(total=SIZES[size].expected_rows, unit="row", unit_scale=True, mininterval=5 if quiet else 0.2) as bar:
            with loading(bar.update) as loader:
                clinic.load(loader)
            bar.total = bar.n

    def _people(self, password: str) -> dict[str, int]:
        """The four logins; an existing one keeps its password unless another is given."""
        users = {}
        for role in Role:
            user = User.objects.filter(username=role).first() or User(username=role, role=role)
            if password:
                user.set_password(password)
            user.save()
            users[str(role)] = user.pk
        return users
