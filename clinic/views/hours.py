"""Working time of the vets: the week, leave, holidays; and the visits that a change would displace."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import hours
from clinic.hours_forms import ExceptionForm, WeekForm
from clinic.models import Branch, Veterinarian, WorkingException
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation


@allowed("edit_hours")
def working_time(request: HttpRequest) -> HttpResponse:
    """Every vet's week at a glance, coming exceptions, and visits that lie outside of working time."""
    vets = list(Veterinarian.objects.working().in_board_order().prefetch_related("working_hours"))
    now = timezone.now()
    exceptions = WorkingException.objects.filter(ends_at__gte=now).select_related("vet__branch", "branch")
    context = {
        "vets": vets,
        "branches": Branch.objects.order_by("name"),
        "exceptions": exceptions.order_by("starts_at"),
        "displaced": hours.visits_to_settle(Veterinarian.objects.select_related("branch"), now),
    }
    return render(request, "clinic/hours.html", context)


@allowed("edit_hours", "GET", "POST")
def vet_hours(request: HttpRequest, pk: int) -> HttpResponse:
    vet = get_object_or_404(Veterinarian.objects.working().select_related("branch"), pk=pk, branch__isnull=False)
    form = WeekForm(request.POST or None, hours=vet.working_hours.all())
    displaced = None
    if form.is_valid():
        try:
            hours.set_week(vet=vet, week=form.week, accepted=request.POST.get("accepted", ""), by=request.user)
        except hours.VisitsDisplaced as violation:
            displaced = violation
        except RuleViolation as violation:
            form.add_error(None, violation.message)
        else:
            messages.success(request, _("Saved: working hours of %(vet)s.") % {"vet": vet})
            return redirect("working_time")
    context = {"vet": vet, "form": form, "displaced": displaced}
    return render(request, "clinic/hours_vet.html", context, status=_status(form, displaced))


@allowed("edit_hours", "GET", "POST")
def exception_add(request: HttpRequest, whose: str, pk: int) -> HttpResponse:
    """`whose`: vet or branch."""
    if whose == "vet":
        vet, branch = get_object_or_404(Veterinarian.objects.working().select_related("branch"), pk=pk), None
    else:
        vet, branch = None, get_object_or_404(Branch, pk=pk)
    zone = vet.zone if vet else branch.zone
    form, displaced = ExceptionForm(request.POST or None, initial=_today(zone)), None
    if form.is_valid():
        try:
            hours.add_exception(
                vet=vet,
                branch=branch,
                **form.details(zone),
                accepted=request.POST.get("accepted", ""),
                by=request.user,
            )
        except hours.VisitsDisplaced as violation:
            displaced = violation
        except RuleViolation as violation:
            form.add_error(None, violation.message)
        else:
            messages.success(request, _("Saved: %(whose)s.") % {"whose": vet or branch})
            return redirect("working_time")
    context = {"whose": vet or branch, "form": form, "displaced": displaced}
    return render(request, "clinic/hours_exception.html", context, status=_status(form, displaced))


@allowed("edit_hours", "POST")
def exception_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an exception back; one that is gone already, by a second click, is what was wanted."""
    exception = WorkingException.objects.select_related("vet__branch", "branch").filter(pk=pk).first()
    if exception is None:
        return redirect("working_time")
    try:
        hours.remove_exception(exception=exception, accepted=request.POST.get("accepted", ""), by=request.user)
    except hours.VisitsDisplaced as violation:
        context = {"displaced": violation, "exception": exception}
        return render(request, "clinic/hours_remove.html", context, status=409)
    messages.success(request, _("Taken back: %(exception)s.") % {"exception": exception.get_kind_display()})
    return redirect(reverse("working_time"))


def _today(zone) -> dict:
    today = timezone.localdate(timezone.now(), zone)
    return {"first": today, "last": today}


def _status(form, displaced) -> int:
    return 409 if displaced else 422 if form.is_bound else 200
