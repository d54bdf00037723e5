"""Who belongs to an animal: its owners until now, and the other animals of its owner."""

import datetime as dt
from typing import NamedTuple

from django.db import connections, router
from django.utils import timezone

from clinic.enums import Species
from clinic.models import Pet

# An owner's record that was merged away is called by the one that stayed.
FAMILY = """
    SELECT 'owner', owner.id, concat_ws(' ', stayed.last_name, NULLIF(stayed.first_name, '')), '', from_at, until_at
    FROM pet_ownership JOIN pet_owner owner ON owner.id = pet_owner_id
    JOIN pet_owner stayed ON stayed.id = COALESCE(owner.merged_into_id, owner.id)
    WHERE pet_id = %(pet)s
    UNION ALL
    SELECT 'sibling', id, name, species, NULL, NULL FROM pet
    WHERE pet_owner_id = %(owner)s AND is_active AND id <> %(pet)s
    ORDER BY 1, 6 DESC NULLS FIRST, 3, 2
"""


class Relative(NamedTuple):
    """An owner with the days of having the animal, on the clinic's clock; or an animal with its species."""

    kind: str
    id: int
    name: str
    species: str
    since: dt.date | None
    until: dt.date | None

    @property
    def species_name(self) -> str:
        return str(Species(self.species).label) if self.species in Species.values else self.species


class Family(NamedTuple):
    """`owners`: whose the animal was, the last one first; nothing while it has had one owner only."""

    siblings: list[Relative]
    owners: list[Relative]


def family_of(pet: Pet) -> Family:
    """One query, of rows."""
    with connections[router.db_for_read(Pet)].cursor() as cursor:
        cursor.execute(FAMILY, {"pet": pet.pk, "owner": pet.pet_owner_id})
        rows = [Relative(*names, _day(since), _day(until)) for *names, since, until in cursor.fetchall()]
    owners = [each for each in rows if each.kind == "owner"]
    changed = len(owners) > 1 or any(each.until for each in owners)
    return Family([each for each in rows if each.kind == "sibling"], owners if changed else [])


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None
