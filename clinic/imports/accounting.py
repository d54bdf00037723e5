"""Rows of a foreign file become ours once, and every row is accounted for: imported, there already, or refused."""

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from clinic.models import ImportedRow

CHUNK = 1000


class RowRefused(Exception):  # noqa: N818 (it is what happened to the row)
    """This row cannot be taken over; the message says why."""


@dataclass(frozen=True)
class Row:
    """A row of the file. `fault` says that it could not even be read; `values` are its cells by name."""

    line: int
    values: dict[str, str | None]
    fault: str = ""

    @property
    def digest(self) -> str:
        text = "\x1f".join(f"{name}={value}" for name, value in sorted(self.values.items()))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


class Account:
    """What became of the rows. read = imported + known + refused, always."""

    def __init__(self, refusals):
        self.counts: Counter[str] = Counter()
        self._refusals = refusals

    def refuse(self, row: Row, reason: str) -> None:
        self.counts["refused"] += 1
        self._refusals.writerow([row.line, reason, *(value or "" for value in row.values.values())])

    @property
    def read(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        kinds = ("imported", "known", "refused")
        imported, known, refused = (self.counts[kind] for kind in kinds)
        return f"{self.read} read = {imported} imported + {known} there already + {refused} refused"


@contextmanager
def account(refused: Path) -> Iterator[Account]:
    """An account whose refusals go to a CSV file: line, reason, and the row as it stood."""
    with refused.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason"])
        yield Account(writer)


def import_rows(
    rows: Iterable[Row],
    build: Callable[[Row], models.Model],
    *,
    source: str,
    account: Account,
    progress: Callable[[int], object] = lambda count: None,
) -> dict[int, int]:
    """Store what `build` makes of each row, a chunk in one transaction with the note that it was imported.

    A run that was killed leaves whole chunks behind, and the next run goes on after them. Rows that are
    equal to the letter are told apart by counting them. Returns our id by the row's place in the file.
    """
    ids: dict[int, int] = {}
    seen: Counter[str] = Counter()
    numbered = enumerate(rows)
    while chunk := list(islice(numbered, CHUNK)):
        keyed = []
        for place, row in chunk:
            seen[row.digest] += 1
            keyed.append((place, row, (row.digest, seen[row.digest])))
        ids |= _import_chunk(keyed, build, source, account)
        progress(len(chunk))
    return ids


def _import_chunk(keyed: list[tuple], build, source: str, account: Account) -> dict[int, int]:
    digests = {row.digest for _place, row, _key in keyed}
    notes = ImportedRow.objects.filter(source=source, digest__in=digests)
    known = {(note.digest, note.occurrence): note.object_id for note in notes}
    ids, fresh = {}, []
    for place, row, key in keyed:
        if key in known:
            account.counts["known"] += 1
            ids[place] = known[key]
            continue
        try:
            if row.fault:
                raise RowRefused(row.fault)
            fresh.append((place, row, key, _checked(build(row))))
        except RowRefused as refusal:
            account.refuse(row, str(refusal))
    try:
        _store(fresh, source)
        stored = fresh
    except DatabaseError:
        stored = [entry for entry in fresh if _store_alone(entry, source, account)]
    account.counts["imported"] += len(stored)
    return ids | {place: made.pk for place, _row, _key, made in stored}


@transaction.atomic
def _store(entries: list[tuple], source: str) -> None:
    if not entries:
        return
    made = [entry[3] for entry in entries]
    for each in made:
        each.pk = None  # an attempt that failed may have left one
    type(made[0])._default_manager.bulk_create(made)
    ImportedRow.objects.bulk_create(
        ImportedRow(source=source, digest=digest, occurrence=occurrence, object_id=each.pk)
        for (_place, _row, (digest, occurrence), each) in entries
    )


def _store_alone(entry: tuple, source: str, account: Account) -> bool:
    try:
        _store([entry], source)
    except DatabaseError as error:
        account.refuse(entry[1], f"the database refuses it: {str(error).splitlines()[0]}")
        return False
    return True


def _checked(made: models.Model) -> models.Model:
    """Lengths and kinds as the columns have them: a value is refused, never cut."""
    try:
        made.clean_fields()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise RowRefused(f"{name}: {messages[0]}") from error
    return made


def clean_text(text: str | None) -> str:
    """One space between words (no-break spaces too), accents composed. Raises RowRefused for what is no text."""
    text = unicodedata.normalize("NFC", text or "")
    words = " ".join(text.split())
    for letter in words:
        if unicodedata.category(letter) == "Cs":
            raise RowRefused("the row is not UTF-8")
        if unicodedata.category(letter) == "Cc":
            raise RowRefused(f"control character U+{ord(letter):04X}")
    return words
