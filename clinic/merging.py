"""Two records of one person become one, and two again. Why so: docs/decisions/0008-merge-of-owners.md.

Rows are locked in one order: the merge, owners by id, pets by id. Two opposite merges at once wait for each other.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic import rules
from clinic.models import OwnerMerge, Pet, PetOwner
from vetclinic.refusals import RuleViolation, action

PHONES = ("phone", "secondary_phone")
PLAIN = ("email", "address", "language")
CONSENT, SAID_AT = "email_reminders", "email_reminders_since"
FIELDS = ("last_name", "first_name", *PHONES, *PLAIN, CONSENT)
WRITTEN: dict[str, type[models.Model]] = {"pet_owner": PetOwner, "pet": Pet}

Cell = list[Any]  # table, id, column, before, after


@dataclass(frozen=True)
class MergeField:
    """One line of the preview. `left_out`: the merged record's value stays with it alone."""

    name: str
    target: str
    source: str
    result: str
    left_out: bool

    @property
    def label(self) -> str:
        return capfirst(_label(self.name))

    @property
    def is_phone(self) -> bool:
        return self.name in PHONES

    @property
    def is_refusal(self) -> bool:
        """The target agreed to what the source has refused."""
        return self.name == CONSENT and self.filled

    @property
    def filled(self) -> bool:
        return self.result != self.target


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do: `source` is closed, `target` stays and gets `pets` and `filled`."""

    source: PetOwner
    target: PetOwner
    pets: list[Pet]
    merged: list[PetOwner]
    filled: dict[str, Any]

    @property
    def seen(self) -> str:
        """Changes when anything does that the preview shows."""
        shown = [[owner.pk, *(getattr(owner, name) for name in FIELDS)] for owner in (self.source, self.target)]
        moved = [[row.pk for row in rows] for rows in (self.pets, self.merged)]
        return hashlib.sha256(repr([shown, moved]).encode()).hexdigest()

    @property
    def fields(self) -> Iterator[MergeField]:
        numbers = {getattr(self.target, name) for name in PHONES} | {self.filled.get(name) for name in PHONES}
        for name in FIELDS:
            target, source = (_shown(owner, name) for owner in (self.target, self.source))
            result = _shown(self.source, name, self.filled[name]) if name in self.filled else target
            left_out = source not in numbers if name in PHONES else _fold(source) != _fold(result)
            yield MergeField(name, target, source, result, bool(source) and left_out and name != CONSENT)


def preview_merge(source: PetOwner, target: PetOwner) -> MergePreview:
    """Two queries. Nothing is written."""
    return MergePreview(
        source=source,
        target=target,
        pets=list(Pet.objects.filter(pet_owner=source).order_by("pk")),
        merged=list(PetOwner.objects.filter(merged_into=source).order_by("pk")),
        filled=_filled(source, target),
    )


@action
def merge_owners(*, source: PetOwner, target: PetOwner, seen: str | None = None, by) -> OwnerMerge:
    """Close `source` and give `target` its animals and what is missing in `target`. The same again changes nothing.

    `seen` is that of the preview that was confirmed. Invoices stay as they are: an issued one never changes.
    """
    rows = {row.pk: row for row in _locked(PetOwner.objects.filter(pk__in=[source.pk, target.pk]))}
    source, target = rows[source.pk], rows[target.pk]
    if source.merged_into_id == target.pk:
        return OwnerMerge.objects.get(source=source, undone_at=None)
    rules.check_can_merge(source, target)
    pets = _locked(Pet.objects.filter(pet_owner=source))
    preview = preview_merge(source, target)
    rules.check_preview_is_fresh(seen, preview.seen)
    cells: list[Cell] = [
        *(["pet_owner", row.pk, "merged_into_id", source.pk, target.pk] for row in preview.merged),
        ["pet_owner", source.pk, "is_active", source.is_active, False],
        ["pet_owner", source.pk, "merged_into_id", None, target.pk],
        *(["pet", pet.pk, "pet_owner_id", source.pk, target.pk] for pet in pets),
        *(["pet_owner", target.pk, name, _kept(getattr(target, name)), new] for name, new in preview.filled.items()),
    ]
    _write([[table, pk, column, after] for table, pk, column, _before, after in cells])
    return OwnerMerge.objects.create(source=source, target=target, cells=cells, merged_by=by)


@action
def undo_merge(*, merge: OwnerMerge, by) -> OwnerMerge:
    """Put every cell back to what it was before the merge; refused when one has been changed since."""
    merge = OwnerMerge.objects.select_for_update().get(pk=merge.pk)
    rules.check_not_undone(merge)
    ids: dict[str, set[int]] = {table: {cell[1] for cell in merge.cells if cell[0] == table} for table in WRITTEN}
    rows = {
        table: {row.pk: row for row in _locked(WRITTEN[table]._default_manager.filter(pk__in=ids[table]))}
        for table in WRITTEN
    }
    for table, pk, column, _before, after in merge.cells:
        if _kept(getattr(rows[table][pk], column)) != after:
            raise RuleViolation("merge_changed_since", _changed_since(rows[table][pk], column))
    _write([[table, pk, column, before] for table, pk, column, before, _after in reversed(merge.cells)])
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def _locked(rows):
    return list(rows.order_by("pk").select_for_update())


def _write(cells: Iterable[Cell]) -> None:
    """Neighbouring cells of one row at once: when a consent was given is written with the consent itself."""
    for (table, pk), of_row in groupby(cells, key=lambda cell: (cell[0], cell[1])):
        WRITTEN[table]._default_manager.filter(pk=pk).update(**{column: value for _table, _pk, column, value in of_row})


def _filled(source: PetOwner, target: PetOwner) -> dict[str, Any]:
    """Column → value: what the target lacks and the source has. Of two answers about reminders the stricter holds."""
    known = [getattr(target, name) for name in PHONES]
    numbers = [number for name in PHONES if (number := getattr(source, name)) and number not in known]
    empty = [name for name in PHONES if not getattr(target, name)]
    filled: dict[str, Any] = dict(zip(empty, dict.fromkeys(numbers), strict=False))
    filled |= {name: getattr(source, name) for name in PLAIN if getattr(source, name) and not getattr(target, name)}
    if target.email_reminders and not source.email_reminders:
        filled |= {CONSENT: False, SAID_AT: _kept(source.email_reminders_since or timezone.now())}
    return filled


def _kept(value: Any) -> Any:
    """As a cell keeps it, in JSON."""
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _shown(owner: PetOwner, name: str, value: Any = None) -> str:
    """A column's value in words; `value` instead of the owner's."""
    value = getattr(owner, name) if value is None else value
    if name == CONSENT:
        return _("yes") if value else _("no")
    return str(dict(settings.LANGUAGES).get(value, "")) if name == "language" else value


def _changed_since(row: Pet | PetOwner, column: str) -> str:
    if isinstance(row, Pet):
        return _("%(pet)s has been given to another owner since: it cannot be given back.") % {"pet": row}
    if column == "merged_into_id":
        return _("%(owner)s has been merged on since: undo that merge first.") % {"owner": row}
    field = _label(column)
    return _("“%(field)s” of %(owner)s has been changed since the merge.") % {"field": field, "owner": row}


def _label(column: str) -> str:
    return str(PetOwner._meta.get_field(column).verbose_name)  # type: ignore[union-attr]


def _fold(text: str) -> str:
    return " ".join(text.lower().replace("ё", "е").split())
