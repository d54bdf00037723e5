"""Changing when vets work. No booked visit loses its working time silently: the person has to have seen the list."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Branch, Veterinarian, WorkingException, WorkingHours
from clinic.timetable import Closed, working_stretches, working_time
from clinic.working_time import holds
from vetclinic.locks import Lock, already_done, take_lock
from vetclinic.refusals import RuleViolation, action

Week = list[tuple[int, dt.time, dt.time]]  # (1 for Monday … 7, from, to)


class VisitsDisplaced(RuleViolation):
    """A change would leave booked `visits` outside of working time. `seal` names exactly these visits."""

    def __init__(self, visits: list[Appointment]):
        super().__init__("visits_displaced", _("Booked visits would lie outside of working time."))
        self.visits, self.seal = visits, seal(visits)


class ClockChanged(VisitsDisplaced):
    """Another time zone would give `visits` other times: the first ones with the time before and after, naive."""

    SHOWN = 50

    def __init__(self, visits: list[Appointment], before: dt.tzinfo, after: dt.tzinfo):
        super().__init__(visits)
        self.seal = hashlib.sha256(f"{self.seal} {after}".encode()).hexdigest()[:32]
        self.more = max(0, len(visits) - self.SHOWN)
        self.times = [
            (visit, timezone.make_naive(visit.date, before), timezone.make_naive(visit.date, after))
            for visit in visits[: self.SHOWN]
        ]


@action
def set_week(*, vet: Veterinarian, week: Week, accepted: str = "", now: dt.datetime | None = None, by) -> None:
    """Give a vet other weekly hours. `accepted`: the seal of the displaced visits that the person has seen."""
    now = now or timezone.now()
    before = _lock_and_list([vet], now)
    WorkingHours.objects.filter(vet=vet).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(vet=vet, weekday=weekday, starts_at=opens, ends_at=closes) for weekday, opens, closes in week
    )
    _check_displaced([vet], before, accepted, now)


@action
def add_exception(
    *,
    vet: Veterinarian | None,
    branch: Branch | None,
    accepted: str = "",
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
    **details,
) -> WorkingException:
    """Close (or open) a time of a vet or of a branch. `details`: kind, starts_at, ends_at (aware), note."""
    noted = already_done(WorkingException, request_key, vet=vet, branch=branch, **details)
    if noted:
        return noted
    now, vets = now or timezone.now(), _vets_of(vet, branch)
    before = _lock_and_list(vets, now)
    exception = WorkingException.objects.create(
        vet=vet, branch=branch, **details, created_by=by, request_key=request_key
    )
    _check_displaced(vets, before, accepted, now)
    return exception


@action
def remove_exception(*, exception: WorkingException, accepted: str = "", now: dt.datetime | None = None, by) -> None:
    """Take an exception back. Additional hours may have visits in them by now."""
    now, vets = now or timezone.now(), _vets_of(exception.vet, exception.branch)
    before = _lock_and_list(vets, now)
    WorkingException.objects.filter(pk=exception.pk).delete()
    _check_displaced(vets, before, accepted, now)


def check_vet_moves(
    before: Veterinarian, after: Veterinarian, *, accepted: str, now: dt.datetime | None = None
) -> None:
    """A vet leaves, or goes to another branch. Within the transaction that saves it: bookers of the vet wait."""
    now = now or timezone.now()
    known = _lock_and_list([before], now)
    _check_displaced([after], known, accepted, now)


def check_clock(branch: Branch, zone: dt.tzinfo, *, accepted: str, now: dt.datetime | None = None) -> None:
    """A branch gets another time zone. Within the transaction that saves it: bookers of its vets wait."""
    vets = list(Veterinarian.objects.filter(branch=branch).order_by("pk"))
    for vet in vets:
        take_lock(Lock.VET, vet.pk)
    visits = _coming(vets, now or timezone.now())
    changed = ClockChanged(visits, branch.zone, zone)
    if visits and changed.seal != accepted:
        raise changed


def displaced_visits(vets: Iterable[Veterinarian], now: dt.datetime) -> list[Appointment]:
    """Coming visits that lie outside of their vet's working time, in order of time. Who has left does not work.

    Also those squeezed in: one that was put over another visit is displaced by leave as any other is.
    """
    vets = list(vets)
    visits = _coming(vets, now)
    work = working_stretches([vet for vet in vets if vet.is_active], *_days_of(visits)) if visits else {}
    return [visit for visit in visits if not holds(work.get(visit.vet_id, []), visit.date, visit.ends_at)]


def visits_to_settle(vets: Iterable[Veterinarian], now: dt.datetime) -> list[Appointment]:
    """Those displaced visits that somebody has to move: one squeezed in outside of the week's hours on purpose is
    none, unless its vet is away by now."""
    vets = list(vets)
    visits = displaced_visits(vets, now)
    if not visits:
        return []
    closed = working_time(vets, *_days_of(visits)).closed
    return [visit for visit in visits if not visit.squeezed_in or _is_away(visit, closed.get(visit.vet_id, []))]


def _is_away(visit: Appointment, closed: list[Closed]) -> bool:
    return not visit.vet.is_active or any(each.starts < visit.ends_at and each.ends > visit.date for each in closed)


def _coming(vets: list[Veterinarian], now: dt.datetime) -> list[Appointment]:
    coming = Appointment.objects.filter(vet__in=vets, date__gte=now, status__in=AppointmentStatus.holding_a_slot())
    return list(coming.select_related("vet__branch", "pet__pet_owner").order_by("date", "id"))


def _days_of(visits: list[Appointment]) -> tuple[dt.date, int]:
    """The first day and the number of days of visits in order, on whatever clock."""
    first = visits[0].date.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    return first, (visits[-1].date.astimezone(dt.UTC).date() - first).days + 2


def seal(visits: Iterable[Appointment]) -> str:
    """Changes with the list: a visit that was booked meanwhile makes the page ask again."""
    return hashlib.sha256(repr([(visit.pk, visit.date, visit.ends_at) for visit in visits]).encode()).hexdigest()[:32]


def _vets_of(vet: Veterinarian | None, branch: Branch | None) -> list[Veterinarian]:
    return [vet] if vet else list(Veterinarian.objects.working().filter(branch=branch).select_related("branch"))


def _lock_and_list(vets: list[Veterinarian], now: dt.datetime) -> set[int]:
    """Hold the lock that bookers hold too, and see which visits lie outside already."""
    for number in sorted(vet.pk for vet in vets):
        take_lock(Lock.VET, number)
    return {visit.pk for visit in displaced_visits(vets, now)}


def _check_displaced(vets: list[Veterinarian], before: set[int], accepted: str, now: dt.datetime) -> None:
    newly = [visit for visit in displaced_visits(vets, now) if visit.pk not in before]
    if newly and seal(newly) != accepted:
        raise VisitsDisplaced(newly)
