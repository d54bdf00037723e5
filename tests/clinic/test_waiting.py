"""Free times over weeks, and those who wait for one."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from clinic.actions import book_appointment, stop_waiting, wait_for_time
from clinic.models import WaitingEntry, WorkingHours
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, SpecializationFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db

SLOT_QUERIES = 4  # user, vets, specializations, free times
WAITING_QUERIES = 4  # user, vets, who waits, free times


@pytest.fixture
def reception():
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))
    return client


@pytest.fixture
def visit():
    start = next_morning(10)
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30))


def wait(pet=None, *, days=(0, 7), **wish):
    since, until = (timezone.localdate() + dt.timedelta(days=ahead) for ahead in days)
    wish = {"minutes": 30, "since": since, "until": until, "by": UserFactory()} | wish
    return wait_for_time(pet=pet or PetFactory(), **wish)


def who_could_take(visit):
    return list(WaitingEntry.objects.that_could_take(visit.vet, visit.date, visit.ends_at))


def starts(page):
    return [f"{slot.start:%H:%M}" for _day, slots in page.context["days"] for slot in slots]


def test_vet_or_specialization_waited_for_could_take_a_freed_time(visit):
    for_vet = wait(vet=visit.vet)
    for_specialization = wait(specialization=visit.vet.specialization)
    wait(vet=VetFactory())
    wait(specialization=SpecializationFactory())

    assert who_could_take(visit) == [for_vet, for_specialization]


@pytest.mark.parametrize("wish", [{"minutes": 45}, {"days": (3, 7)}, {"days": (0, 0)}])
def test_time_that_does_not_fit_is_not_offered(visit, wish):
    wait(vet=visit.vet, **wish)

    assert who_could_take(visit) == []


def test_booking_what_was_waited_for_closes_the_entry(visit):
    entry = wait(vet=visit.vet)

    booked = book_appointment(
        vet=visit.vet, pet=entry.pet, start=next_morning(15), minutes=30, reason="cough", by=UserFactory()
    )

    entry.refresh_from_db()
    assert (entry.appointment, entry.closed_at is None) == (booked, False)


def test_booking_something_else_leaves_them_waiting(visit):
    entry = wait(vet=VetFactory())

    book_appointment(vet=visit.vet, pet=entry.pet, start=next_morning(15), minutes=30, reason="x", by=UserFactory())

    entry.refresh_from_db()
    assert entry.closed_at is None


def test_who_gave_up_is_not_offered_a_time(visit):
    stop_waiting(entry=wait(vet=visit.vet), by=UserFactory())

    assert who_could_take(visit) == []


def test_pet_that_died_waits_for_nothing():
    with pytest.raises(RuleViolation) as refusal:
        wait(PetFactory(deceased_at=timezone.localdate()), vet=VetFactory())

    assert refusal.value.code == "pet_has_died"


def test_cancelling_a_visit_shows_who_waits_for_its_time(reception, visit):
    first, second = wait(vet=visit.vet), wait(vet=visit.vet)

    page = reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": "ill"}, follow=True)

    assert list(page.context["entries"]) == [first, second]
    assert f"/book/?pet={first.pet_id}&amp;minutes=30&amp;slot=" in page.text
    assert f"/appointments/{visit.pk}/undo/" in page.text


def test_cancelling_a_visit_that_nobody_waits_for_stays_on_its_page(reception, visit):
    answer = reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": "ill"})

    assert answer.url == f"/appointments/{visit.pk}/"


def test_form_notes_who_waits_once_even_if_sent_twice(reception, visit):
    pet, key = PetFactory(), str(uuid.uuid4())
    today = timezone.localdate()
    form = {"vet": visit.vet.pk, "minutes": 30, "since": today, "until": today, "request_key": key}

    for _time in range(2):
        assert reception.post(f"/pets/{pet.pk}/wait/", form).url == "/waiting/"

    assert WaitingEntry.objects.get().vet == visit.vet


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"vet": ""}, "vet"),
        ({"vet": "999999"}, "vet"),
        ({"minutes": "0"}, "minutes"),
        ({"since": "9999-12-31"}, "since"),
        ({"since": "0001-01-01"}, "since"),
        ({"until": "9999-12-31"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "31.31.2030"}, "until"),
        ({"note": "🐈" * 256}, "note"),
    ],
)
def test_bad_wish_is_told_by_its_field_and_nothing_typed_is_lost(reception, visit, bad, field):
    today = timezone.localdate().isoformat()
    form = {"vet": str(visit.vet.pk), "minutes": "30", "since": today, "until": today, "note": "any {{ day }} <b>"}

    page = reception.post(f"/pets/{PetFactory().pk}/wait/", form | {"request_key": str(uuid.uuid4())} | bad)

    shown = page.context["form"]
    assert (page.status_code, list(shown.errors)) == (422, [field])
    assert {name: shown[name].value() for name in form} == form | bad
    assert not WaitingEntry.objects.exists()


def test_free_times_are_found_by_specialization_length_and_part_of_day(reception):
    vet, day = VetFactory(), next_morning().date()
    VetFactory()
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(11), ends_at=dt.time(14))
    start = next_morning(12)
    AppointmentFactory(vet=vet, date=start, ends_at=start + dt.timedelta(minutes=30))
    wish = f"specialization={vet.specialization_id}&minutes=45&part=afternoon&day={day}&weeks=1"

    page = reception.get(f"/slots/?{wish}")

    found = page.context["days"]
    assert starts(page)[:3] == ["12:30", "12:45", "13:00"]
    assert (found[0][0], len(found)) == (day, 7)
    assert {slot.vet for _day, slots in found for slot in slots} == {vet}


def test_free_times_over_weeks_take_the_same_queries_for_one_vet_and_for_ten(reception, django_assert_num_queries):
    VetFactory()
    with django_assert_num_queries(SLOT_QUERIES):
        reception.get("/slots/?weeks=1")
    for _vet in range(9):
        AppointmentFactory()

    with django_assert_num_queries(SLOT_QUERIES):
        reception.get("/slots/?weeks=4")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("day=2100-12-31", []),
        ("day=1900-01-01", []),
        ("day=9999-12-31", ["day"]),
        ("day=0001-01-01", ["day"]),
        ("day=x", ["day"]),
        ("weeks=99", ["weeks"]),
        ("vet=x", ["vet"]),
        ("pet=²", []),
        ("move=٣", []),
        ("move=99999999999999999999", []),
    ],
)
def test_wish_made_up_by_hand_is_told_by_its_field(reception, query, fields):
    VetFactory()

    page = reception.get(f"/slots/?{query}")

    assert (page.status_code, list(page.context["form"].errors)) == (200, fields)


def test_time_found_for_a_move_leads_to_the_move(reception, visit):
    page = reception.get(f"/slots/?move={visit.pk}&vet={visit.vet_id}")

    assert f'href="/appointments/{visit.pk}/move/?slot={visit.vet_id}%40' in page.text


@pytest.mark.parametrize("query", ["slot=x&minutes=30", "slot=1@2030-01-01T10:00&minutes=x", "slot=&minutes=9999"])
def test_waiting_list_for_a_time_that_is_none_shows_everybody(reception, visit, query):
    entry = wait(vet=visit.vet)

    assert list(reception.get(f"/waiting/?{query}").context["entries"]) == [entry]


def move(client, visit, start, minutes=30):
    form = {"minutes": minutes, "slot": f"{visit.vet_id}@{start.isoformat()}", "request_key": str(uuid.uuid4())}
    return client.post(f"/appointments/{visit.pk}/move/", form)


def freed(page):
    (vet, start), minutes = page.context["freed"], page.request["QUERY_STRING"].split("minutes=")[1]
    return vet, start, int(minutes)


def test_visit_that_moves_a_little_frees_the_rest_of_its_time(reception, visit):
    entry = wait(vet=visit.vet, minutes=15)

    page = reception.get(move(reception, visit, next_morning(10, 15)).url)

    assert (freed(page), list(page.context["entries"])) == ((visit.vet, next_morning(10), 15), [entry])


def test_visit_made_shorter_frees_its_end(reception, visit):
    wait(vet=visit.vet, minutes=15)

    page = reception.get(move(reception, visit, visit.date, minutes=15).url)

    assert freed(page) == (visit.vet, next_morning(10, 15), 15)


def test_visit_that_frees_less_than_anybody_waits_for_leads_to_the_board(reception, visit):
    wait(vet=visit.vet, minutes=30)

    assert move(reception, visit, next_morning(10, 15)).url.startswith("/board/")


def test_move_to_where_a_visit_is_already_says_so_and_leads_to_the_board(reception, visit):
    wait(vet=visit.vet)

    answer = move(reception, visit, visit.date)

    page = reception.get(answer.url).text
    assert answer.url.startswith("/board/")
    assert ("is there already" in page, "/undo/" in page) == (True, False)


def test_move_to_what_was_waited_for_closes_the_entry(reception, visit):
    entry = wait(visit.pet, vet=visit.vet)

    move(reception, visit, next_morning(15))

    entry.refresh_from_db()
    assert (entry.appointment, entry.closed_at is None) == (visit, False)


def test_freed_time_that_was_taken_meanwhile_is_not_offered(reception, visit):
    entry = wait(vet=visit.vet)
    address = reception.post(f"/appointments/{visit.pk}/cancel/", {"reason": "ill"}).url
    book_appointment(vet=visit.vet, pet=PetFactory(), start=visit.date, minutes=30, reason="x", by=UserFactory())

    page = reception.get(address)

    assert (page.context["freed"], list(page.context["entries"])) == (None, [entry])
    assert "taken" in page.text


def first_times_of(page):
    return [entry.first and (entry.first.vet, f"{entry.first.start:%d %H:%M}") for entry in page.context["entries"]]


def test_who_waits_is_shown_the_first_time_that_is_free_for_them(reception, visit):
    WorkingHours.objects.filter(vet=visit.vet).update(starts_at=dt.time(10), ends_at=dt.time(12))
    day = (next_morning().date() - timezone.localdate()).days
    wait(vet=visit.vet, days=(day, day), minutes=60)
    wait(specialization=visit.vet.specialization, days=(day, day + 3), minutes=90)
    wait(vet=visit.vet, days=(day + 1, day + 3), minutes=120)
    wait(vet=visit.vet, days=(day, day + 3), minutes=180)

    tomorrow, after = f"{next_morning():%d}", f"{next_morning(days=2):%d}"
    assert first_times_of(reception.get("/waiting/")) == [
        (visit.vet, f"{tomorrow} 10:30"),
        (visit.vet, f"{tomorrow} 10:30"),
        (visit.vet, f"{after} 10:00"),
        None,
    ]


def test_waiting_list_takes_the_same_queries_for_one_and_for_ten(reception, visit, django_assert_num_queries):
    wait(vet=visit.vet)
    with django_assert_num_queries(WAITING_QUERIES):
        reception.get("/waiting/")
    for _pet in range(9):
        wait(vet=VetFactory())

    with django_assert_num_queries(WAITING_QUERIES):
        reception.get("/waiting/")


def test_form_says_up_front_that_one_of_two_is_to_be_chosen(reception, visit):
    page = reception.get(f"/pets/{visit.pet_id}/wait/").text

    assert "Choose one of the two" in page
    assert re.findall(r'<label for="id_(\w+)">[^<]*\s*<span class="hint">· optional', page) == ["note"]
