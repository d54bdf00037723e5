"""The files of an animal as its pages show them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from clinic.models import Appointment

_PERSON = "COALESCE(NULLIF(concat_ws(' ', {0}.first_name, {0}.last_name), ''), {0}.username)"
# The last one first: one value, JSON. Days are those of the clock %(zone)s.
FILED = f"""
    json_agg(json_build_array(file.id, file.pet_id, file.name, kind, note, size, has_small,
        timezone(%(zone)s, uploaded_at)::date, {_PERSON.format("adder")},
        timezone(%(zone)s, withdrawn_at)::date, {_PERSON.format("withdrawer")}, withdrawn_reason) ORDER BY file.id DESC)
"""
PEOPLE = (
    "JOIN app_user adder ON adder.id = uploaded_by_id LEFT JOIN app_user withdrawer ON withdrawer.id = withdrawn_by_id"
)
FILES_OF_PET = f"SELECT {FILED} FROM attachment file {PEOPLE} WHERE file.pet_id = %(pet)s AND %(sees_files)s"  # noqa: S608
MOVES_OF_PET = f"""
    SELECT json_agg(json_build_array(file.name, origin.name, pet.name, {_PERSON.format("mover")},
        timezone(%(zone)s, moved_at)::date, reason) ORDER BY move.id DESC)
    FROM attachment_move move JOIN attachment file ON file.id = attachment_id JOIN pet origin ON origin.id = from_pet_id
    JOIN pet ON pet.id = to_pet_id JOIN app_user mover ON mover.id = moved_by_id
    WHERE (from_pet_id = %(pet)s OR to_pet_id = %(pet)s) AND %(sees_files)s
"""  # noqa: S608 (all of it is ours)


class Filed(NamedTuple):
    """A file; withdrawn when it has a day on which it was."""

    pk: int
    pet: int
    name: str
    kind: str
    note: str
    size: int
    has_small: bool
    day: dt.date
    by: str
    withdrawn_on: dt.date | None
    withdrawn_by: str | None
    withdrawn_reason: str

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> "Filed":
        """As FILED has it, with days as text."""
        file = cls(*row)
        until = file.withdrawn_on and dt.date.fromisoformat(str(file.withdrawn_on))
        return file._replace(day=dt.date.fromisoformat(str(file.day)), withdrawn_on=until)


class Moved(NamedTuple):
    """A file that came from another animal, or went to it."""

    name: str
    origin: str
    pet: str
    by: str
    day: dt.date
    reason: str


@dataclass
class Shelf:
    """What templates/records/_files.html shows of an animal, or of one visit of it."""

    pet_id: int
    visit_id: int | None
    files: list[Filed]
    adds: bool
    sees: bool
    corrects: bool
    moves: list[Moved] = field(default_factory=list)


def shelf_of_visit(user, visit: Appointment, files: list[Filed]) -> Shelf:
    return _shelf(user, visit.pet_id, visit.pk, files)


def shelf_of_pet(user, pet_id: int, files: list[list], moves: list[list]) -> Shelf:
    """All files of an animal, and the traces of those moved to or from it: what the two statements selected."""
    moved = [Moved(*names, dt.date.fromisoformat(day), reason) for *names, day, reason in moves]
    return _shelf(user, pet_id, None, [Filed.of_row(row) for row in files], moves=moved)


def _shelf(user, pet_id: int, visit_id: int | None, files: list[Filed], **more: list[Moved]) -> Shelf:
    return Shelf(
        pet_id=pet_id,
        visit_id=visit_id,
        files=files,
        adds=user.may("upload_files"),
        sees=user.may("see_files"),
        corrects=user.may("correct_files"),
        **more,
    )
