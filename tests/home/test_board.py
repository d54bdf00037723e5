"""The day board: lanes, states, free times, off hours, the queue; the same number of queries however full it is."""

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.html import escape

from billing.models import Invoice
from clinic.actions import change_status
from clinic.enums import AppointmentStatus
from clinic.models import WorkingHours
from records.actions import start_visit
from tests.billing.bills import draft, issue
from tests.clinic.times import MOSCOW, next_morning
from tests.factories import AppointmentFactory, BranchFactory, PetFactory, UserFactory, VetFactory
from vetclinic.home.board import CLOCK, day_board

pytestmark = pytest.mark.django_db

QUERIES = 7  # user, branches, vets, visits, bills, hours, taken times


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


@pytest.fixture
def vet():
    return VetFactory(branch=BranchFactory(name="North"))


def visit_at(start, minutes=30, **details):
    return AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=minutes), **details)


def board_of(vet, start, *, now=None):
    return day_board(branch=vet.branch, day=start.date(), now=now or timezone.now())


def clock(spans):
    return [(CLOCK[start], CLOCK[end]) for start, end, *_more in spans]


def test_visit_stands_in_its_vets_lane_at_its_time(vet):
    start = next_morning(10)
    visit_at(start, vet=vet)
    VetFactory(branch=vet.branch)

    lanes = board_of(vet, start).lanes

    assert [[tile.clock for tile in lane.tiles] for lane in lanes] == [["10:00"], []]


def test_free_times_are_what_visits_leave_of_the_hours(vet):
    start = next_morning(10)
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(9), ends_at=dt.time(11, 30))
    visit_at(start, vet=vet, minutes=45)

    assert clock(board_of(vet, start).lanes[0].free) == [
        ("09:00", "09:30"),
        ("09:30", "10:00"),
        ("10:45", "11:15"),
        ("11:15", "11:30"),
    ]


def test_free_times_that_have_passed_are_not_offered(vet):
    noon = next_morning(12, days=0)
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(9), ends_at=dt.time(13))

    assert clock(board_of(vet, noon, now=noon).lanes[0].free) == [("12:00", "12:30"), ("12:30", "13:00")]


def test_cancelled_visit_leaves_the_board_and_frees_its_time(vet):
    start = next_morning(10)
    visit = visit_at(start, vet=vet)
    before = board_of(vet, start).free_count
    change_status(appointment=visit, to=AppointmentStatus.CANCELLED, reason="ill", by=UserFactory())

    board = board_of(vet, start)

    assert (board.tiles, board.free_count) == ([], before + 1)


def test_break_and_the_time_off_shift_are_marked(vet):
    start = next_morning(10)
    day = {"vet": vet, "weekday": start.isoweekday()}
    WorkingHours.objects.filter(vet=vet).delete()
    for opens, closes in (((9, 0), (12, 0)), ((13, 0), (15, 0))):
        WorkingHours.objects.create(**day, starts_at=dt.time(*opens), ends_at=dt.time(*closes))
    other = VetFactory(branch=vet.branch)
    WorkingHours.objects.filter(vet=other).update(starts_at=dt.time(8), ends_at=dt.time(18))

    off = next(lane.off for lane in board_of(vet, start).lanes if lane.vet == vet)

    assert [(CLOCK[begins], CLOCK[ends], is_break) for begins, ends, is_break in off] == [
        ("08:00", "09:00", False),
        ("12:00", "13:00", True),
        ("15:00", "18:00", False),
    ]


def test_each_state_is_counted_and_can_be_shown_alone(reception, vet):
    start, by = next_morning(10), UserFactory()
    steps = {"booked": [], "conf": [AppointmentStatus.CONFIRMED], "wait": [AppointmentStatus.ARRIVED]}
    pets = {}
    for hour, (state, path) in enumerate(steps.items()):
        pets[state] = PetFactory(name=f"Pet-{state}")
        visit = visit_at(start + dt.timedelta(hours=hour), vet=vet, pet=pets[state])
        for status in path:
            change_status(appointment=visit, to=status, by=by)

    assert board_of(vet, start).counts == {"booked": 1, "conf": 1, "wait": 1}
    for state in steps:
        page = reception.get(f"/board/?day={start:%Y-%m-%d}&state={state}").text
        assert [name for name, pet in pets.items() if f">{pet.name}<" in page] == [state]


@pytest.mark.parametrize(("bill", "state"), [(draft, "pay"), (issue, "pay"), (None, "done")])
def test_finished_visit_is_to_pay_while_its_invoice_is(bill, state):
    visit = AppointmentFactory()
    if bill:
        bill("100", visit=visit)
    else:
        draft(visit=visit)

    board = board_of(visit.vet, visit.date.astimezone(MOSCOW))

    assert [tile.state for tile in board.tiles] == [state]
    assert Invoice.objects.count() == bool(bill)


def test_queue_names_who_waits_and_for_how_long(reception):
    now = timezone.now()
    visit = AppointmentFactory(pet=PetFactory(name="Whiskers"))
    change_status(appointment=visit, to=AppointmentStatus.ARRIVED, now=now - dt.timedelta(minutes=25), by=UserFactory())

    queue = dict(reception.get("/board/").context["queue"])

    assert [(entry["tile"].pet, entry["minutes"], entry["late"]) for entry in queue["wait"]] == [("Whiskers", 25, True)]
    assert (queue["pay"], queue["in"]) == ([], [])


def test_vet_who_is_with_an_animal_shows_it(reception):
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)

    queue = dict(reception.get("/board/").context["queue"])

    assert [entry["tile"].id for entry in queue["in"]] == [visit.pk]


def test_board_takes_the_same_queries_empty_and_full(reception, django_assert_num_queries, vet):
    start = next_morning(10)
    with django_assert_num_queries(QUERIES):
        reception.get(f"/board/?day={start:%Y-%m-%d}")
    for number in range(6):
        lane = VetFactory(branch=vet.branch)
        visit_at(start + dt.timedelta(hours=number % 3), vet=lane)

    with django_assert_num_queries(QUERIES):
        reception.get(f"/board/?day={start:%Y-%m-%d}")


def test_branch_shows_its_own_vets_on_its_own_clock(reception, vet):
    east = VetFactory(branch=BranchFactory(name="East", time_zone="Asia/Omsk"))
    start = next_morning(10)
    visit_at(start, vet=east)

    page = reception.get(f"/board/?day={start:%Y-%m-%d}&branch={east.branch_id}")

    assert [lane["vet"] for lane in page.context["lanes"]] == [east]
    assert "<time>13:00</time>" in page.text  # Omsk is three hours ahead of Moscow


def test_vet_begins_with_the_own_branch(client, vet):
    east = VetFactory(branch=BranchFactory(name="East"))
    client.force_login(east.user)

    assert client.get("/board/").context["branch"] == east.branch


@pytest.mark.parametrize(
    "query", ["day=9999-12-31", "day=0001-01-01", "day=tomorrow", "branch=x", "branch=-1", "state=x"]
)
def test_address_made_up_by_hand_shows_today(reception, vet, query):
    page = reception.get(f"/board/?{query}")

    assert (page.status_code, page.context["board"].day) == (200, page.context["today"])


def test_clinic_without_a_branch_is_told_what_to_do(reception):
    page = reception.get("/board/")

    assert page.status_code == 200
    assert "branch" in page.text.lower()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "Мурка 🐈", 'O\'Neil & "Co"'])
def test_names_are_shown_as_they_were_typed(reception, vet, text):
    start = next_morning(10)
    visit_at(start, vet=vet, pet=PetFactory(name=text), reason=text)

    page = reception.get(f"/board/?day={start:%Y-%m-%d}").text

    assert ("<script>alert" in page, escape(text) in page) == (False, True)
