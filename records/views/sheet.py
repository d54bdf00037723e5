"""What the sheet of a visit shows beside the stored text: drafts, offered texts, earlier visits, addenda."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from clinic.models import Appointment
from records.actions import zone_of
from records.beside import LONGEST_CHIP, Beside, Past
from records.drafts import is_saved
from records.filling import SHOWN
from records.forms import TEXTS, AddendumForm, OpenPageForm
from records.models import MedicalRecord, RecordDraft
from records.settling import settled
from records.sheet_cells import diagnosis_buttons, past_items, template_buttons
from records.unsaved import ADDENDUM, as_addendum, unsaved_parts

PAST_VISITS = 5
EARLIER_SHOWN = 6


def sheet(
    request: HttpRequest, appointment: Appointment, record: MedicalRecord | None, shown: Beside, *, mine: bool
) -> dict[str, Any]:
    """The context of _record.html and what stands under it. `mine`: the visit is this person's to write."""
    context: dict[str, Any] = {"past": past_items(shown.past[:PAST_VISITS])}
    if record is None:
        return context
    if mine:
        context |= _drafts(request, record, shown.drafts)
    if record.is_signed:
        context["addenda"] = shown.addenda
        return context | (_addendum(request, record, context["draft"]) if mine else {})
    if mine:
        offered = [
            template_buttons(chips, appointment.pk) for chips in (shown.templates[:SHOWN], shown.templates[SHOWN:])
        ]
        context |= {"templates": offered[0], "more_templates": offered[1]}
        context["earlier"] = diagnosis_buttons(_earlier(shown.past), appointment.pk)
    return context


def _addendum(request: HttpRequest, record: MedicalRecord, draft: RecordDraft | None) -> dict[str, Any]:
    """The form of an addendum: empty, with a draft, or with what came when the record was signed already."""
    if not any(name in request.POST for name in TEXTS):
        text = draft.fields[ADDENDUM] if draft else ""
        return {"addendum_form": AddendumForm(initial={ADDENDUM: text})}
    unsaved = unsaved_parts(settled(request.POST, record), record)
    form = AddendumForm(initial={ADDENDUM: as_addendum(unsaved)})
    return {"addendum_form": form, "unsaved": unsaved, "is_late": True}


def _drafts(request: HttpRequest, record: MedicalRecord, drafts: list[RecordDraft]) -> dict[str, Any]:
    """The draft in the form, if any; those to choose from; and which page this is."""
    drafts = [draft for draft in drafts if not is_saved(draft.fields, record)]
    if request.method == "POST":  # the form holds what was posted
        page = OpenPageForm(request.POST)
        known = page.cleaned_data if page.is_valid() else {}
        window, continues = known.get("window") or uuid.uuid4(), known.get("continues")
        others = [draft for draft in drafts if draft.window != window and draft.pk != continues]
        return {"window": window, "continues": continues, "draft": None, "other_drafts": _told(others, record)}
    draft = _in_form(drafts, record, request.GET.get("draft", ""))
    return {
        "window": uuid.uuid4(),
        "continues": draft.pk if draft else None,
        "draft": draft,
        "drafted": _when(draft, record) if draft else "",
        "other_drafts": _told([other for other in drafts if other is not draft], record),
    }


def _in_form(drafts: list[RecordDraft], record: MedicalRecord, wanted: str) -> RecordDraft | None:
    """The draft that comes back into the form by itself; of an open record also one that is asked for (its id).

    A draft of an older version waits until then: somebody, perhaps in another window, has saved since, and what is
    saved comes first. Under a signed record the form is that of an addendum.
    """
    if record.is_signed:
        return next((draft for draft in drafts if draft.fields.get(ADDENDUM)), None)
    chosen = (draft for draft in drafts if str(draft.pk) == wanted)
    return next(chosen, None) or next((draft for draft in drafts if draft.version == record.version), None)


def _told(drafts: list[RecordDraft], record: MedicalRecord) -> list[dict[str, Any]]:
    """Drafts with their times; of a signed record with what it does not say, under headings."""
    told = [{"draft": draft, "when": _when(draft, record)} for draft in drafts]
    if record.is_signed:
        for each in told:
            each["parts"] = unsaved_parts(each["draft"].fields, record)
    return told


def _when(draft: RecordDraft, record: MedicalRecord) -> str:
    """The time of a draft on the branch's clock, with its day unless that is today."""
    zone = zone_of(record.appointment)
    kept_at = timezone.localtime(draft.kept_at, zone)
    is_today = kept_at.date() == timezone.localdate(timezone=zone)
    return date_format(kept_at, "H:i" if is_today else "SHORT_DATETIME_FORMAT")


def _earlier(past: list[Past]) -> list[str]:
    """What this animal had before, each once, the last first; a long diagnosis is a story of its visit."""
    said = dict.fromkeys(each.diagnosis.strip() for each in past if len(each.diagnosis) <= LONGEST_CHIP)
    return [diagnosis for diagnosis in said if diagnosis][:EARLIER_SHOWN]
