"""Rows of a foreign file become ours once, and every row is accounted for: imported, there already, or refused."""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction

from clinic.models import ImportedRow
from vetclinic.locks import Lock, take_lock
from vetclinic.refusals import explain

CHUNK = 1000
IMPORTING = 1  # the number of the lock that lets one import at a time look and write
LONGEST_SHOWN = 1000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class WrongFormat(Exception):  # noqa: N818 (said of the file)
    """The file is not of the format that the command reads."""


class RowRefused(Exception):  # noqa: N818 (it is what happened to the row)
    """This row cannot be taken over; the message says why."""


class AlreadyThere(Exception):  # noqa: N818 (it is no error)
    """The clinic has what this row stands for, from another hand. `pk` is its id where others refer to it."""

    def __init__(self, pk: int | None = None):
        super().__init__()
        self.pk = pk


@dataclass(frozen=True)
class Row:
    """A row of the file: `values` are its cells by name, `fault` says that it could not even be read.

    `place` counts the rows of its table. `identity` stands for the cells where these alone do not say which
    row it is, because they refer to others.
    """

    line: int
    values: dict[str, str | None]
    fault: str = ""
    place: int = 0
    identity: dict | None = None

    @property
    def digest(self) -> str:
        text = "\x1f".join(f"{name}={value}" for name, value in sorted((self.identity or self.values).items()))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass
class _Entry:
    """A row on its way into the database."""

    row: Row
    key: tuple[str, int]  # digest and occurrence
    made: models.Model | None = None
    pk: int | None = None
    outcome: str = ""
    reason: str = ""


class Account:
    """What became of the rows. read = imported + known + refused, always."""

    def __init__(self, refusals):
        self.counts: Counter[str] = Counter()
        self._refusals = refusals

    def refuse(self, row: Row, reason: str) -> None:
        self.counts["refused"] += 1
        self._refusals.writerow([row.line, reason, *(_shown(value or "") for value in row.values.values())])

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
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        entries = []
        for row in chunk:
            digest = row.digest
            seen[digest] += 1
            entries.append(_Entry(row, (digest, seen[digest])))
        _import_chunk(entries, build, source)
        for entry in entries:  # only now: what was rolled back must not be counted
            if entry.outcome == "refused":
                account.refuse(entry.row, entry.reason)
            else:
                account.counts[entry.outcome] += 1
                ids[entry.row.place] = entry.pk
        progress(len(chunk))
    return ids


@transaction.atomic
def _import_chunk(entries: list[_Entry], build, source: str) -> None:
    take_lock(Lock.REQUEST, IMPORTING)
    notes = ImportedRow.objects.filter(source=source, digest__in={entry.key[0] for entry in entries})
    known = {(note.digest, note.occurrence): note.object_id for note in notes}
    for entry in entries:
        if entry.key in known:
            entry.outcome, entry.pk = "known", known[entry.key]
        else:
            _make(entry, build)
    fresh = [entry for entry in entries if entry.made]
    try:
        _store(fresh, source)
    except (IntegrityError, DataError):
        for entry in fresh:
            _store_alone(entry, source)


def _make(entry: _Entry, build) -> None:
    try:
        if entry.row.fault:
            raise RowRefused(entry.row.fault)
        entry.made = _checked(build(entry.row))
    except AlreadyThere as there:
        entry.outcome, entry.pk = "known", there.pk
    except RowRefused as refusal:
        entry.outcome, entry.reason = "refused", str(refusal)


@transaction.atomic
def _store(entries: list[_Entry], source: str) -> None:
    if not entries:
        return
    for entry in entries:
        entry.made.pk = None  # an attempt that failed may have left one
    type(entries[0].made)._default_manager.bulk_create(entry.made for entry in entries)
    for entry in entries:
        entry.outcome, entry.pk = "imported", entry.made.pk
    ImportedRow.objects.bulk_create(
        ImportedRow(source=source, digest=entry.key[0], occurrence=entry.key[1], object_id=entry.pk)
        for entry in entries
    )


def _store_alone(entry: _Entry, source: str) -> None:
    try:
        _store([entry], source)
    except (IntegrityError, DataError) as error:
        entry.outcome, entry.pk, entry.reason = "refused", None, _sentence(error)


def _sentence(error: IntegrityError | DataError) -> str:
    try:
        return str(explain(error).message)
    except (IntegrityError, DataError):
        return f"the database refuses it: {str(error).splitlines()[0]}"


def _checked(made: models.Model) -> models.Model:
    """Lengths and kinds as the columns have them: a value is refused, never cut."""
    try:
        made.clean_fields()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise RowRefused(f"{name}: {messages[0]}") from error
    return made


def _shown(cell: str) -> str:
    """A cell in the list of refusals, which is opened in spreadsheets: foreign text must not be computed there."""
    short = cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…"
    return f"'{short}" if short.startswith(FORMULA_SIGNS) else short
