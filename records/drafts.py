"""Drafts: what is typed into a record is kept as it is typed, until it is saved or discarded.

A draft belongs to one open page. Two pages of one person therefore never write over each other, and a page that
goes on from an older draft takes its place.
"""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from records import rules
from records.cells import WAS
from records.forms import TEXTS
from records.models import MedicalRecord, RecordDraft
from vetclinic.refusals import action

# Of the visit's form, what is no text of the record: these come with their buttons and are done at once.
PAGE_ITSELF = {"csrfmiddlewaretoken", "version", "before", "window", "continues", "request_key", "dose-request_key"}
NOT_TYPED = frozenset(PAGE_ITSELF | {"service", "quantity", "percent"})


@action
def keep_draft(
    *,
    record: MedicalRecord,
    window: UUID,
    version: int,
    fields: dict[str, str],
    continues: int | None = None,
    now: dt.datetime | None = None,
    by,
) -> RecordDraft | None:
    """Keep what the page `window` holds, in place of the draft that it `continues` (its id). None: it is all saved.

    A signed record is no hindrance: what was typed into it elsewhere meanwhile is not to be lost either.
    """
    rules.check_may_write_record_of(by, record.appointment)
    fields = _changed(fields)
    rules.check_draft_fits(fields)
    drafts = RecordDraft.objects.filter(record=record, writer=by)
    if continues:
        drafts.filter(pk=continues).exclude(window=window).delete()
    if is_saved(fields, record):
        drafts.filter(window=window).delete()
        return None
    draft = RecordDraft(
        record=record, writer=by, window=window, version=version, fields=fields, kept_at=now or timezone.now()
    )
    RecordDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["record", "writer", "window"],
        update_fields=["version", "fields", "kept_at"],
    )
    return draft


@action
def drop_drafts(*, record: MedicalRecord, window: UUID | None, continues: int | None, by) -> None:
    """What a page held is saved, or not wanted: forget its draft, and the one that it went on from."""
    RecordDraft.objects.filter(Q(window=window) | Q(pk=continues), record=record, writer=by).delete()


def _changed(fields: Mapping[str, str]) -> dict[str, str]:
    """Without the cells that nobody touched: those that stand as their `was_…`."""
    untouched = {name for name, value in fields.items() if fields.get(WAS + name) == value}
    return {name: value for name, value in fields.items() if name.removeprefix(WAS) not in untouched}


def typed_fields(data: Mapping[str, str]) -> dict[str, str]:
    """What a posted form says, by name, with line ends as they are stored."""
    return {name: value.replace("\r\n", "\n") for name, value in data.items() if name not in NOT_TYPED}


def is_saved(fields: Mapping[str, str], record: MedicalRecord) -> bool:
    """Whether the record says all of it. A changed cell is not saved; another further field is when it is empty."""
    cells = {name.removeprefix(WAS) for name in fields if name.startswith(WAS)}
    stored = {name: getattr(record, name) for name in TEXTS}
    return not cells and all(value == stored.get(name, "") for name, value in fields.items())
