"""The visit page: the record is written, treatments are added, at the end it is finished (billing's address)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records import actions, rules
from records.forms import RecordForm, TreatmentForm
from records.models import MedicalRecord, Treatment
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

PAST_VISITS = 5
STALE = "medical_record_stale"


@allowed("see_records")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; POST saves what is typed."""
    appointment = get_visit(request, pk, to_write=request.method == "POST")
    if request.method != "POST":
        return visit_page(request, appointment)
    refused = save_typed(request, appointment)
    if refused:
        return refused
    messages.success(request, _("Saved."))
    return redirect("visit", pk=pk)


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
    refused = save_typed(request, appointment)
    if refused:
        return refused
    form = TreatmentForm(request.POST, day=actions.local_day(appointment, timezone.now()))
    try:
        if not form.is_valid():
            return visit_page(request, appointment, treatment_form=form, status=422)
        actions.add_treatment(appointment=appointment, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return visit_page(request, appointment, treatment_form=form, status=422)
    return redirect("visit", pk=pk)


@allowed("write_records")
@require_POST
def treatment_remove(request: HttpRequest, pk: int, treatment_pk: int) -> HttpResponse:
    appointment = get_visit(request, pk, to_write=True)
    treatment = get_object_or_404(Treatment, pk=treatment_pk, appointment=appointment)
    refused = save_typed(request, appointment)
    if refused:
        return refused
    try:
        actions.remove_treatment(treatment=treatment, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    return redirect("visit", pk=pk)


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
        stale = violation.code == STALE
        return visit_page(request, appointment, record_form=form, stored=record if stale else None, status=409)
    return None


def visit_page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    record_form: RecordForm | None = None,
    treatment_form: TreatmentForm | None = None,
    stored: MedicalRecord | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page with what was typed. With `stored` it shows that text beside, and a save then replaces it."""
    record = _record_of(appointment)
    writable = record is not None and not record.is_signed and rules.can_write_record_of(request.user, appointment)
    treatments = list(appointment.treatments.select_related("service").order_by("id"))
    if stored and record_form:
        record_form.data = record_form.data.copy()
        record_form.data["version"] = record.version
    context = {
        "visit": appointment,
        "record": record,
        "stored": stored,
        "writable": writable,
        "can_start": rules.can_write_record_of(request.user, appointment)
        and appointment.state in (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED, AppointmentStatus.ARRIVED),
        "form": (record_form or RecordForm.of(record)) if writable else None,
        "treatment_form": (
            treatment_form or TreatmentForm(day=actions.local_day(appointment, timezone.now())) if writable else None
        ),
        "treatments": treatments,
        "total": sum(treatment.total for treatment in treatments),
        "past": _past(appointment),
    }
    return render(request, "records/visit.html", context, status=status)


def _record_of(appointment: Appointment) -> MedicalRecord | None:
    return MedicalRecord.objects.filter(appointment=appointment).select_related("appointment__vet").first()


def _past(appointment: Appointment) -> list[MedicalRecord]:
    records = MedicalRecord.objects.filter(appointment__pet=appointment.pet_id, appointment__date__lt=appointment.date)
    return list(records.select_related("appointment").order_by("-appointment__date")[:PAST_VISITS])
