"""The visit page: the record is written, treatments are added, at the end it is finished (billing's address)."""

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.models import Appointment
from records import actions, rules
from records.forms import RecordForm, TreatmentForm
from records.models import MedicalRecord, Treatment
from records.shelf import shelf
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

PAST_VISITS = 5
STALE = "medical_record_stale"
SAVED = "record_saved"  # in the session: which visit's text this person saved last, and when


@allowed("see_records")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; POST saves what is typed. A service chosen but not added yet is typed as well: Enter adds it."""
    if request.method == "POST" and request.POST.get("service"):
        return treatment_add(request, pk)
    appointment = get_visit(request, pk, to_write=request.method == "POST")
    if request.method != "POST":
        return visit_page(request, appointment)
    return save_typed(request, appointment) or redirect("visit", pk=pk)


@allowed("write_records")
@require_POST
def visit_start(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = get_visit(request, pk, to_write=True)
    try:
        actions.start_visit(appointment=appointment, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    return redirect("visit", pk=pk)


@allowed("write_records")
@require_POST
def treatment_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a treatment; the text typed beside it is saved as well, so that nothing is lost without JavaScript."""
    appointment = get_visit(request, pk, to_write=True)
    return save_typed(request, appointment) or add_typed(request, appointment) or _back_to_bill(pk)


@allowed("write_records")
@require_POST
def treatment_remove(request: HttpRequest, pk: int, treatment_pk: int) -> HttpResponse:
    """Take a treatment off the bill. One that is gone already, by a second click, is what was wanted."""
    appointment = get_visit(request, pk, to_write=True)
    refused = save_typed(request, appointment)
    if refused:
        return refused
    treatment = Treatment.objects.filter(pk=treatment_pk, appointment=appointment).first()
    try:
        if treatment:
            actions.remove_treatment(treatment=treatment, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    return _back_to_bill(pk)


def get_visit(request: HttpRequest, pk: int, *, to_write: bool) -> Appointment:
    """The visit, if this person may see it, and write it: another vet's visit is not there for a writer."""
    appointment = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    if to_write and not rules.can_write_record_of(request.user, appointment):
        raise Http404
    return appointment


def save_typed(request: HttpRequest, appointment: Appointment) -> HttpResponse | None:
    """Save the record's text of the posted form; None, or the page that says why it could not be saved."""
    form, record = RecordForm(request.POST), _record_of(appointment)
    if record is None:
        messages.error(request, _("Start the visit first."))
        return visit_page(request, appointment, status=409)
    if not form.is_valid():
        return visit_page(request, appointment, record_form=form, status=422)
    try:
        actions.save_record(record=record, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return _conflict_page(request, appointment, form)
    request.session[SAVED] = [appointment.pk, timezone.now().isoformat()]
    return None


def add_typed(request: HttpRequest, appointment: Appointment) -> HttpResponse | None:
    """Add the treatment of the posted form; None, or the page that says why it could not be added."""
    form = TreatmentForm(request.POST, day=actions.local_day(appointment, timezone.now()))
    try:
        if form.is_valid():
            actions.add_treatment(appointment=appointment, **form.cleaned_data, by=request.user)
            return None
    except RuleViolation as violation:
        add_violation(form, violation)
    return visit_page(request, appointment, treatment_form=form, status=422)


def _conflict_page(request: HttpRequest, appointment: Appointment, form: RecordForm) -> HttpResponse:
    """What was typed beside what is stored by now; the next save replaces exactly the text shown here."""
    stored = _record_of(appointment)
    form.data = form.data.copy()
    form.data["version"] = stored.version
    return visit_page(request, appointment, record_form=form, differing=form.differing(stored), status=409)


def visit_page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    record_form: RecordForm | None = None,
    treatment_form: TreatmentForm | None = None,
    differing: Sequence[tuple[str, str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """The page with what was typed. `differing`: heading, typed and stored text where a save was refused."""
    record, now = _record_of(appointment), timezone.now()
    writable = record is not None and not record.is_signed and rules.can_write_record_of(request.user, appointment)
    treatments = list(appointment.treatments.select_related("service").order_by("id"))
    day = actions.local_day(appointment, now)
    context = {
        "visit": appointment,
        "record": record,
        "writable": writable,
        "can_start": rules.can_start(request.user, appointment, record),
        "form": record_form or (RecordForm.of(record) if writable else None),
        "differing": differing,
        "treatment_form": (treatment_form or TreatmentForm(day=day)) if writable else None,
        "treatments": treatments,
        "total": sum(treatment.total for treatment in treatments),
        "past": _past(appointment),
        "day": day,
        "now": now,
        "saved_at": _saved_at(request, appointment),
        "zone": actions.zone_of(appointment),
        "shelf": shelf(request.user, pet_id=appointment.pet_id, visit=appointment),
    }
    return render(request, "records/visit.html", context, status=status)


def _record_of(appointment: Appointment) -> MedicalRecord | None:
    return MedicalRecord.objects.filter(appointment=appointment).select_related("appointment__vet").first()


def _past(appointment: Appointment) -> list[MedicalRecord]:
    records = MedicalRecord.objects.filter(appointment__pet=appointment.pet_id, appointment__date__lt=appointment.date)
    return list(records.select_related("appointment").order_by("-appointment__date")[:PAST_VISITS])


def _saved_at(request: HttpRequest, appointment: Appointment) -> dt.datetime | None:
    """When this person saved the text of this visit, if it was the last one that they saved."""
    pk, moment = request.session.get(SAVED, (None, ""))
    return dt.datetime.fromisoformat(moment) if pk == appointment.pk else None


def _back_to_bill(pk: int) -> HttpResponse:
    return redirect(f"{reverse('visit', args=[pk])}#bill")
