"""The visit's page, as it is stored, or with what was typed and could not be saved."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.forms import BoundField, Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records import actions, rules
from records.beside import beside
from records.forms import TEXTS, HandOverForm, RecordForm, TreatmentForm
from records.models import MedicalRecord
from records.settling import Difference
from records.shelf import shelf_of_visit
from records.shelf_cells import file_items
from records.views import bill, vaccinations, vitals
from records.views.sheet import sheet
from vetclinic.access.decorators import allowed  # noqa: F401

SHOWN_WITH_A_VISIT = ("pet__pet_owner", "vet__branch", "medical_record")
NOT_COME = (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)
SAVED = "record_saved"  # in the session: which visit's text this person saved last, and when


def get_visit(request: HttpRequest, pk: int, *, to_write: bool) -> Appointment:
    """The visit, if this person may see it, and write it: another vet's visit is not there for a writer."""
    visits = Appointment.objects.visible_to(request.user).select_related(*SHOWN_WITH_A_VISIT)
    appointment = get_object_or_404(visits, pk=pk)
    if to_write and not rules.can_write_record_of(request.user, appointment):
        raise Http404
    return appointment


def record_of(appointment: Appointment) -> MedicalRecord | None:
    """The record as it is stored now; its visit is the one given, not fetched again."""
    record = MedicalRecord.objects.filter(appointment=appointment).first()
    if record:
        record.appointment = appointment
    return record


def visit_page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    record_form: RecordForm | None = None,
    differing: Sequence[Difference] = (),
    status: int = 200,
    **refused: Form,
) -> HttpResponse:
    """The page with what was typed. `differing`: the texts about which a save was refused; `refused`: other forms, by
    their names in the context."""
    is_read = request.method == "GET"  # nothing has been written since the visit was fetched with its record
    record = getattr(appointment, "medical_record", None) if is_read else record_of(appointment)
    mine = rules.can_write_record_of(request.user, appointment)
    writable = mine and record is not None and not record.is_signed
    now = timezone.now()
    day = actions.local_day(appointment, now)
    shown = beside(appointment, record, request.user, day=day, mine=mine, writable=writable)
    text = sheet(request, appointment, record, shown, mine=mine)
    typed = request.POST if request.method == "POST" else getattr(text.get("draft"), "fields", None)
    shelf = shelf_of_visit(request.user, appointment, shown.files)
    context = {
        "visit": appointment,
        "record": record,
        "writable": writable,
        "can_start": rules.can_start(request.user, appointment, record, now),
        "why_no_record": "" if record else rules.why_not_open(appointment),
        "books_anew": appointment.state in NOT_COME and request.user.may("book") and not appointment.pet.deceased_at,
        "day": day,
        "now": now,
        "saved_at": _saved_at(request, appointment) if status == 200 else None,
        "is_refused": status != 200,
        "zone": actions.zone_of(appointment),
        **text,
        **vitals.context(request, appointment.pet.species, shown, typed, writable=writable),
        **bill.context(request, appointment, shown.treatments, typed, writable=writable),
        **vaccinations.context(request, appointment, shown, typed, writable=writable),
        "shelf": shelf,
        "files": file_items(shelf),
    }
    if writable:
        context |= _forms(record, text.get("draft"), record_form, differing)
        form = refused.setdefault("treatment_form", TreatmentForm(day=day))
        context["prices"] = form.price_list(shown.prices)
    if rules.can_hand_over(request.user, appointment):
        refused.setdefault("hand_over_form", HandOverForm(visit=appointment))
    return render(request, "records/visit.html", context | refused, status=status)


def _forms(record, draft, record_form: RecordForm | None, differing: Sequence[Difference]) -> dict[str, Any]:
    """The texts in their order, each with what there is to settle about it."""
    form, unsettled = record_form or RecordForm.of(record, draft), {each.name: each for each in differing}
    texts: list[tuple[BoundField, Difference | None]] = [(form[name], unsettled.get(name)) for name in TEXTS]
    return {"form": form, "differing": differing, "texts": texts}


def _saved_at(request: HttpRequest, appointment: Appointment) -> dt.datetime | None:
    """When this person saved the text of this visit, if it was the last one that they saved."""
    pk, moment = request.session.get(SAVED, (None, ""))
    return dt.datetime.fromisoformat(moment) if pk == appointment.pk else None
