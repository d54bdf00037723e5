"""Finding records by diagnosis or prescription: words in any form, Russian and English, ё = е, and misspelt ones."""

import datetime as dt
import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.conf import settings
from django.db import connections, router, transaction
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic.search import fold
from records.models import MedicalRecord

SHOWN = 50
MARK, UNMARK = "\ue000", "\ue001"  # of the private use area: no text has them
HEADLINE = f"StartSel={MARK}, StopSel={UNMARK}, MaxWords=40, MinWords=20, MaxFragments=2, FragmentDelimiter= … "

QUERY = """
    WITH newest AS MATERIALIZED (
        SELECT record.id FROM medical_record record {joins} WHERE {match} {filters} ORDER BY record.id DESC LIMIT {most}
    )
    SELECT visit.id, timezone(COALESCE(branch.time_zone, %(zone)s), visit.date), pet.id, pet.name, pet.species,
        concat_ws(' ', owner.last_name, owner.first_name), concat_ws(' ', vet.last_name, vet.first_name),
        ts_headline('pg_catalog.russian', translate(diagnosis, %(marks)s, ''), {words}, %(headline)s),
        ts_headline('pg_catalog.russian', translate(prescription, %(marks)s, ''), {words}, %(headline)s)
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
WORDS = "websearch_to_tsquery('pg_catalog.russian', %(text)s)"
# A word in any form, or one that begins so: the stemmer takes "отит" for a verb, and "отита" for another word.
EXACT = f"words @@ ({WORDS} || to_tsquery('simple', %(beginnings)s))"
SIMILAR = "%(text)s <%% record_text(diagnosis, prescription)"
LIKENESS = "SELECT set_config('pg_trgm.word_similarity_threshold', '0.45', true)"


class Hit(NamedTuple):
    """A record that matches. `starts` is naive, on the clock of the visit's branch; matched words stand in <mark>."""

    visit: int
    starts: dt.datetime
    pet: int
    name: str
    species: str
    owner: str
    vet: str
    diagnosis: SafeString
    prescription: SafeString


@dataclass(frozen=True)
class Found:
    """`more`: there are older ones. `similar`: none has these words, these have some like them."""

    hits: list[Hit]
    more: bool = False
    similar: bool = False


def find_records(
    text: str,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    vet: int | None = None,
    species: str | None = None,
) -> Found:
    """The newest SHOWN records with all the words ("…" for words in a row, - for one that is not to be there).

    When there are none, those that a misspelt word may have meant. [since, until) are moments of the visit.
    """
    text = fold(text.replace("\0", " "))
    if not text:
        return Found([])
    has_signs = '"' in text or "-" in text
    beginnings = " & ".join(f"{word}:*" for word in re.findall(r"\w+", text)) if not has_signs else ""
    values = {"text": text, "beginnings": beginnings, "zone": settings.TIME_ZONE}
    values |= {"since": since, "until": until, "vet": vet, "species": species or None}
    values |= {"headline": HEADLINE, "marks": MARK + UNMARK}
    found = _ask(EXACT, values)
    if found.hits or has_signs or len(text) < 4:
        return found
    return replace(_ask(SIMILAR, values), similar=True)


def _ask(match: str, values: dict) -> Found:
    chosen = [condition for name, condition in FILTERS.items() if values[name]]
    parts = {"joins": JOINS if chosen else "", "filters": "".join(f" AND {each}" for each in chosen)}
    query = QUERY.format(match=match, words=WORDS, most=SHOWN + 1, **parts)
    database = router.db_for_read(MedicalRecord)
    with ExitStack() as stack:
        cursor = stack.enter_context(connections[database].cursor())
        if match == SIMILAR:
            stack.enter_context(transaction.atomic(database))
            cursor.execute(LIKENESS)
        cursor.execute(query, values)
        rows = cursor.fetchall()
    hits = [Hit(*row[:7], _marked(row[7]), _marked(row[8])) for row in rows]
    return Found(hits[:SHOWN], len(hits) > SHOWN)


def _marked(headline: str) -> SafeString:
    return mark_safe(  # noqa: S308 (the text went through escape(), the marks are ours)
        escape(headline).replace(MARK, "<mark>").replace(UNMARK, "</mark>")
    )
