"""A process keeps the days that it has shown: whatever changes is shown at once, and the rest is not read again."""

import datetime as dt
from contextlib import closing
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from billing.actions import credit_invoice, refund_payment
from billing.models import Invoice
from clinic.models import Appointment, Branch, Pet, PetOwner, Veterinarian, WorkingException, WorkingHours
from clinic.timetable import TAKEN, WEEK
from tests.billing.bills import issue, pay
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory
from vetclinic.audit import kept as keeping
from vetclinic.audit.kept import UNWATCHED, forget_all, look_into_log
from vetclinic.home import days as days_module
from vetclinic.home.board import day_board, week_board
from vetclinic.home.days import TILES, days_of

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
HALF_AN_HOUR = dt.timedelta(minutes=30)


@pytest.fixture
def vet():
    return VetFactory()


@pytest.fixture
def other(vet):
    return VetFactory(branch=vet.branch)


def morning_visit(vet, *, hour=10, **details) -> Appointment:
    start = next_morning(hour)
    return AppointmentFactory(vet=vet, date=start, ends_at=start + HALF_AN_HOUR, **details)


def shown(vet, *, now=None) -> list:
    """All that the board of a vet's branch is drawn from, tomorrow."""
    branch = Branch.objects.get(pk=vet.branch_id)
    board = day_board(branch=branch, day=next_morning(10).date(), now=now or timezone.now())
    return [
        (lane.vet.pk, lane.tiles, lane.columns, lane.gaps, lane.off, lane.later, board.opens, board.closes)
        for lane in board.lanes
    ] + [sorted(board.counts.items())]


def kept(vets) -> dict:
    return days_of(look_into_log(), vets, vets[0].branch, next_morning(10).date(), 1)


CHANGES = {
    "booked": lambda visit, other: morning_visit(visit.vet, hour=14),
    "booked with another vet": lambda visit, other: morning_visit(other),
    "moved in time": lambda visit, other: rows_of(visit).update(
        date=visit.date + HALF_AN_HOUR, ends_at=visit.ends_at + HALF_AN_HOUR
    ),
    "moved to another day": lambda visit, other: rows_of(visit).update(
        date=visit.date + dt.timedelta(days=7), ends_at=visit.ends_at + dt.timedelta(days=7)
    ),
    "moved to another vet": lambda visit, other: rows_of(visit).update(vet=other),
    "moved to another vet and back, with another length": lambda visit, other: (
        rows_of(visit).update(vet=other),
        rows_of(visit).update(vet=visit.vet, ends_at=visit.ends_at + HALF_AN_HOUR),
    ),
    "said for another reason": lambda visit, other: rows_of(visit).update(reason="vaccination"),
    "deleted": lambda visit, other: rows_of(visit).delete(),
    "renamed pet": lambda visit, other: Pet.objects.filter(pk=visit.pet_id).update(name="Anew"),
    "renamed owner": lambda visit, other: PetOwner.objects.filter(pk=visit.pet.pet_owner_id).update(last_name="Anew"),
    "handed over": lambda visit, other: Pet.objects.filter(pk=visit.pet_id).update(pet_owner=None),
    "other hours": lambda visit, other: WorkingHours.objects.filter(vet=visit.vet).update(starts_at=dt.time(8)),
    "leave": lambda visit, other: WorkingException.objects.create(
        vet=other, kind="leave", starts_at=visit.date, ends_at=visit.date + HALF_AN_HOUR
    ),
    "holiday of the branch": lambda visit, other: WorkingException.objects.create(
        branch=visit.vet.branch, kind="holiday", starts_at=visit.date, ends_at=visit.date + HALF_AN_HOUR
    ),
    "vet who left": lambda visit, other: Veterinarian.objects.filter(pk=visit.vet_id).update(is_active=False),
    "another clock": lambda visit, other: Branch.objects.filter(pk=visit.vet.branch_id).update(
        time_zone="Asia/Yekaterinburg"
    ),
}


def rows_of(visit):
    return Appointment.objects.filter(pk=visit.pk)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_is_shown_on_a_board_that_was_kept(vet, other, change):
    visit = morning_visit(vet)
    before = shown(vet)

    change(visit, other)
    after = shown(vet)
    forget_all()

    assert after != before
    assert after == shown(vet)


def test_money_of_a_visit_is_shown_on_a_board_that_was_kept(vet):
    """To pay, paid in part, credited, given back, void: each is what the board says at once."""
    manager = UserFactory(role="manager")
    today = timezone.now().replace(minute=0)
    visit = AppointmentFactory(vet=vet, date=today, ends_at=today + HALF_AN_HOUR)
    states = [to_pay(vet)]
    invoice = issue(100, visit=visit)
    states.append(to_pay(vet))
    pay(invoice, 40)
    states.append(to_pay(vet))
    credit_invoice(
        invoice=Invoice.objects.get(), amounts={invoice.lines.get().pk: Decimal(10)}, reason="by mistake", by=manager
    )
    states.append(to_pay(vet))
    refund_payment(invoice=invoice, amount=Decimal(40), method="cash", reason="by mistake", by=manager)
    states.append(to_pay(vet))

    assert states == [[None], [100], [60], [50], [90]]


def to_pay(vet) -> list:
    branch, now = vet.branch, timezone.now()
    board = day_board(branch=branch, day=now.astimezone(branch.zone).date(), now=now)
    return [tile.to_pay for tile in board.tiles]


def test_only_the_days_of_a_vet_whose_visit_has_changed_are_read_again(vet, other):
    visit = morning_visit(vet)
    before = kept([vet, other])
    rows_of(visit).update(reason="vaccination")
    after = kept([vet, other])

    assert (after[vet.pk] is before[vet.pk], after[other.pk] is before[other.pk]) == (False, True)


def test_new_animal_and_what_no_board_shows_leave_all_days_as_they_are(vet):
    before = kept([vet])
    PetFactory()
    UserFactory()

    assert kept([vet])[vet.pk] is before[vet.pk]


def test_week_of_a_vet_that_was_kept_shows_a_change(vet):
    visit = morning_visit(vet)
    monday = visit.date.date() - dt.timedelta(days=visit.date.weekday())
    before = [lane.tiles for lane in week_board(vet=vet, monday=monday, now=timezone.now()).lanes]
    rows_of(visit).delete()
    after = [lane.tiles for lane in week_board(vet=vet, monday=monday, now=timezone.now()).lanes]

    assert (sum(map(len, before)), sum(map(len, after))) == (1, 0)


def test_change_of_a_transaction_that_was_under_way_is_shown(vet, other):
    """It had written before the board was read, and ends after another one that began later."""
    late, visit = morning_visit(vet), morning_visit(other)
    with closing(connections["default"].copy()) as elsewhere, elsewhere.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE appointment SET reason = 'late' WHERE id = %s", [late.pk])
        rows_of(visit).update(reason="in time")
        between = shown(vet)
        cursor.execute("COMMIT")

    assert [tile.reason for lane in between[:-1] for tile in lane[1]] == [late.reason, "in time"]
    assert [tile.reason for lane in shown(vet)[:-1] for tile in lane[1]] == ["late", "in time"]


def test_what_was_rolled_back_is_not_kept(vet):
    class TakenBackError(Exception):
        pass

    with pytest.raises(TakenBackError), transaction.atomic():
        morning_visit(vet)
        inside = kept([vet])[vet.pk].tiles
        raise TakenBackError

    assert (len(inside[0]), kept([vet])[vet.pk].tiles) == (1, {})


def test_visit_that_is_being_moved_takes_no_time_on_that_board_alone(vet):
    visit = morning_visit(vet)
    day = visit.date.date()
    before = kept([vet])[vet.pk].taken
    moving = days_of(look_into_log(), [vet], vet.branch, day, 1, moved=visit)[vet.pk].taken

    assert (len(before), moving, len(kept([vet])[vet.pk].taken)) == (1, [], 1)


def test_table_that_was_loaded_without_the_log_is_shown_after_a_minute(vet, monkeypatch):
    visit = morning_visit(vet)
    kept([vet])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE appointment DISABLE TRIGGER USER")
        cursor.execute("UPDATE appointment SET reason = 'loaded' WHERE id = %s", [visit.pk])
        cursor.execute("ALTER TABLE appointment ENABLE TRIGGER USER")
    at_once = kept([vet])[vet.pk].tiles[0][0].reason
    later = keeping.monotonic() + keeping.KEPT_S
    monkeypatch.setattr(keeping, "monotonic", lambda: later)

    assert (at_once, kept([vet])[vet.pk].tiles[0][0].reason) == (visit.reason, "loaded")


def test_process_keeps_no_more_days_than_it_may(vet, monkeypatch):
    monkeypatch.setattr(days_module._kept, "most", 3)
    for ahead in range(5):
        days_of(look_into_log(), [vet], vet.branch, next_morning(10).date() + dt.timedelta(days=ahead), 1)

    assert len(days_module._kept.parts["default"]) == 3


def test_tables_that_no_board_shows_are_not_asked():
    """Nor do the functions ask them which say what is to pay. A record is only a way to its invoice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname IN ('invoice_credited', 'invoice_paid')")
        functions = [source for (source,) in cursor.fetchall()]
    words = set(" ".join([TILES, WEEK, TAKEN, *functions]).replace("(", " ").split())

    assert len(functions) == 2
    assert words & UNWATCHED == {"medical_record"}
    assert set(connection.introspection.table_names()) >= UNWATCHED
