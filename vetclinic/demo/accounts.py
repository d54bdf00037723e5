"""The four people who sign in to the demo: one for each role, all with one password."""

from clinic.models import Veterinarian
from vetclinic.access.models import User
from vetclinic.access.roles import Role

USERNAMES = {role: role.value for role in Role}


def missing_roles() -> list[Role]:
    known = set(User.objects.filter(username__in=USERNAMES.values()).values_list("username", flat=True))
    return [role for role, username in USERNAMES.items() if username not in known]


def make_users(roles: list[Role], password: str) -> None:
    for role in roles:
        User.objects.create_user(USERNAMES[role], password=password, role=role)


def user_id(role: Role) -> int:
    return User.objects.values_list("pk", flat=True).get(username=USERNAMES[role])


def link_first_vet() -> None:
    """The vet's login is that of the first vet, under the vet's own name."""
    vet, user = Veterinarian.objects.order_by("pk").first(), User.objects.get(username=USERNAMES[Role.VET])
    if vet and vet.user_id is None and not Veterinarian.objects.filter(user=user).exists():
        vet.user = user
        vet.save(update_fields=["user"])
        user.first_name, user.last_name = vet.first_name, vet.last_name
        user.save(update_fields=["first_name", "last_name"])
