"""The day board: lanes, states, free times, off hours, the queue; the same number of queries however full it is."""

import datetime as dt
import re
from contextlib import closing
from decimal import Decimal

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from billing.actions import credit_invoice, refund_payment
from billing.models import Invoice
from clinic.actions import change_status, wait_for_time
from clinic.custody import record_death
from clinic.enums import AppointmentStatus
from clinic.models import WorkingException, WorkingHours
from records.actions import start_visit
from tests.billing.bills import draft, issue, pay
from tests.clinic.times import MOSCOW, next_morning
from tests.factories import AppointmentFactory, BranchFactory, PetFactory, UserFactory, VetFactory
from vetclinic.home.board import day_board
from vetclinic.home.grid import CLOCK

pytestmark = pytest.mark.django_db

QUERIES = 5  # user, newest changes, vets, visits, hours with exceptions and what is taken
WAITING = 1  # who waits, on a day's board


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

    assert [(CLOCK[begins], CLOCK[ends], kind) for begins, ends, kind in off] == [
        ("08:00", "09:00", "off"),
        ("12:00", "13:00", "break"),
        ("15:00", "18:00", "off"),
    ]


def test_leave_holiday_and_blocked_time_say_what_they_are(vet):
    start, other = next_morning(10), VetFactory(branch=vet.branch)
    midnight, day = start.replace(hour=0), dt.timedelta(days=1)
    close = WorkingException.objects.create
    close(vet=vet, kind="leave", starts_at=midnight - day, ends_at=midnight + day)
    close(vet=other, kind="block", starts_at=start, ends_at=start + dt.timedelta(hours=1))

    lanes = {lane.vet: lane.off for lane in board_of(vet, start).lanes}

    assert [(CLOCK[off.start], off.kind) for off in lanes[vet]] == [("09:00", "leave")]
    assert [(CLOCK[off.start], CLOCK[off.end], off.kind) for off in lanes[other]] == [("10:00", "11:00", "block")]


def test_day_off_longer_than_the_longest_cell_is_hatched_to_its_end(reception, vet):
    start, other = next_morning(10), VetFactory(branch=vet.branch)
    WorkingHours.objects.filter(vet=vet).delete()
    WorkingHours.objects.filter(vet=other).update(starts_at=dt.time(8), ends_at=dt.time(20))

    page = reception.get(f"/board/?day={start:%Y-%m-%d}").text

    assert re.findall(r'class="off (t\d+ d\d+)">(?:<span>(.*?)</span>)?</li>', page) == [
        ("t0800 d480", "off shift"),
        ("t1600 d240", ""),
    ]


def test_each_state_is_counted_and_can_be_shown_alone(reception, vet):
    start, by = next_morning(10), UserFactory()
    steps = {"booked": [], "conf": [AppointmentStatus.CONFIRMED], "wait": [AppointmentStatus.ARRIVED]}
    pets = {}
    for hour, (state, path) in enumerate(steps.items()):
        pets[state] = PetFactory(name=f"Pet-{state}")
        visit = visit_at(start + dt.timedelta(hours=hour), vet=vet, pet=pets[state])
        for status in path:
            change_status(appointment=visit, to=status, now=start, by=by)

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


def test_what_is_to_pay_counts_credits_and_what_was_given_back(vet):
    invoice, manager = issue("100", visit=AppointmentFactory(vet=vet)), UserFactory(role="manager")
    pay(invoice, "60")
    credit_invoice(invoice=invoice, amounts={invoice.lines.get().pk: Decimal(10)}, reason="by mistake", by=manager)
    refund_payment(invoice=invoice, amount=Decimal(20), method="cash", reason="the wrong note", by=manager)

    (tile,) = board_of(vet, timezone.localtime(timezone=MOSCOW)).tiles

    assert tile.to_pay == Decimal(50)


def test_queue_names_who_waits_and_for_how_long(reception):
    now = timezone.now()
    visit = AppointmentFactory(pet=PetFactory(name="Whiskers"))
    change_status(appointment=visit, to=AppointmentStatus.ARRIVED, now=now - dt.timedelta(minutes=25), by=UserFactory())

    queue = {state: (count, items) for state, count, items in reception.get("/board/").context["queue"]}

    assert queue["wait"][0] == 1
    assert '>Whiskers</a></b><span class="t late">25 min</span>' in queue["wait"][1]
    assert (queue["pay"], queue["in"]) == ((0, ""), (0, ""))


def test_vet_who_is_with_an_animal_shows_it(reception):
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)

    queue = {state: (count, items) for state, count, items in reception.get("/board/").context["queue"]}

    assert queue["in"][0] == 1
    assert f'href="/appointments/{visit.pk}/"' in queue["in"][1]


def test_board_takes_the_same_queries_empty_and_full(reception, django_assert_num_queries, vet):
    start = next_morning(10)
    with django_assert_num_queries(QUERIES + WAITING):
        reception.get(f"/board/?day={start:%Y-%m-%d}")
    for number in range(6):
        lane = VetFactory(branch=vet.branch)
        visit_at(start + dt.timedelta(hours=number % 3), vet=lane)

    with django_assert_num_queries(QUERIES + WAITING):
        reception.get(f"/board/?day={start:%Y-%m-%d}")


def test_branch_shows_its_own_vets_on_its_own_clock(reception, vet):
    east = VetFactory(branch=BranchFactory(name="East", time_zone="Asia/Omsk"))
    start = next_morning(10)
    visit_at(start, vet=east)

    page = reception.get(f"/board/?day={start:%Y-%m-%d}&branch={east.branch_id}")

    assert [lane.vet for lane in page.context["board"].lanes] == [east]
    assert "<time>13:00</time>" in page.text  # Omsk is three hours ahead of Moscow


def test_vet_begins_with_the_own_branch(client, vet):
    east = VetFactory(branch=BranchFactory(name="East"))
    client.force_login(east.user)

    assert client.get("/board/").context["wish"].branch == east.branch


@pytest.mark.parametrize(
    "query", ["day=9999-12-31", "day=0001-01-01", "day=tomorrow", "branch=x", "branch=-1", "state=x"]
)
def test_address_made_up_by_hand_shows_today(reception, vet, query):
    page = reception.get(f"/board/?{query}")

    assert (page.status_code, page.context["board"].day) == (200, page.context["wish"].today)


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


def test_week_shows_a_vets_days_side_by_side(reception, vet):
    start = next_morning(10, days=8 - next_morning().weekday())
    visit_at(start, vet=vet)
    visit_at(start + dt.timedelta(days=3), vet=vet)

    page = reception.get(f"/board/?view=week&vet={vet.pk}&day={start + dt.timedelta(days=2):%Y-%m-%d}")

    assert [lane.day.isoweekday() for lane in page.context["board"].lanes] == [1, 2, 3, 4, 5, 6, 7]
    assert [len(lane.tiles) for lane in page.context["board"].lanes] == [1, 0, 0, 1, 0, 0, 0]


def test_week_takes_the_same_queries_as_a_day(reception, vet, django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        reception.get("/board/?view=week")


def test_board_of_one_vet_shows_that_lane_alone(reception, vet):
    VetFactory(branch=vet.branch)

    page = reception.get(f"/board/?vet={vet.pk}")

    assert [lane.vet for lane in page.context["board"].lanes] == [vet]


def test_board_asked_again_is_sent_only_when_something_has_changed(reception, vet):
    start = next_morning(10)
    path, again = f"/board/?day={start:%Y-%m-%d}", {"HX-Request": "true"}
    etag = reception.get(path).headers["ETag"]

    unchanged = reception.get(path, headers=again | {"If-None-Match": etag})
    visit_at(start, vet=vet, pet=PetFactory(name="Whiskers"))
    changed = reception.get(path, headers=again | {"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, "Whiskers" in changed.text, "<html" in changed.text) == (200, True, False)


@pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"])
def test_change_that_was_begun_first_and_ended_last_is_seen(client, vet):
    """Its number in the log is not the newest when it becomes visible."""
    start = next_morning(10)
    client.force_login(UserFactory(role="reception"))
    client.cookies["written"] = "forged"  # reads the primary, where the changes are at once
    path = f"/board/?day={start:%Y-%m-%d}"
    late = visit_at(start, vet=vet)
    with closing(connections["default"].copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE appointment SET notes = 'late' WHERE id = %s", [late.pk])
        visit_at(start + dt.timedelta(hours=1), vet=vet)
        etag = client.get(path).headers["ETag"]
        cursor.execute("COMMIT")

    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_visit_being_moved_is_offered_the_times_that_it_fits_into(reception, vet):
    start = next_morning(10)
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(9), ends_at=dt.time(11))
    visit = visit_at(start, vet=vet, minutes=45)

    page = reception.get(f"/board/?day={start:%Y-%m-%d}&move={visit.pk}").text

    assert f"move={visit.pk}&amp;day={start + dt.timedelta(days=1):%Y-%m-%d}" in page
    assert re.findall(r'name="slot" value="\d+@[^T]+T(\d\d:\d\d)', page) == ["09:00", "09:30"]  # its own time is free


def test_vet_is_not_offered_to_move_another_vets_visit(client, vet):
    client.force_login(VetFactory(branch=vet.branch).user)
    visit = visit_at(next_morning(10), vet=vet)

    assert client.get(f"/board/?move={visit.pk}").context["moving"] is None


def test_board_says_how_many_of_those_who_wait_could_come_however_the_time_was_freed(reception, vet):
    start, by = next_morning(10), UserFactory(role="reception")
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(10), ends_at=dt.time(11))
    visit = visit_at(start, vet=vet, minutes=60)
    wish = {"minutes": 30, "since": start.date(), "until": start.date(), "by": by}
    wait_for_time(pet=PetFactory(), vet=vet, **wish)
    wait_for_time(pet=PetFactory(), specialization=vet.specialization, **wish)
    wait_for_time(pet=PetFactory(), vet=VetFactory(), **wish)
    path = f"/board/?day={start:%Y-%m-%d}&branch={vet.branch_id}"
    before = reception.get(path)

    record_death(pet=visit.pet, died_on=timezone.localdate(), by=by)

    page = reception.get(path)
    assert (before.context["waiting"], page.context["waiting"]) == (0, 2)
    assert "Waiting list: 2 could come" in page.text


def test_visits_at_one_time_stand_side_by_side(reception, vet):
    start = next_morning(10)
    squeezed = {"vet": vet, "squeezed_in": True, "squeezed_in_reason": "in pain"}
    visits = [visit_at(start, vet=vet, minutes=60), visit_at(start, **squeezed)]
    visits += [visit_at(start + dt.timedelta(minutes=30), **squeezed), visit_at(start + dt.timedelta(hours=1), vet=vet)]

    page = reception.get(f"/board/?day={start:%Y-%m-%d}").text

    columns = [re.search(rf'<li class="t\d+ d\d+( sq)?(.*?)" id="visit-{visit.pk}"', page)[2] for visit in visits]
    assert columns == [" beside w2 x0", " beside w2 x1", " beside w2 x1", ""]


@pytest.mark.parametrize(
    ("zone", "day", "offered"),
    [
        ("Europe/Berlin", dt.date(2027, 3, 28), ["01:00", "01:30", "03:00", "03:30"]),  # no hour from two to three
        ("Europe/Berlin", dt.date(2027, 10, 31), ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),  # two of them
    ],
)
def test_free_times_of_a_clock_change_are_those_that_exist_once(reception, zone, day, offered):
    vet = VetFactory(branch=BranchFactory(time_zone=zone))
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(1), ends_at=dt.time(4))
    now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)

    (lane,) = day_board(branch=vet.branch, day=day, now=now).lanes

    assert [CLOCK[free.start] for free in lane.free] == offered
    assert [f"{free.at:%H:%M}" for free in lane.free] == offered


def test_vet_who_has_left_keeps_the_lane_of_days_with_visits_and_is_not_booked(reception, vet):
    start, other = next_morning(10), VetFactory(branch=vet.branch)
    visit_at(start, vet=other)
    type(other).objects.filter(pk=other.pk).update(is_active=False)

    lanes = {lane.vet: (len(lane.tiles), len(lane.free) > 0) for lane in board_of(vet, start).lanes}

    assert lanes == {vet: (0, True), other: (1, False)}
    assert "has left" in reception.get(f"/board/?day={start:%Y-%m-%d}").text
    assert [lane.vet for lane in board_of(vet, start + dt.timedelta(days=1)).lanes] == [vet]


@pytest.mark.parametrize("full_days", [2, 5])
def test_vet_who_is_full_that_day_shows_the_next_time_that_is_free(reception, vet, full_days):
    start = next_morning(9)
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(9), ends_at=dt.time(11))
    for day in range(full_days):
        visit_at(start + dt.timedelta(days=day), vet=vet, minutes=120)

    (lane,) = board_of(vet, start).lanes

    later = start + dt.timedelta(days=full_days)
    assert (lane.free, lane.later) == ([], later)
    head = re.search(r"<header>.*?</header>", reception.get(f"/board/?day={start:%Y-%m-%d}").text)[0]
    assert f"{later:%-d %b}, 09:00" in head


def test_board_of_a_vet_begins_with_the_own_lane(client, vet):
    own = VetFactory(branch=vet.branch)
    client.force_login(own.user)

    page = client.get("/board/")

    assert [lane.vet for lane in page.context["board"].lanes] == [own, vet]
    assert len(re.findall('class="lane own"', page.text)) == 1


def test_booking_from_a_board_is_with_the_vets_of_its_branch(reception, vet):
    east = VetFactory(branch=BranchFactory(name="East"))

    page = reception.get(f"/board/?branch={east.branch_id}&day={next_morning().date()}").text
    address = re.search(r'href="(/book/[^"]*)" data-book data-new', page)[1].replace("&amp;", "&")
    form = reception.get(address)

    assert {slot.vet for slot in form.context["slots"]} == {east}
    assert "Lane" in form.text and "East" in form.text


def test_board_of_another_year_names_the_year(reception, vet):
    day = next_morning(days=-400).date()

    assert f"{day:%B} {day.year}</h1>" in reception.get(f"/board/?day={day}").text


def test_day_and_zone_of_a_lane_are_there_for_the_scripts(reception):
    vet = VetFactory(branch=BranchFactory(time_zone="Europe/Berlin"))

    page = reception.get("/board/?day=2027-03-28").text

    assert f'data-vet="{vet.pk}" data-day="2027-03-28"' in page
    assert 'data-zone="Europe/Berlin"' in page


def test_now_and_the_age_of_the_board_are_on_the_branchs_clock(reception):
    vet = VetFactory(branch=BranchFactory(time_zone="Asia/Omsk"))
    WorkingHours.objects.filter(vet=vet).update(starts_at=dt.time(0), ends_at=dt.time(23, 59))

    page = reception.get("/board/")

    now = f"{page.context['board'].now.astimezone(vet.branch.zone):%H:%M}"
    assert f"as of {now}" in page.text
    assert f"<span>{now}</span></li>" in page.text


def test_vet_is_offered_the_own_free_times_and_drags_the_own_visits_alone(client, vet):
    start, own = next_morning(10), VetFactory(branch=vet.branch)
    visits = [visit_at(start, vet=each) for each in (vet, own)]
    client.force_login(own.user)

    page = client.get(f"/board/?day={start:%Y-%m-%d}").text

    assert set(re.findall(r"/book/\?slot=(\d+)@", page)) == {str(own.pk)}
    assert re.findall(r'id="visit-(\d+)" data-minutes', page) == [str(visits[1].pk)]


def test_lane_that_was_drawn_for_another_person_or_language_is_not_taken_for_this_one(reception, vet):
    visit = visit_at(next_morning(9), vet=vet)
    manager, clinical = Client(), Client()
    manager.force_login(UserFactory(role="manager"))
    clinical.force_login(vet.user)

    def page(client, language):
        return client.get(f"/board/?day={visit.date:%Y-%m-%d}", headers={"Accept-Language": language}).text

    assert [f"{word}</span>" in page(reception, "en") for word in ("unconfirmed", "не подтверждено")] == [True, False]
    assert [f"{word}</span>" in page(reception, "ru") for word in ("unconfirmed", "не подтверждено")] == [False, True]
    assert f'href="/visits/{visit.pk}/"' in page(clinical, "en")
    assert f'href="/visits/{visit.pk}/"' not in page(manager, "en")
