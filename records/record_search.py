"""Finding records by diagnosis or prescription: words in any form, Russian and English, ё = е, and misspelt ones."""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db import connections, router

from records.models import MedicalRecord
from records.record_query import Question, question, widened

SHOWN = 50
QUERY = """
    WITH newest AS MATERIALIZED (
        SELECT record.id FROM medical_record record {joins} WHERE {match} {filters} ORDER BY {order} LIMIT %(most)s
    )
    SELECT visit.id, timezone(COALESCE(branch.time_zone, %(zone)s), visit.date), pet.id, pet.name, pet.species,
        concat_ws(' ', owner.last_name, owner.first_name), concat_ws(' ', vet.last_name, vet.first_name),
        diagnosis, prescription
    FROM newest JOIN medical_record record USING (id) JOIN appointment visit ON visit.id = appointment_id
    JOIN pet ON pet.id = visit.pet_id LEFT JOIN pet_owner owner ON owner.id = pet.pet_owner_id
    JOIN veterinarian vet ON vet.id = visit.vet_id LEFT JOIN branch ON branch.id = vet.branch_id
    ORDER BY visit.date DESC, visit.id DESC
"""
JOINS = "JOIN appointment visit ON visit.id = appointment_id JOIN pet ON pet.id = visit.pet_id"
FILTERS = {
    "since": "visit.date >= %(since)s",
    "until": "visit.date < %(until)s",
    "vet": "visit.vet_id = %(vet)s",
    "species": "pet.species = %(species)s",
}
EXACT = "words @@ to_tsquery('record_words', %(exact)s)"
SIMILAR = f"words @@ to_tsquery('record_words', %(similar)s) AND NOT {EXACT}"


class Hit(NamedTuple):
    """A record that matches. `starts` is naive, on the clock of the visit's branch."""

    visit: int
    starts: dt.datetime
    pet: int
    name: str
    species: str
    owner: str
    vet: str
    diagnosis: str
    prescription: str


@dataclass(frozen=True)
class Found:
    """`more`: there are older ones. `similar`: those that have words like the ones asked for, and not these."""

    asked: Question
    hits: list[Hit]
    more: bool = False
    similar: list[Hit] = field(default_factory=list)


def find_records(
    text: str,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    vet: int | None = None,
    species: str | None = None,
) -> Found:
    """The newest SHOWN records with all the words, and when these are fewer, the newest with words that may be meant.

    [since, until) are moments of the visit. Four queries at most.
    """
    asked = question(text)
    # A date that ends the search may lie years behind the newest record: then the calendar leads, not the records' ids.
    values = {"since": since, "until": until, "vet": vet, "species": species or None, "zone": settings.TIME_ZONE}
    values |= {"exact": str(asked)}
    hits = _ask(EXACT, values | {"most": SHOWN + 1}) if asked.can_be_answered else []
    room = SHOWN - len(hits)
    wide = widened(asked) if asked.wanted and room > 0 else None
    if wide is None:
        return Found(asked, hits[:SHOWN], more=len(hits) > SHOWN)
    return Found(wide, hits, similar=_ask(SIMILAR, values | {"similar": str(wide), "most": room}))


def _ask(match: str, values: dict) -> list[Hit]:
    chosen = [condition for name, condition in FILTERS.items() if values[name]]
    query = QUERY.format(
        match=match,
        joins=JOINS if chosen else "",
        filters="".join(f" AND {each}" for each in chosen),
        order="visit.date DESC, visit.id DESC" if values["until"] else "record.id DESC",
    )
    with connections[router.db_for_read(MedicalRecord)].cursor() as cursor:
        cursor.execute(query, values)
        return [Hit._make(row) for row in cursor.fetchall()]
