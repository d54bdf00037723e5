"""Fill an empty clinic with demo data, or say why not."""

import secrets
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from billing.closing import close_income
from billing.models import IncomeSum, Invoice
from clinic.models import Appointment, Branch, Pet, PetOwner, Service, Veterinarian
from vetclinic.demo.accounts import USERNAMES, link_first_vet, make_users, missing_roles
from vetclinic.demo.loading import Wish, is_demo, load
from vetclinic.demo.sizes import SIZES

OWN_DATA = (Branch, Veterinarian, Service, PetOwner, Pet, Appointment, Invoice)


class Command(BaseCommand):
    help = "Fill an empty clinic with demo data. A clinic with data of its own is left alone."

    def add_arguments(self, parser):
        parser.add_argument("--size", choices=SIZES, default="small")
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same people and visits")
        parser.add_argument("--password", help="of the four logins; without it a random one is made and shown once")

    def handle(self, *, size, seed, password, **options):
        if password is not None and not password.strip():
            raise CommandError("--password needs a password.")
        password = password or secrets.token_urlsafe(9)
        roles = missing_roles()
        if is_demo():
            self.stdout.write("The clinic is already filled with demo data: nothing to do.")
            make_users(roles, password)
            link_first_vet()
        elif any(model.objects.exists() for model in OWN_DATA):
            raise CommandError("This clinic has data of its own. Demo data goes into an empty clinic only.")
        else:
            self.fill(Wish(size, seed, settings.LANGUAGE_CODE, password, timezone.now()))
        if roles:
            names = ", ".join(USERNAMES[role] for role in roles)
            self.stdout.write(f"Logins: {names}. Password of each: {password}")

    def fill(self, wish: Wish) -> None:
        self.stdout.write(f"Filling the clinic with demo data ({wish.size}, seed {wish.seed}) …")
        begun = time.monotonic()
        rows = load(wish)
        self.close_past_days()
        rows += IncomeSum.objects.count()
        seconds = time.monotonic() - begun
        self.stdout.write(f"{rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second.")

    def close_past_days(self) -> None:
        """As the worker would, so that the first report is as quick as all others."""
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            for most in (62, None):  # after the first ones PostgreSQL knows what such sums look like, and finds them
                close_income(most=most)
                cursor.execute("ANALYZE income_sum, income_closing")
            cursor.execute("RESET statement_timeout")
