"""What the keys of the income are called: read once, until the log of changes says that a name may be another one."""

from django.db import connections, router

from clinic.models import Service
from clinic.models.pet import Species
from clinic.models.service import ServiceCategory
from vetclinic.audit.kept import Look, Shelf, whenever

BRANCH = "branch"
CHOICES = {"category": dict(ServiceCategory.choices), "species": dict(Species.choices)}
# In the order of a list to choose from, and without models: their making takes longer than the query. A service is
# called as its newest price is.
NAMES = {
    "service": "SELECT DISTINCT ON (code) code, name FROM service ORDER BY code, valid_from DESC, id DESC",
    "vet": "SELECT id::text, trim(concat(last_name, ' ', first_name)) FROM veterinarian"
    " ORDER BY last_name, first_name, id",
    "specialization": "SELECT id::text, name FROM specialization ORDER BY name, id",
    BRANCH: "SELECT id::text, name FROM branch ORDER BY name, id",
}
Names = dict[str, str]


def names_of(look: Look, dimension: str) -> Names:
    """Of all its keys; not to be changed, as others get the same."""
    if dimension in CHOICES:
        return CHOICES[dimension]
    found = _kept.found(look, [dimension])
    if not found:
        with connections[router.db_for_read(Service)].cursor() as cursor:
            cursor.execute(NAMES[dimension])
            found = {dimension: dict(cursor.fetchall())}
        _kept.keep(look, found)
    return found[dimension]


_kept: Shelf[str, Names] = Shelf(most=len(NAMES), stale=whenever("service", "veterinarian", "specialization", "branch"))
