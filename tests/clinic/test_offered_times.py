"""Which free times the forms of booking and moving offer, which one is chosen, and what becomes of a choice when day,
vet or length change."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from clinic import rules
from clinic.actions import wait_for_time
from clinic.models import Appointment, WorkingHours
from clinic.timetable import STEP
from tests.clinic.times import MOSCOW, next_morning
from tests.factories import AppointmentFactory, BranchFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
BOOKING_QUERIES = 14


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    return client


@pytest.fixture
def vet():
    return VetFactory()


@pytest.fixture
def visit(vet):
    start = next_morning(10)
    return AppointmentFactory(vet=vet, date=start, ends_at=start + dt.timedelta(minutes=30))


def value(vet, start):
    return f"{vet.pk}@{start.isoformat(timespec='minutes')}"


def typed(vet, start, /, **changes):
    """A whole form for a known animal at this time, as the page would send it."""
    form = {"pet": PetFactory().pk, "reason": "check_up", "day": start.date().isoformat(), "vet": vet.pk}
    return form | {"slot": value(vet, start), "request_key": str(uuid.uuid4())} | changes


def shown(page):
    return [f"{slot.start:%H:%M}" for slot in page.context["slots"]]


@pytest.mark.parametrize("changed", ["vet", "day"])
def test_time_that_is_not_of_the_vet_or_day_beside_it_is_not_booked(reception, vet, changed):
    other, start, later = VetFactory(), next_morning(9), next_morning(9, days=2)
    instead = {"vet": other.pk} if changed == "vet" else {"day": later.date().isoformat()}

    page = reception.post("/book/", typed(vet, start, **instead))

    assert (page.status_code, Appointment.objects.count()) == (422, 0)
    assert page.context["chosen"] == ""
    wanted = (other, start.date()) if changed == "vet" else (vet, later.date())
    assert {(slot.vet, slot.start.date()) for slot in page.context["slots"]} == {wanted}


@pytest.mark.parametrize("wish", ["", "{0.pk}", "branch-{0.branch_id}"])
def test_time_is_booked_whoever_it_was_looked_for_with(reception, vet, wish):
    VetFactory(branch=BranchFactory())

    answer = reception.post("/book/", typed(vet, next_morning(9), vet=wish.format(vet)))

    assert (answer.status_code, Appointment.objects.get().vet) == (302, vet)


def test_booking_reads_no_vet_but_its_own(reception, vet, django_assert_num_queries):
    VetFactory()
    form = typed(vet, next_morning(9))

    with django_assert_num_queries(BOOKING_QUERIES) as asked:
        reception.post("/book/", form)

    of_vets = [query["sql"] for query in asked if 'FROM "veterinarian"' in query["sql"]]
    assert [f'"veterinarian"."id" = {vet.pk}' in sql for sql in of_vets] == [True]


@pytest.mark.parametrize(("hour", "changes", "code"), [(10, {}, 409), (9, {"reason": "dancing"}, 422)])
def test_refused_booking_lets_choose_among_all_vets(reception, visit, hour, changes, code):
    other = VetFactory()

    page = reception.post("/book/", typed(visit.vet, next_morning(hour), **changes))

    assert page.status_code == code
    assert [f'<option value="{vet.pk}"' in page.text for vet in (visit.vet, other)] == [True, True]


@pytest.mark.parametrize("changed", ["vet", "day"])
def test_time_that_is_not_of_the_vet_or_day_beside_it_is_not_moved_to(reception, visit, changed):
    other, start, later = VetFactory(), next_morning(15), next_morning(9, days=2)
    instead = {"vet": other.pk} if changed == "vet" else {"day": later.date().isoformat()}

    page = reception.post(f"/appointments/{visit.pk}/move/", typed(visit.vet, start, minutes=30, **instead))

    assert (page.status_code, Appointment.objects.get().date) == (422, visit.date)


def test_time_that_the_page_chose_follows_the_day_and_the_vet(reception, vet):
    other, start, later = VetFactory(), next_morning(9), next_morning(9, days=2)
    form = typed(vet, start, offered=value(vet, start), vet=other.pk, day=later.date().isoformat(), intent="times")

    page = reception.post("/book/", form)

    assert page.context["chosen"] == value(other, later)


def test_time_that_the_page_chose_follows_the_length(reception, vet, visit):
    start = next_morning(9)
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(9))

    page = reception.post("/book/", typed(vet, start, offered=value(vet, start), reason="surgery", intent="times"))

    assert page.context["chosen"] == value(vet, next_morning(10, 30))


def test_time_that_a_person_chose_stays_while_it_is_free(reception, vet):
    start = next_morning(11)
    form = typed(vet, start, offered=value(vet, next_morning(9)), reason="surgery", intent="times")

    assert reception.post("/book/", form).context["chosen"] == value(vet, start)


def test_time_that_a_person_chose_and_that_is_too_short_now_is_named_and_no_other_is_chosen(reception, vet, visit):
    start = next_morning(9)

    page = reception.post("/book/", typed(vet, start, offered="", reason="surgery", intent="times"))

    assert (page.context["chosen"], "09:00 is not free for 90 minutes" in page.text) == ("", True)


def test_time_of_a_link_is_chosen_and_sets_the_day(reception, vet):
    VetFactory()
    start = next_morning(14, 10)  # between the steps of the offered times

    page = reception.get("/book/", {"slot": value(vet, start)})

    assert page.context["chosen"] == value(vet, start)
    assert page.context["form"]["day"].value() == start.date().isoformat()


def test_time_without_an_offset_is_that_of_the_branchs_clock(reception, vet):
    start = next_morning(11)

    answer = reception.post("/book/", typed(vet, start, slot=f"{vet.pk}@{start:%Y-%m-%dT%H:%M}"))

    assert (answer.status_code, Appointment.objects.get().date) == (302, start)


HAND_MADE = [
    "9999-12-31T23:59:59+00:00", "9999-12-31T23:00+00:00", "9999-12-25T10:00:00+00:00", "9999-12-31T20:50+00:00",
    "0001-01-01T00:00:00+00:00", "0001-01-01T00:00+14:00", "1899-12-31T10:00", "2101-01-01T10:00", "2100-12-31T23:59",
    "1900-01-01T00:00", "2026-01-01T10:00:30", "tomorrow", "",
]  # fmt: skip


@pytest.mark.parametrize("written", HAND_MADE)
@pytest.mark.parametrize("minutes", ["", "30", "999", "99999999999999999999", "x"])
def test_hand_made_time_in_an_address_is_shown_a_page(reception, visit, written, minutes):
    query = {"slot": f"{visit.vet.pk}@{written}", "minutes": minutes}

    pages = [reception.get(path, query) for path in ("/book/", f"/appointments/{visit.pk}/move/", "/waiting/")]

    assert [page.status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("written", HAND_MADE)
def test_hand_made_time_in_a_form_is_refused_by_its_field(reception, visit, written):
    form = typed(visit.vet, next_morning(15), minutes=30, slot=f"{visit.vet.pk}@{written}", day="", vet="")

    pages = [reception.post(path, form) for path in ("/book/", f"/appointments/{visit.pk}/move/")]

    assert [(page.status_code, "slot" in page.context["form"].errors) for page in pages] == [(422, True)] * 2
    assert Appointment.objects.get().date == visit.date


@pytest.mark.parametrize("days", [-3, 370])
def test_time_that_cannot_be_booked_is_answered_with_the_nearest_that_can(reception, vet, days):
    now = timezone.now()

    page = reception.post("/book/", typed(vet, next_morning(days=days)))

    assert page.status_code == 422
    first, last = now - STEP, now + rules.FURTHEST_BOOKING  # a step that has begun can be booked
    assert all(first < slot.start < last for slot in page.context["slots"])
    assert len(page.context["slots"]) == 3


def test_move_begins_at_the_present_time(reception, visit):
    page = reception.get(f"/appointments/{visit.pk}/move/")

    assert page.context["chosen"] == value(visit.vet, next_morning(10))


def test_own_time_of_a_visit_is_free_for_it(reception, visit):
    start = next_morning(11)
    AppointmentFactory(vet=visit.vet, date=start, ends_at=start + dt.timedelta(minutes=30))

    page = reception.get(f"/appointments/{visit.pk}/move/", {"minutes": 60})

    assert page.context["chosen"] == value(visit.vet, next_morning(10))
    assert shown(page)[:5] == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_visit_gets_another_length_at_its_own_time(reception, visit):
    form = typed(visit.vet, next_morning(10), minutes=60)

    answer = reception.post(f"/appointments/{visit.pk}/move/", form)

    visit.refresh_from_db()
    assert (answer.status_code, visit.date, visit.minutes) == (302, next_morning(10), 60)


def test_visit_whose_time_has_come_can_still_be_made_longer(reception):
    start = timezone.now().replace(second=0, microsecond=0) - dt.timedelta(minutes=40)
    visit = AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30), squeezed_in=True,
                               squeezed_in_reason="a time that has passed")  # fmt: skip

    page = reception.get(f"/appointments/{visit.pk}/move/")

    assert page.context["chosen"] == value(visit.vet, start.astimezone(MOSCOW))


@pytest.mark.parametrize(("minutes", "length"), [("", 90), ("45", 45)])
def test_booked_visit_takes_the_length_that_was_chosen_or_is_usual(reception, vet, minutes, length):
    answer = reception.post("/book/", typed(vet, next_morning(11), reason="surgery", minutes=minutes))

    assert (answer.status_code, Appointment.objects.get().minutes) == (302, length)


def test_length_of_a_link_is_the_one_that_times_are_looked_for(reception, vet):
    page = reception.get("/book/", {"minutes": "45", "day": next_morning().date().isoformat()})

    assert page.context["form"]["minutes"].value() == "45"
    assert {slot.end - slot.start for slot in page.context["slots"]} == {dt.timedelta(minutes=45)}


def test_found_time_and_waiting_list_carry_the_length_on(reception, visit):
    today = timezone.localdate()
    entry = wait_for_time(vet=visit.vet, pet=PetFactory(), minutes=45, since=today, until=today, by=UserFactory())

    found = reception.get("/slots/", {"pet": entry.pet_id, "minutes": 45, "vet": visit.vet_id}).text
    waiting = reception.get("/waiting/").text

    assert re.search(rf'href="/book/\?slot=[^"]+&amp;minutes=45&amp;pet={entry.pet_id}"', found)
    assert f'href="/slots/?pet={entry.pet_id}&amp;minutes=45' in waiting


def test_own_time_of_a_visit_is_found_free_for_it(reception, visit):
    page = reception.get("/slots/", {"move": visit.pk, "minutes": 60, "vet": visit.vet_id, "day": visit.date.date()})

    assert "09:45" in [slot.opens for _day, slots in page.context["days"][:1] for slot in slots]
