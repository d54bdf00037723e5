"""What reception sees of a visit's reminders."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Appointment, Reminder, ReminderKind, ReminderState
from clinic.models.reminder import BEFORE
from clinic.reminders.planning import is_wanted

IN_DOUBT_AFTER = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One reminder for people: `at` on the branch's clock, `tone` a class of the style sheet."""

    kind: str | Promise
    at: dt.datetime
    state: str | Promise
    tone: str = ""


def lines_of(visit: Appointment, now: dt.datetime) -> list[Line]:
    """What was, is or will be sent about a visit, in order of time; the worker has not planned the far ones yet."""
    known = list(visit.reminders.order_by("due_at", "id"))
    there = {row.kind for row in known if row.visit_at == visit.date and row.state != ReminderState.DROPPED}
    lines = [_line(row, now, visit.vet.zone) for row in known if row.kind not in there or row.visit_at == visit.date]
    for kind in ReminderKind:
        due_at = visit.date - BEFORE[kind]
        if kind not in there and now < due_at and is_wanted(visit, kind, now):
            lines.append(Line(kind.label, due_at.astimezone(visit.vet.zone), ReminderState.WAITING.label))
    return sorted(lines, key=lambda line: line.at)


def _line(row: Reminder, now: dt.datetime, zone: dt.tzinfo) -> Line:
    at = (row.sent_at or row.due_at).astimezone(zone)
    kind, state, tone = ReminderKind(row.kind).label, ReminderState(row.state).label, ""
    if row.answer:
        state = _("sent; the owner has answered")
    elif row.state == ReminderState.SENDING and row.claimed_at and row.claimed_at + IN_DOUBT_AFTER < now:
        state, tone = _("perhaps not sent: better call"), "warn"
    elif row.state == ReminderState.FAILED:
        state, tone = _("could not be sent: better call"), "bad"
    return Line(kind, at, state, tone)
