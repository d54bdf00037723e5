"""Working time where it is easy to get wrong: stretches that touch, clock changes, visits that come back."""

import datetime as dt
import zoneinfo

import pytest
from django.test import Client

from clinic import hours
from clinic.actions import book_appointment, change_status, move_appointment, undo
from clinic.availability import free_slots_of_day
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, WorkingHours
from clinic.timetable import working_stretches
from clinic.working_time import holds, moment_of
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, BranchFactory, PetFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = dt.date(2030, 3, 31), dt.date(2030, 10, 27)


@pytest.fixture
def manager():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="manager"))
    return client


def vet_of(zone, *stretches):
    """A vet of a branch in `zone`, at work every day in `stretches` of (hour, minute, hour, minute)."""
    vet = VetFactory(branch=BranchFactory(time_zone=zone))
    WorkingHours.objects.filter(vet=vet).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(vet=vet, weekday=day, starts_at=dt.time(*each[:2]), ends_at=dt.time(*each[2:]))
        for day in range(1, 8)
        for each in stretches
    )
    return vet


def starts(vet, day, minutes=30, now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
    return [f"{slot.start:%H:%M}" for slot in free_slots_of_day([vet], day, minutes, now)]


def leave(vet, start, end):
    return hours.add_exception(vet=vet, branch=None, kind="leave", starts_at=start, ends_at=end, by=None)


def test_visit_after_midnight_within_additional_hours_takes_its_time():
    vet, evening = vet_of("Europe/Moscow", (9, 0, 10, 0)), next_morning(22)
    hours.add_exception(vet=vet, branch=None, kind="extra", starts_at=evening, ends_at=evening + 5 * HOUR, by=None)
    AppointmentFactory(vet=vet, date=evening + 3 * HOUR, ends_at=evening + 4 * HOUR)

    assert [time for time in starts(vet, evening.date(), 60) if time < "09:00"] == ["00:00", "02:00"]


# -- The week -------------------------------------------------------------------------------------------------


def test_time_over_two_stretches_that_touch_is_offered_and_booked():
    vet, start = vet_of("Europe/Moscow", (9, 0, 13, 0), (13, 0, 18, 0)), next_morning(12, 45)

    assert "12:45" in starts(vet, start.date())
    visit = book_appointment(vet=vet, pet=PetFactory(), start=start, minutes=30, reason="x", by=UserFactory())
    assert visit.date == start


def test_fourth_stretch_of_a_day_is_shown_and_survives_a_save(manager):
    vet = vet_of("Europe/Moscow", (8, 0, 9, 0), (10, 0, 11, 0), (12, 0, 13, 0), (14, 0, 15, 0))
    form = manager.get(f"/hours/{vet.pk}/").context["form"]

    answer = manager.post(f"/hours/{vet.pk}/", {name: form[name].value() or "" for name in form.fields})

    assert answer.status_code == 302
    assert WorkingHours.objects.filter(vet=vet).count() == 28


# -- Clock changes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "time", "moment"),
    [
        ("Europe/Berlin", SPRING, dt.time(1, 59), "2030-03-31T00:59+00:00"),
        ("Europe/Berlin", SPRING, dt.time(2, 0), "2030-03-31T01:00+00:00"),
        ("Europe/Berlin", SPRING, dt.time(2, 30), "2030-03-31T01:00+00:00"),
        ("Europe/Berlin", SPRING, dt.time(3, 0), "2030-03-31T01:00+00:00"),
        ("Europe/Berlin", AUTUMN, dt.time(2, 30), "2030-10-27T00:30+00:00"),
        ("America/New_York", dt.date(2030, 3, 10), dt.time(2, 1), "2030-03-10T07:00+00:00"),
        ("Australia/Lord_Howe", dt.date(2030, 10, 6), dt.time(2, 15), "2030-10-05T15:30+00:00"),
        ("Asia/Omsk", SPRING, dt.time(2, 30), "2030-03-30T20:30+00:00"),
    ],
)
def test_written_time_is_a_moment_that_exists(zone, day, time, moment):
    assert moment_of(day, time, zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC) == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        ((1, 0, 2, 30), ["01:00", "01:15", "01:30"]),
        ((2, 0, 3, 0), []),
        ((2, 15, 2, 45), []),
        ((2, 30, 3, 0), []),
        ((2, 30, 4, 0), ["03:00", "03:15", "03:30"]),
    ],
)
def test_hours_that_end_in_the_missing_hour_end_where_the_clock_jumps(stretch, expected):
    vet = vet_of("Europe/Berlin", stretch)

    assert starts(vet, SPRING) == expected


@pytest.mark.parametrize(("day", "length", "offered"), [(SPRING, 5, 5), (AUTUMN, 7, 6)])
def test_night_of_six_written_hours_lasts_as_long_as_it_does(day, length, offered):
    vet = vet_of("Europe/Berlin", (0, 0, 6, 0))

    [(opens, closes)] = working_stretches([vet], day)[vet.pk]

    assert closes.astimezone(dt.UTC) - opens.astimezone(dt.UTC) == length * HOUR
    assert len([start for start in starts(vet, day, 60) if start.endswith(":00")]) == offered


@pytest.mark.parametrize(("day", "utc_hour"), [(SPRING, 2), (AUTUMN, 3)])
def test_after_a_clock_change_the_first_time_offered_is_now(day, utc_hour):
    vet, now = vet_of("Europe/Berlin", (0, 0, 6, 0)), dt.datetime.combine(day, dt.time(utc_hour), dt.UTC)

    assert starts(vet, day, now=now)[0] == "04:00"


def test_visit_squeezed_in_before_the_repeated_hour_takes_its_minutes():
    vet = vet_of("Europe/Berlin", (9, 0, 18, 0))
    now, start = dt.datetime(2030, 10, 26, tzinfo=dt.UTC), dt.datetime.combine(AUTUMN, dt.time(2, 45), BERLIN)

    visit = book_appointment(
        vet=vet, pet=PetFactory(), start=start, minutes=30, reason="x", squeeze_reason="bleeds", now=now,
        by=UserFactory(),
    )  # fmt: skip

    assert Appointment.objects.get(pk=visit.pk).minutes == 30


def test_visit_lies_in_working_time_by_instants_and_not_by_the_hands_of_the_clock():
    at = lambda hour, minute, fold=0: dt.datetime(2030, 10, 27, hour, minute, tzinfo=BERLIN, fold=fold)  # noqa: E731
    work = [(at(0, 0), at(2, 30)), (at(3, 0), at(6, 0))]

    assert holds(work, at(2, 0), at(2, 30))
    assert not holds(work, at(2, 0, fold=1), at(2, 30, fold=1))


# -- Visits that come back, or were put in on purpose -----------------------------------------------------------


@pytest.fixture
def cancelled():
    visit, by = AppointmentFactory(date=next_morning(10), ends_at=next_morning(10, 30)), UserFactory()
    change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=by)
    return visit


def refusal_of(act, **arguments):
    with pytest.raises(RuleViolation) as refusal:
        act(**arguments, by=UserFactory())
    return refusal.value.code


def test_cancelled_visit_does_not_come_back_into_leave(cancelled):
    leave(cancelled.vet, cancelled.date - HOUR, cancelled.date + HOUR)

    code = refusal_of(change_status, appointment=cancelled, to=AppointmentStatus.SCHEDULED)

    assert code == "visit_within_working_hours"
    assert Appointment.objects.get().state == AppointmentStatus.CANCELLED


def test_cancelling_is_not_undone_into_leave(cancelled):
    leave(cancelled.vet, cancelled.date - HOUR, cancelled.date + HOUR)
    change = Change.objects.filter(table="appointment").latest("id")

    assert refusal_of(undo, appointment=cancelled, change=change) == "visit_within_working_hours"


def test_move_is_not_undone_into_leave():
    visit, by = AppointmentFactory(date=next_morning(10), ends_at=next_morning(10, 30)), UserFactory()
    move_appointment(appointment=visit, vet=visit.vet, start=next_morning(15), minutes=30, by=by)
    leave(visit.vet, next_morning(9), next_morning(12))
    change = Change.objects.filter(table="appointment").latest("id")

    assert refusal_of(undo, appointment=visit, change=change) == "visit_within_working_hours"


def test_no_show_of_yesterday_comes_back_whatever_the_hours_are_now():
    start = next_morning(10, days=-1)
    visit, by = AppointmentFactory(date=start, ends_at=start + HOUR), UserFactory()
    change_status(appointment=visit, to=AppointmentStatus.NO_SHOW, by=by)
    WorkingHours.objects.all().delete()

    restored = change_status(appointment=visit, to=AppointmentStatus.SCHEDULED, by=by)

    assert restored.state == AppointmentStatus.SCHEDULED


def test_leave_asks_also_about_a_visit_that_was_squeezed_in():
    visit = AppointmentFactory(
        date=next_morning(10), ends_at=next_morning(11), squeezed_in=True, squeezed_in_reason="bleeds"
    )

    with pytest.raises(hours.VisitsDisplaced) as refusal:
        leave(visit.vet, next_morning(9), next_morning(12))

    assert refusal.value.visits == [visit]


def test_visits_of_a_vet_who_left_are_outside_of_working_time(manager):
    visit = AppointmentFactory(date=next_morning(10), ends_at=next_morning(11))
    visit.vet.is_active = False
    visit.vet.save()

    assert manager.get("/hours/").context["displaced"] == [visit]


# -- What the page says -----------------------------------------------------------------------------------------


def test_exception_is_shown_on_the_clock_of_its_branch(manager):
    vet = vet_of("Asia/Omsk", (9, 0, 18, 0))
    zone, day = vet.branch.zone, next_morning(days=3).date()
    at = lambda hour: dt.datetime.combine(day, dt.time(hour), zone)  # noqa: E731
    leave(vet, at(9), at(11))

    text = manager.get("/hours/", headers={"accept-language": "ru"}).text

    assert f"{day:%d.%m.%Y} 09:00" in text
    assert f"{day:%d.%m.%Y} 11:00" in text


def test_whole_days_are_shown_as_days_and_the_last_one_is_the_last(manager):
    vet, day = vet_of("Asia/Omsk", (9, 0, 18, 0)), next_morning(days=3).date()
    midnight = dt.datetime.combine(day, dt.time.min, vet.branch.zone)
    exception = leave(vet, midnight, midnight + 2 * 24 * HOUR)

    text = manager.get("/hours/", headers={"accept-language": "ru"}).text

    assert exception.days == (day, day + dt.timedelta(days=1))
    assert str(exception).endswith(day.isoformat())
    assert f"{day:%d.%m.%Y} – {day + dt.timedelta(days=1):%d.%m.%Y}" in text
