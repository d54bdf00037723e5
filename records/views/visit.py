"""The visit page: the record is written, treatments are added, at the end it is finished (billing's address)."""

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.models import Appointment
from records import actions, rules
from records.drafts import drop_drafts
from records.forms import TEXTS, AddendumForm, OpenPageForm, RecordForm, TreatmentForm
from records.models import MedicalRecord, Treatment
from records.settling import Difference, differences, settled
from records.shelf import shelf
from records.views import bill, vaccinations, vitals
from records.views.sheet import sheet
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation

SHOWN_WITH_A_VISIT = ("pet__pet_owner", "vet__branch", "medical_record")
PARTS = ("bill", "vaccinations")  # of the page, with a button of their own
SAVED = "record_saved"  # in the session: which visit's text this person saved last, and when


@allowed("see_records")
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
    visits = Appointment.objects.visible_to(request.user).select_related(*SHOWN_WITH_A_VISIT)
    appointment = get_object_or_404(visits, pk=pk)
    if to_write and not rules.can_write_record_of(request.user, appointment):
        raise Http404
    return appointment


def save_typed(request: HttpRequest, appointment: Appointment, data: QueryDict | None = None) -> HttpResponse | None:
    """Save the record's text of the posted form (or `data`); None, or the page that says why it could not be saved."""
    record = record_of(appointment)
    if record is None:
        messages.error(request, _("Start the visit first."))
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


def visit_page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    record_form: RecordForm | None = None,
    treatment_form: TreatmentForm | None = None,
    addendum_form: AddendumForm | None = None,
    differing: Sequence[Difference] = (),
    status: int = 200,
) -> HttpResponse:
    """The page with what was typed. `differing`: the texts about which a save was refused."""
    is_read = request.method == "GET"  # nothing has been written since the visit was fetched with its record
    record = getattr(appointment, "medical_record", None) if is_read else record_of(appointment)
    now = timezone.now()
    mine = rules.can_write_record_of(request.user, appointment)
    writable = mine and record is not None and not record.is_signed
    beside = sheet(request, appointment, record, mine=mine)
    treatments = list(appointment.treatments.select_related("service").order_by("id"))
    day = actions.local_day(appointment, now)
    form = record_form or (RecordForm.of(record, beside.get("draft")) if writable else None)
    typed = request.POST if request.method == "POST" else getattr(beside.get("draft"), "fields", None)
    context = {
        "visit": appointment,
        "record": record,
        "writable": writable,
        "can_start": rules.can_start(request.user, appointment, record),
        "form": form,
        "differing": differing,
        "treatment_form": (treatment_form or TreatmentForm(day=day)) if writable else None,
        "treatments": treatments,
        "day": day,
        "now": now,
        "saved_at": _saved_at(request, appointment) if status == 200 else None,
        "is_refused": status != 200,
        "zone": actions.zone_of(appointment),
        "texts": _texts(form, differing) if writable else [],
        "fill_at": reverse("record_fill", args=[appointment.pk]),
        **beside,
        **vitals.context(request, appointment, typed if writable else None),
        **bill.context(request, appointment, treatments, typed, writable=writable),
        **vaccinations.context(request, appointment, treatments, typed, day=day, writable=writable),
        "shelf": shelf(request.user, pet_id=appointment.pet_id, visit=appointment),
    }
    if addendum_form:
        context["addendum_form"] = addendum_form
    return render(request, "records/visit.html", context, status=status)


def _texts(form: RecordForm, differing: Sequence[Difference]) -> list[tuple[BoundField, Difference | None]]:
    """The texts in their order, each with what there is to settle about it."""
    unsettled = {each.name: each for each in differing}
    return [(form[name], unsettled.get(name)) for name in TEXTS]


def record_of(appointment: Appointment) -> MedicalRecord | None:
    """The record as it is stored now; its visit is the one given, not fetched again."""
    record = MedicalRecord.objects.filter(appointment=appointment).first()
    if record:
        record.appointment = appointment
    return record


def _saved_at(request: HttpRequest, appointment: Appointment) -> dt.datetime | None:
    """When this person saved the text of this visit, if it was the last one that they saved."""
    pk, moment = request.session.get(SAVED, (None, ""))
    return dt.datetime.fromisoformat(moment) if pk == appointment.pk else None


def _back_to_bill(pk: int) -> HttpResponse:
    return redirect(f"{reverse('visit', args=[pk])}#bill")
