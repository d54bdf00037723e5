"""A visit: the record is written, treatments are added, at the end it is finished (billing's address)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from clinic.models import Appointment
from records import actions
from records.drafts import drop_drafts
from records.forms import OpenPageForm, RecordForm, TreatmentForm
from records.models import MedicalRecord, Treatment
from records.rules import why_not_open
from records.settling import differences, settled
from records.views import bill, vaccinations, vitals
from records.views.page import SAVED, get_visit, record_of, visit_page
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

PARTS = ("bill", "vaccinations")  # of the page, with a button of their own


@allowed("see_records", "GET", "POST")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; POST saves what is typed. A service chosen but not added yet is typed as well: Enter adds it."""
    if request.method == "POST" and request.POST.get("service"):
        return treatment_add(request, pk)
    appointment = get_visit(request, pk, to_write=request.method == "POST")
    if request.method != "POST":
        return visit_page(request, appointment)
    if refused := save_typed(request, appointment):
        return refused
    at = request.POST.get("at")
    return redirect(reverse("visit", args=[pk]) + (f"#{at}" if at in PARTS else ""))


@allowed("write_records", "POST")
def visit_start(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = get_visit(request, pk, to_write=True)
    try:
        actions.start_visit(appointment=appointment, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    return redirect("visit", pk=pk)


@allowed("write_records", "POST")
def treatment_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a treatment; the text typed beside it is saved as well, so that nothing is lost without JavaScript."""
    appointment = get_visit(request, pk, to_write=True)
    return save_typed(request, appointment) or add_typed(request, appointment) or _back_to_bill(pk)


@allowed("write_records", "POST")
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


def save_typed(request: HttpRequest, appointment: Appointment, data: QueryDict | None = None) -> HttpResponse | None:
    """Save the record's text of the posted form (or `data`); None, or the page that says why it could not be saved."""
    record = record_of(appointment)
    if record is None:
        messages.error(request, why_not_open(appointment))
        return visit_page(request, appointment, status=409)
    if record.is_signed:
        return visit_page(request, appointment, status=409)  # with all that was typed
    form = RecordForm(settled(data or request.POST, record))
    if not form.is_valid():
        return visit_page(request, appointment, record_form=form, status=422)
    parts = (vitals, bill, vaccinations)
    if refused := next(filter(None, (part.save_posted(request, appointment) for part in parts)), None):
        return visit_page(request, appointment, record_form=form, status=refused)
    try:
        actions.save_record(record=record, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return _conflict_page(request, appointment, form)
    forget_page(request, record)
    request.session[SAVED] = [appointment.pk, timezone.now().isoformat()]
    return None


def forget_page(request: HttpRequest, record: MedicalRecord) -> None:
    """What the page held is saved: its draft, and the one that it went on from, have done their work."""
    page = OpenPageForm(request.POST)
    if page.is_valid():
        drop_drafts(record=record, **page.cleaned_data, by=request.user)


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
    stored = record_of(appointment)
    form.data = form.data.copy()
    form.data["version"] = stored.version
    return visit_page(request, appointment, record_form=form, differing=differences(form, stored), status=409)


def _back_to_bill(pk: int) -> HttpResponse:
    return redirect(f"{reverse('visit', args=[pk])}#bill")
