"""Moving a visit by its page: nothing typed is lost, a conflict offers other times, everything can be taken back."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client

from clinic.models import Appointment
from tests.clinic.times import MOSCOW, next_morning
from tests.factories import AppointmentFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception", username="nora"))
    return client


@pytest.fixture
def visit():
    start = next_morning(10)
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30))


def typed(vet, start, **changes):
    day = start.date().isoformat()
    form = {"minutes": 30, "day": day, "vet": vet.pk, "slot": f"{vet.pk}@{start.isoformat()}"}
    return form | {"request_key": str(uuid.uuid4())} | changes


def move(client, visit, form):
    return client.post(f"/appointments/{visit.pk}/move/", form)


def test_visit_moves_and_the_board_offers_to_take_it_back(reception, visit):
    other, start = VetFactory(branch=visit.vet.branch), next_morning(15)

    answer = move(reception, visit, typed(other, start, minutes=45))

    moved = Appointment.objects.get()
    assert (answer.status_code, moved.vet, moved.date, moved.minutes) == (302, other, start, 45)
    page = reception.get(answer.url).text
    undo = re.search(rf'action="(/appointments/{visit.pk}/undo/\d+/)"', page)[1]
    assert reception.post(undo).status_code == 302
    back = Appointment.objects.get()
    assert (back.vet, back.date, back.minutes) == (visit.vet, visit.date, 30)


def test_form_begins_with_the_visit_as_it_is(reception, visit):
    page = reception.get(f"/appointments/{visit.pk}/move/")

    form = page.context["form"]
    assert (form["minutes"].value(), form["vet"].value()) == (30, visit.vet_id)
    assert form["day"].value() == visit.date.astimezone(MOSCOW).date().isoformat()


def test_length_searched_for_keeps_what_is_typed_and_offers_times_that_fit(reception, visit):
    form = typed(visit.vet, next_morning(15), minutes=120, intent="times", slot="", squeeze_reason="later")

    page = move(reception, visit, form)

    slots = page.context["slots"]
    assert (page.status_code, page.context["form"]["squeeze_reason"].value()) == (200, "later")
    assert {slot.end - slot.start for slot in slots} == {dt.timedelta(minutes=120)}


def test_taken_time_offers_the_three_nearest_and_keeps_all(reception, visit):
    start = next_morning(15)
    AppointmentFactory(vet=visit.vet, date=start, ends_at=start + dt.timedelta(minutes=30))

    page = move(reception, visit, typed(visit.vet, start))

    assert (page.status_code, "has just been taken" in page.text) == (409, True)
    assert [f"{slot.start:%H:%M}" for slot in page.context["slots"]] == ["14:15", "14:30", "15:30"]


def test_squeeze_in_over_another_visit_shows_on_the_board_and_the_page(reception, visit):
    start = next_morning(15)
    AppointmentFactory(vet=visit.vet, date=start, ends_at=start + dt.timedelta(minutes=30))

    answer = move(reception, visit, typed(visit.vet, start, slot="", squeeze_at="15:00", squeeze_reason="in pain"))

    assert answer.status_code == 302
    assert "squeezed in" in reception.get(answer.url).text
    assert "in pain" in reception.get(f"/appointments/{visit.pk}/").text


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"slot": ""}, "slot"),
        ({"slot": "1@tomorrow"}, "slot"),
        ({"slot": "999999@2030-01-01T10:00+03:00"}, "slot"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "many"}, "minutes"),
        ({"day": "9999-99-99"}, "day"),
        ({"vet": "999999"}, "vet"),
        ({"slot": "", "squeeze_at": "15:00"}, "squeeze_reason"),
        ({"slot": "", "squeeze_reason": "pain 🐈"}, "squeeze_at"),
        ({"slot": "", "squeeze_at": "25:00", "squeeze_reason": "pain"}, "squeeze_at"),
        ({"slot": "", "squeeze_at": "15:00", "squeeze_reason": "x" * 256}, "squeeze_reason"),
        ({"slot": "", "squeeze_at": "15:00", "squeeze_reason": "pain", "vet": ""}, "vet"),
    ],
)
def test_bad_input_is_told_by_its_field_and_moves_nothing(reception, visit, bad, field):
    page = move(reception, visit, typed(visit.vet, next_morning(15)) | bad)

    assert (page.status_code, field in page.context["form"].errors) == (422, True)
    assert Appointment.objects.get().date == visit.date


@pytest.mark.parametrize(("day", "why"), [("9999-12-31", "between 1900 and 2100"), ("2100-12-31", "a year ahead")])
def test_squeeze_in_of_a_day_that_cannot_be_is_refused(reception, visit, day, why):
    form = typed(visit.vet, next_morning(15), slot="", day=day, squeeze_at="23:59", squeeze_reason="pain")

    page = move(reception, visit, form)

    assert (page.status_code, why in page.text) == (422, True)


def test_vet_finds_no_page_to_move_another_vets_visit(client, visit):
    client.force_login(VetFactory().user)

    assert client.get(f"/appointments/{visit.pk}/move/").status_code == 404


def test_history_names_who_moved_the_visit_from_where_to_where(reception, visit):
    move(reception, visit, typed(visit.vet, next_morning(15)))

    page = reception.get(f"/appointments/{visit.pk}/")

    last = page.context["history"][-1]
    day = f"{next_morning():%-d %b %Y}"
    expected = f"moved from {day}, 10:00–10:30, {visit.vet} to {day}, 15:00–15:30, {visit.vet}"
    assert (last.who, last.text) == ("nora", expected)


def test_undo_of_another_visits_change_is_not_there(reception, visit):
    move(reception, visit, typed(visit.vet, next_morning(15)))
    other = AppointmentFactory()

    answer = reception.post(f"/appointments/{other.pk}/undo/1/")

    assert answer.status_code == 404
