"""The page behind a letter's link: confirm or cancel a visit without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import rules
from clinic.enums import AppointmentStatus
from clinic.models import Reminder, ReminderAnswer
from clinic.reminders.answers import answer_reminder, find
from vetclinic.access.decorators import PUBLIC, allowed
from vetclinic.refusals import RuleViolation


@allowed(PUBLIC, "GET", "POST")
def visit_answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the visit and two buttons and changes nothing: mail scanners open links. POST answers, once."""
    reminder = find(token)
    if reminder is None:
        raise Http404
    if request.method != "POST":
        return _page(request, reminder)
    if request.POST.get("answer") not in ReminderAnswer.values:
        return _page(request, reminder, status=422, fault=_("Choose one of the two answers."))
    try:
        answer_reminder(token=token, answer=ReminderAnswer(request.POST["answer"]))
    except RuleViolation:
        return _page(request, find(token) or reminder, status=409)
    return redirect("visit_answer", token=token)


def _page(request: HttpRequest, reminder: Reminder, *, status: int = 200, fault: str = "") -> HttpResponse:
    visit = reminder.appointment
    try:
        rules.check_can_be_answered(reminder, visit, timezone.now())
        closed = ""
    except RuleViolation as violation:
        closed = violation.message
    context = {
        "pet": visit.pet,
        "branch": visit.vet.branch,
        "starts": timezone.make_naive(reminder.visit_at, visit.vet.zone),
        "closed": closed,
        "fault": fault,
        "is_confirmed": visit.state == AppointmentStatus.CONFIRMED,
    }
    response = render(request, "clinic/visit_answer.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Not "no-referrer": a browser would then send its form with "Origin: null", which the check of forms refuses.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
