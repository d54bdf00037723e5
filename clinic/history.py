"""What happened to a visit, in sentences: from the log of changes, so also what was done in psql."""

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Veterinarian
from vetclinic.audit.models import Change

MOVES = {"date", "ends_at", "vet_id"}


@dataclass(frozen=True)
class Entry:
    at: dt.datetime
    who: str  # a person's name, or the database login of a change made past the site
    text: str


def history_of(visit: Appointment) -> list[Entry]:
    """The visit's changes, the oldest first. Two queries."""
    changes = list(Change.objects.filter(table="appointment", row_id=visit.pk).select_related("by").order_by("id"))
    rows = [row for change in changes for row in (change.before, change.after) if row]
    vets = Veterinarian.objects.in_bulk({row["vet_id"] for row in rows if "vet_id" in row})
    entries, now = [], {}
    for change in changes:
        before, now = now, now | (change.after or {})
        text = "; ".join(_sentences(change.after or {}, before, now, vets, visit.vet.zone))
        if text:
            who = change.by.get_full_name() or change.by.username if change.by else change.login
            entries.append(Entry(change.at, who, text))
    return entries


def _sentences(after: dict, before: dict, now: dict, vets: dict, zone: dt.tzinfo):
    """What one change means: `after` its columns, `before` and `now` all that is known of the visit around it."""
    if not before:
        yield _("booked for %(time)s") % {"time": _place(now, vets, zone)}
    elif MOVES & set(after):
        places = {"old": _place(before, vets, zone), "new": _place(now, vets, zone)}
        yield _("moved from %(old)s to %(new)s") % places
    if after.get("squeezed_in"):
        yield _("squeezed in: %(reason)s") % {"reason": now.get("squeezed_in_reason", "")}
    if before and "status_id" in after:
        state = str(AppointmentStatus(after["status_id"]).label)
        reason = after.get("cancelled_reason")
        yield f"{state}: {reason}" if reason else state
    if before and ("notes" in after or "reason" in after):
        yield _("reason or note changed")


def _place(row: dict, vets: dict, zone: dt.tzinfo) -> str:
    """When and with whom. A visit older than the log begins with what its first change knows."""
    if "date" not in row:
        return "…"
    start, end = (dt.datetime.fromisoformat(row[name]).astimezone(zone) for name in ("date", "ends_at"))
    time = f"{date_format(start, 'SHORT_DATE_FORMAT')}, {start:%H:%M}–{end:%H:%M}"
    return f"{time}, {vets[row['vet_id']]}" if row.get("vet_id") in vets else time
