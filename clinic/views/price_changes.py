"""Pages of Django admin by which prices change together. Each shows first what it would do."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import PriceChange
from clinic.price_files import download
from clinic.price_forms import BulkForm, ConfirmForm, ImportForm, PlanForm, keep_file
from clinic.price_history import history_of
from clinic.price_rules import can_undo_prices
from clinic.pricing import change_prices, undo_price_change
from clinic.time_forms import DayField
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.export import logger
from vetclinic.ui.forms import add_violation
from vetclinic.ui.uploads import takes_file


@allowed("edit_prices", "GET", "POST")
def bulk(request: HttpRequest) -> HttpResponse:
    form = BulkForm(_posted(request), initial={"since": _tomorrow(), "step": "1"})
    return _planned(request, form, "bulk", title=_("Change many prices"))


@allowed("edit_prices", "GET", "POST")
@takes_file
def import_file(request: HttpRequest) -> HttpResponse:
    """The file first, then what it would change, with the same two buttons as above."""
    title = _("Prices from a file")
    if "token" in request.POST:
        form = ConfirmForm(request.POST, user=request.user)
        if form.is_valid() or "token" not in form.errors:
            return _planned(request, form, "import", title=title)
        messages.error(request, form.errors["token"][0])
        return _page(request, "import", ImportForm(initial=request.POST.dict()), title=title, status=422)
    form = ImportForm(_posted(request), request.FILES or None, request=request, initial={"since": _tomorrow()})
    if not form.is_valid():
        return _page(request, "import", form, title=title, status=422 if form.is_bound else 200)
    typed = {name: form.cleaned_data[name] for name in ("since", "reason", "request_key")}
    token = keep_file(request.user, form.cleaned_data["file"])
    return _planned(request, ConfirmForm(typed | {"token": token}, user=request.user), "import", title=title)


@allowed("edit_prices")
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The price list of `day`, today's if none is named."""
    try:
        day = DayField(required=False).clean(request.GET.get("day", "")) or timezone.localdate()
    except ValidationError as error:
        raise Http404 from error
    logger.info("%s took the price list of %s as %s", request.user.get_username(), day, kind)
    return download(kind, day)


@allowed("edit_prices")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(PriceChange.objects.select_related("made_by", "undone_by"), pk=pk)
    lines = made.lines.select_related("opened").order_by("code")
    can_undo = can_undo_prices(made, timezone.now())
    return _page(request, "change", None, title=made.reason, change=made, lines=lines, can_undo=can_undo)


@allowed("edit_prices", "POST")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(PriceChange, pk=pk)
    try:
        undo_price_change(change=made, by=request.user)
        messages.success(request, _("Undone. The prices are what they were."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("admin:clinic_pricechange_change", pk)


@allowed("edit_prices")
def history(request: HttpRequest, service) -> HttpResponse:
    return _page(request, "history", None, title=service.name, service=service, history=history_of(service.code))


def _planned(request: HttpRequest, form: PlanForm, name: str, *, title: str) -> HttpResponse:
    """The form; once it is filled in, what it would do; and with “apply”, that it is done."""
    if not form.is_bound:
        return _page(request, name, form, title=title)
    if not form.is_valid():
        return _page(request, name, form, title=title, status=422)
    status, data = 200, form.cleaned_data
    if "apply" in request.POST:
        asked = {"shown": data["shown"], "reason": data["reason"], "request_key": data["request_key"]}
        try:
            return _done(request, change_prices(planner=form.planner(), **asked, by=request.user))
        except RuleViolation as violation:
            add_violation(form, violation)
            status = 409
    plan = form.planner()()
    return _page(request, name, form, title=title, status=status, plan=plan, request_key=uuid.uuid4())


def _done(request: HttpRequest, made: PriceChange) -> HttpResponse:
    count = made.lines.count()
    message = ngettext("%(count)s new price from %(day)s", "%(count)s new prices from %(day)s", count)
    messages.success(request, message % {"count": count, "day": date_format(made.since)})
    return redirect("admin:clinic_pricechange_change", made.pk)


def _page(request: HttpRequest, name: str, form, *, status: int = 200, **context: Any) -> HttpResponse:
    everywhere = admin.site.each_context(request)
    template = f"admin/clinic/service/{name}.html"
    return TemplateResponse(request, template, everywhere | {"form": form} | context, status=status)


def _posted(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def _tomorrow() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=1)
