"""What helps and follows the writing of a record: drafts, offered texts, addenda."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from records.actions import zone_of
from records.addenda import append_addendum
from records.drafts import drop_drafts, keep_draft, typed_fields
from records.filling import filled
from records.forms import TEXTS, AddendumForm, DraftForm, OpenPageForm
from records.models import RecordTemplate
from records.rules import why_not_open
from records.settling import settled
from records.views.page import get_visit, record_of, visit_page
from records.views.visit import forget_page, save_typed
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("write_records", "POST")
def draft_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed without saving it. Asked by static/js/visit.js; the answer is the words of its status line."""
    appointment = get_visit(request, pk, to_write=True)
    record, form = record_of(appointment), DraftForm(request.POST)
    if record is None or not form.is_valid():
        return _words(_("Not kept: reload the page."), status=409)
    fields = typed_fields(settled(request.POST, record))
    try:
        draft = keep_draft(record=record, fields=fields, **form.draft(), by=request.user)
    except RuleViolation as violation:
        return _words(violation.message, status=422)
    if draft is None:
        return HttpResponse(status=204)
    time = time_format(timezone.localtime(draft.kept_at, zone_of(appointment)), "H:i")
    return _words(_("Draft kept at %(time)s") % {"time": time})


@allowed("write_records", "POST")
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the draft named by the button; with the one in the form, what was typed on in this page goes as well."""
    appointment = get_visit(request, pk, to_write=True)
    record, page = record_of(appointment), OpenPageForm(request.POST)
    discarded = OpenPageForm({"window": request.POST.get("window"), "continues": request.POST.get("discard")})
    if record and page.is_valid() and discarded.is_valid():
        continues = discarded.cleaned_data["continues"]
        in_form = continues == page.cleaned_data["continues"]
        window = page.cleaned_data["window"] if in_form else None
        drop_drafts(record=record, window=window, continues=continues, by=request.user)
    return redirect("visit", pk=pk)


@allowed("write_records", "POST")
def record_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Without JavaScript a click on an offered text saves what is typed together with it."""
    appointment = get_visit(request, pk, to_write=True)
    template = RecordTemplate.objects.filter(pk=_number(request.POST.get("template", "")), is_active=True)
    offered = template.values(*TEXTS).first() or {"diagnosis": request.POST.get("earlier", "")}
    data = settled(request.POST, record_of(appointment))
    for name, text in filled(data, offered).items():
        data[name] = text
    return save_typed(request, appointment, data) or redirect("visit", pk=pk)


@allowed("write_records", "POST")
def addendum_add(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = get_visit(request, pk, to_write=True)
    record, form = record_of(appointment), AddendumForm(request.POST)
    if record is None:
        messages.error(request, why_not_open(appointment))
        return visit_page(request, appointment, status=409)
    try:
        if form.is_valid():
            key, text = form.cleaned_data["request_key"], form.cleaned_data["addendum"]
            append_addendum(record=record, text=text, request_key=key, by=request.user)
            forget_page(request, record)
            return redirect(f"{reverse('visit', args=[pk])}#addenda")
    except RuleViolation as violation:
        add_violation(form, violation)
        messages.error(request, violation.message)
        return visit_page(request, appointment, addendum_form=form, status=409)
    return visit_page(request, appointment, addendum_form=form, status=422)


def _words(text, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _number(text: str) -> int | None:
    """The id that a button names; None for anything that is no id of a row."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
