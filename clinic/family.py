"""Who belongs to an animal: its owners until now, and the other animals of its owner."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from clinic.enums import Species

# One value, JSON. An owner's record that was merged away is called by the one that stayed.
FAMILY = """
    SELECT json_agg(json_build_array(kind, id, name, species, since, until)
                    ORDER BY kind, until DESC NULLS FIRST, name, id)
    FROM (
        SELECT 'owner' AS kind, owner.id, concat_ws(' ', stayed.last_name, NULLIF(stayed.first_name, '')) AS name,
            '' AS species, timezone(%(zone)s, from_at)::date AS since, timezone(%(zone)s, until_at)::date AS until
        FROM pet_ownership JOIN pet_owner owner ON owner.id = pet_owner_id
        JOIN pet_owner stayed ON stayed.id = COALESCE(owner.merged_into_id, owner.id)
        WHERE pet_id = %(pet)s
        UNION ALL
        SELECT 'sibling', id, name, species, NULL, NULL FROM pet
        WHERE pet_owner_id = %(owner)s AND is_active AND id <> %(pet)s
    ) relative
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


def family_from(rows: Iterable[list]) -> Family:
    """What FAMILY selected."""
    relatives = [Relative(*names, _day(since), _day(until)) for *names, since, until in rows]
    owners = [each for each in relatives if each.kind == "owner"]
    changed = len(owners) > 1 or any(each.until for each in owners)
    return Family([each for each in relatives if each.kind == "sibling"], owners if changed else [])


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
