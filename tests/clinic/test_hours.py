"""Working time: the week, exceptions, clock changes; and no booked visit displaced silently."""

import datetime as dt
import itertools
import re
import threading

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic import hours
from clinic.actions import book_appointment
from clinic.availability import free_slots_of_day
from clinic.models import Appointment, WorkingException, WorkingHours
from clinic.working_time import subtract, unite
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, BranchFactory, PetFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

HOUR = dt.timedelta(hours=1)
MIDNIGHT = dt.datetime(2030, 5, 6, tzinfo=dt.UTC)
database = pytest.mark.django_db


@pytest.fixture
def manager():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="manager"))
    return client


@pytest.fixture
def visit():
    start = next_morning(10)
    return AppointmentFactory(date=start, ends_at=start + HOUR / 2)


def starts(vet, day):
    return [f"{slot.start:%H:%M}" for slot in free_slots_of_day([vet], day, 60, timezone.now())]


def leave(vet, start, end, **more):
    return hours.add_exception(vet=vet, branch=None, kind="leave", starts_at=start, ends_at=end, by=None, **more)


def week(**changes):
    """The form of a week from nine to six, as the browser sends it."""
    form = {f"{day}_0_from": "09:00" for day in range(1, 8)} | {f"{day}_0_to": "18:00" for day in range(1, 8)}
    return form | changes


def exception(start, **changes):
    day = start.date().isoformat()
    form = {"kind": "leave", "first": day, "last": day, "opens": "", "closes": "", "note": ""}
    return form | {"request_key": "11111111-1111-4111-8111-111111111111"} | changes


# -- Arithmetic -----------------------------------------------------------------------------------------------

STRETCHES = st.lists(st.tuples(st.integers(0, 47), st.integers(1, 6)), max_size=6)


def spans(pairs):
    return [(MIDNIGHT + HOUR / 2 * start, MIDNIGHT + HOUR / 2 * (start + length)) for start, length in pairs]


def covered(stretches):
    """The half hours that lie inside of some stretch."""
    return {n for n in range(60) if any(a <= MIDNIGHT + HOUR / 2 * n < b for a, b in stretches)}


@given(STRETCHES, STRETCHES)
def test_closed_times_are_cut_out_and_nothing_else(work, closed):
    work = unite([], spans(work))

    assert covered(subtract(work, spans(closed))) == covered(work) - covered(spans(closed))


@given(STRETCHES, STRETCHES)
def test_added_times_are_joined_without_overlap(work, added):
    united = unite(spans(work), spans(added))

    assert covered(united) == covered(spans(work)) | covered(spans(added))
    assert all(before[1] < after[0] for before, after in itertools.pairwise(united))


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/Berlin", dt.date(2030, 3, 31), ["00:00", "01:00", "03:00"]),
        ("Europe/Berlin", dt.date(2030, 10, 27), ["00:00", "01:00", "02:00", "03:00"]),
        ("Asia/Omsk", dt.date(2030, 3, 31), ["00:00", "01:00", "02:00", "03:00"]),
    ],
)
@database
def test_clock_change_neither_invents_nor_doubles_a_time(zone, day, expected):
    vet = VetFactory(branch=BranchFactory(time_zone=zone))
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(0), ends_at=dt.time(4))

    assert [start for start in starts(vet, day) if start.endswith(":00")] == expected


# -- Exceptions -------------------------------------------------------------------------------------------------


@database
def test_leave_of_a_vet_and_a_holiday_of_the_branch_close_their_times():
    vet, start = VetFactory(), next_morning(9)
    other = VetFactory(branch=vet.branch)
    leave(vet, start, start + 8 * HOUR)
    hours.add_exception(
        vet=None, branch=vet.branch, kind="holiday", starts_at=start + HOUR, ends_at=start + 9 * HOUR, by=None
    )

    assert (starts(vet, start.date()), starts(other, start.date())) == ([], ["09:00"])


@database
def test_additional_hours_open_a_free_day():
    vet, start = VetFactory(), next_morning(12)
    WorkingHours.objects.filter(vet=vet).delete()

    hours.add_exception(vet=vet, branch=None, kind="extra", starts_at=start, ends_at=start + HOUR, by=None)

    assert starts(vet, start.date()) == ["12:00"]


@database
def test_visit_in_a_blocked_time_is_refused_by_the_booking():
    vet, start = VetFactory(), next_morning(10)
    leave(vet, start, start + HOUR)

    with pytest.raises(RuleViolation) as refusal:
        book_appointment(vet=vet, pet=PetFactory(), start=start, minutes=30, reason="x", by=UserFactory())

    assert refusal.value.code == "visit_within_working_hours"


# -- Displaced visits -------------------------------------------------------------------------------------------


@database
def test_leave_over_booked_visits_is_saved_only_by_who_has_seen_exactly_them(manager, visit):
    path = f"/hours/vet/{visit.vet_id}/exception/"
    asked = manager.post(path, exception(visit.date, note="a cold"))
    seal = re.search(r'name="accepted" value="(\w+)"', asked.text)[1]
    meanwhile = AppointmentFactory(vet=visit.vet, date=visit.date + HOUR, ends_at=visit.date + HOUR + HOUR / 2)

    again = manager.post(path, exception(visit.date, note="a cold", accepted=seal))
    new_seal = re.search(r'name="accepted" value="(\w+)"', again.text)[1]
    saved = manager.post(path, exception(visit.date, note="a cold", accepted=new_seal))

    assert (asked.status_code, str(visit.pet) in asked.text, 'value="a cold"' in asked.text) == (409, True, True)
    assert (again.status_code, str(meanwhile.pet) in again.text) == (409, True)
    assert saved.status_code == 302
    assert WorkingException.objects.get().note == "a cold"
    assert str(visit.pet) in manager.get("/hours/").text


@database
def test_shorter_week_shows_the_visits_that_it_would_displace_and_saves_nothing(manager, visit):
    weekday = visit.date.isoweekday()

    page = manager.post(f"/hours/{visit.vet_id}/", week(**{f"{weekday}_0_from": "11:00"}))

    assert (page.status_code, str(visit.pet) in page.text) == (409, True)
    assert page.context["form"][f"{weekday}_0_from"].value() == "11:00"
    assert WorkingHours.objects.get(vet=visit.vet, weekday=weekday).starts_at == dt.time(9)


@database
def test_change_that_displaces_nobody_is_saved_at_once(manager, visit):
    weekday = visit.date.isoweekday()
    two = {f"{weekday}_0_to": "13:00", f"{weekday}_1_from": "14:00", f"{weekday}_1_to": "20:00"}

    answer = manager.post(f"/hours/{visit.vet_id}/", week(**two))

    rows = WorkingHours.objects.filter(vet=visit.vet, weekday=weekday).order_by("starts_at")
    assert (answer.status_code, [row.ends_at.hour for row in rows]) == (302, [13, 20])


@database
def test_visit_that_lies_outside_already_does_not_stop_another_change(visit):
    WorkingHours.objects.filter(vet=visit.vet).update(starts_at=dt.time(12))

    hours.set_week(vet=visit.vet, week=[(1, dt.time(13), dt.time(15))], by=None)

    assert WorkingHours.objects.filter(vet=visit.vet).count() == 1


@database
def test_additional_hours_with_a_visit_in_them_are_not_taken_back_silently(manager):
    vet, start = VetFactory(), next_morning(20)
    extra = hours.add_exception(vet=vet, branch=None, kind="extra", starts_at=start, ends_at=start + HOUR, by=None)
    book_appointment(vet=vet, pet=PetFactory(), start=start, minutes=30, reason="x", by=UserFactory())

    asked = manager.post(f"/hours/exceptions/{extra.pk}/remove/")
    seal = re.search(r'name="accepted" value="(\w+)"', asked.text)[1]
    done = manager.post(f"/hours/exceptions/{extra.pk}/remove/", {"accepted": seal})

    assert (asked.status_code, done.status_code) == (409, 302)
    assert not WorkingException.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_booking_at_the_same_moment_is_either_seen_or_refused():
    vet, start, user = VetFactory(), next_morning(10), UserFactory()
    pets, barrier, outcome = [PetFactory() for _pet in range(8)], threading.Barrier(9), []

    def attempt(name, act):
        barrier.wait()
        try:
            act()
            outcome.append(name)
        except RuleViolation as refusal:
            outcome.append(refusal.code)
        finally:
            connections.close_all()

    def book(number):
        at = start + number * HOUR / 2
        book_appointment(vet=vet, pet=pets[number], start=at, minutes=30, reason="x", by=user)

    threads = [threading.Thread(target=attempt, args=("booked", lambda n=n: book(n))) for n in range(8)]
    threads.append(threading.Thread(target=attempt, args=("leave", lambda: leave(vet, start, start + 8 * HOUR))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept, booked = WorkingException.objects.exists(), Appointment.objects.count()
    assert len(outcome) == 9
    assert (kept, booked) in {(True, 0), (False, booked)}
    assert ("visits_displaced" in outcome) == (not kept)


# -- Bad input --------------------------------------------------------------------------------------------------


@database
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"1_0_to": ""}, "1_0_to"),
        ({"1_0_from": ""}, "1_0_from"),
        ({"1_0_to": "09:00"}, "1_0_to"),
        ({"1_0_to": "25:00"}, "1_0_to"),
        ({"1_0_from": "🐈"}, "1_0_from"),
        ({"1_1_from": "17:00", "1_1_to": "19:00"}, "1_1_from"),
    ],
)
def test_bad_week_is_told_by_its_field_and_nothing_typed_is_lost(manager, bad, field):
    vet, form = VetFactory(), week(**bad)

    page = manager.post(f"/hours/{vet.pk}/", form)

    shown = page.context["form"]
    assert (page.status_code, list(shown.errors)) == (422, [field])
    assert {name: shown[name].value() for name in form} == form
    assert WorkingHours.objects.filter(vet=vet, ends_at=dt.time(18)).count() == 7


@database
@pytest.mark.parametrize(
    ("bad", "fields"),
    [
        ({"first": ""}, ["first"]),
        ({"last": "9999-12-31"}, ["last"]),
        ({"last": "2001-01-01"}, ["last"]),
        ({"first": "2026-01-01", "last": "2036-01-01"}, ["last"]),
        ({"opens": "12:00", "closes": "11:00"}, ["closes"]),
        ({"opens": "noon"}, ["opens"]),
        ({"kind": "mood"}, ["kind"]),
        ({"kind": "extra"}, ["opens", "closes"]),
        ({"note": "🐈" * 256}, ["note"]),
    ],
)
def test_bad_exception_is_told_by_its_field_and_nothing_typed_is_lost(manager, bad, fields):
    form = exception(next_morning(), note="<b>{{ 7 }}") | bad

    page = manager.post(f"/hours/vet/{VetFactory().pk}/exception/", form)

    shown = page.context["form"]
    assert (page.status_code, list(shown.errors)) == (422, fields)
    assert {name: str(shown[name].value()) for name in form} == form
    assert not WorkingException.objects.exists()


@database
def test_exception_sent_twice_is_noted_once(manager):
    path = f"/hours/branch/{VetFactory().branch_id}/exception/"

    codes = [manager.post(path, exception(next_morning(), kind="holiday")).status_code for _time in range(2)]

    assert codes == [302, 302]
    assert WorkingException.objects.count() == 1


@database
def test_page_of_hours_raises_no_alarm_about_a_visit_squeezed_in_outside_of_hours_on_purpose(manager):
    start = next_morning(20)
    squeezed = {"squeezed_in": True, "squeezed_in_reason": "in pain"}
    visit = AppointmentFactory(date=start, ends_at=start + HOUR / 2, **squeezed)
    before = manager.get("/hours/").context["displaced"]

    leave(visit.vet, start.replace(hour=0), start.replace(hour=23))

    assert (before, manager.get("/hours/").context["displaced"]) == ([], [visit])


@database
def test_page_of_hours_names_the_visits_of_a_vet_who_has_left_also_squeezed_in_ones(manager, visit):
    squeezed = {"squeezed_in": True, "squeezed_in_reason": "in pain"}
    other = AppointmentFactory(vet=visit.vet, date=visit.date, ends_at=visit.ends_at, **squeezed)
    type(visit.vet).objects.filter(pk=visit.vet_id).update(is_active=False)

    assert manager.get("/hours/").context["displaced"] == [visit, other]
