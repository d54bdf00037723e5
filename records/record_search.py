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
        SELECT record.id FROM medical_record record {joins} WHERE {match} {filters} ORDER BY {order} LIMIT {most}
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
# A word in any form, or one that begins so: the stemmer takes "отит" for a verb, and "отита" for another word.
WORDS = "(websearch_to_tsquery('pg_catalog.russian', %(text)s) || to_tsquery('simple', %(beginnings)s))"
EXACT = f"words @@ {WORDS}"
SIMILAR = "%({})s <%% record_text(diagnosis, prescription)"
SHORTEST_SLIP, LONGEST_SLIP, MOST_SLIPS = 4, 30, 6  # letters of a word that may be misspelt; words
# Of a record found so, the word that is most like each misspelt one.
MEANT = """plainto_tsquery('pg_catalog.russian', (
        SELECT word FROM regexp_split_to_table(record_text(diagnosis, prescription), '[^[:alnum:]]+') word
        ORDER BY similarity(word, %({})s) DESC LIMIT 1))"""
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
    if not has_signs:
        text = " ".join(dict.fromkeys(text.split()))
    words = [] if has_signs else list(dict.fromkeys(re.findall(r"\w+", text)))
    # A date that ends the search may lie years behind the newest record: then the calendar leads, not the records' ids.
    values = {"since": since, "until": until, "vet": vet, "species": species or None}
    values |= {"order": "visit.date DESC, visit.id DESC" if until else "record.id DESC", "zone": settings.TIME_ZONE}
    values |= {"text": text, "beginnings": " & ".join(f"{word}:*" for word in words)}
    found = _ask(EXACT, values)
    slips = _slips(words)
    if found.hits or not slips:
        return found
    match, meant = " AND ".join(map(SIMILAR.format, slips)), " || ".join(map(MEANT.format, slips))
    return replace(_ask(match, values | slips, words=meant, setting=LIKENESS), similar=True)


def _slips(words: list[str]) -> dict[str, str]:
    """The words that may be misspelt, by name. Each is looked for by itself: letters of a whole sentence are in half of
    all records, and every one of those would have to be compared.
    """
    longest = sorted((word for word in words if len(word) >= SHORTEST_SLIP), key=len, reverse=True)[:MOST_SLIPS]
    return {f"slip_{number}": word[:LONGEST_SLIP] for number, word in enumerate(longest)}


def _ask(match: str, values: dict, *, words: str = WORDS, setting: str = "") -> Found:
    """`words`: what is marked. `setting`: a statement that has to come before, in the same transaction."""
    chosen = [condition for name, condition in FILTERS.items() if values[name]]
    parts = {"joins": JOINS if chosen else "", "filters": "".join(f" AND {each}" for each in chosen)}
    query = QUERY.format(match=match, words=words, order=values["order"], most=SHOWN + 1, **parts)
    values = values | {"headline": HEADLINE, "marks": MARK + UNMARK}
    database = router.db_for_read(MedicalRecord)
    with ExitStack() as stack:
        cursor = stack.enter_context(connections[database].cursor())
        if setting:
            stack.enter_context(transaction.atomic(database))
            cursor.execute(setting)
        cursor.execute(query, values)
        rows = cursor.fetchall()
    hits = [Hit(*row[:7], _marked(row[7]), _marked(row[8])) for row in rows]
    return Found(hits[:SHOWN], len(hits) > SHOWN)


def _marked(headline: str) -> SafeString:
    return mark_safe(  # noqa: S308 (the text went through escape(), the marks are ours)
        escape(headline).replace(MARK, "<mark>").replace(UNMARK, "</mark>")
    )
