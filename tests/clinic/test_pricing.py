"""Prices change by new rows from a day on, all at once or none, and come back row for row."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clinic.models import Branch, PriceChange, Service
from clinic.models.service import OPEN_END
from clinic.pricing import change_prices, reprice_service, undo_price_change
from records.actions import add_treatment, start_visit
from tests.clinic.pricing import apply, bulk, curve, in_days, rows, treat_with
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(role="admin")


def reprice(service, since, cost="120", reason="Dearer"):
    return reprice_service(
        service=service, cost=Decimal(cost), since=since, reason=reason, by=UserFactory(role="admin")
    )


def code_of(function, *args, **kwargs) -> str:
    with pytest.raises(RuleViolation) as refusal:
        function(*args, **kwargs)
    return refusal.value.code


@pytest.mark.parametrize("cost", ["-1", "100000000", "0"])
def test_price_that_cannot_be_is_refused_in_a_sentence(cost):
    with pytest.raises(RuleViolation) as refusal:
        reprice(ServiceFactory(), in_days(1), cost=cost)

    assert (str(refusal.value)[-1], refusal.value.field) == (".", "cost")


# -- One price --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 1, 30])
def test_new_price_closes_the_old_one_and_opens_another(admin, days):
    old = ServiceFactory(code="exam", cost=100)

    change = reprice_service(service=old, cost=Decimal(120), since=in_days(days), reason="Dearer", by=admin)

    assert curve("exam") == [(100, old.valid_from, in_days(days)), (120, in_days(days), OPEN_END)]
    assert (change.reason, change.since, change.made_by) == ("Dearer", in_days(days), admin)
    assert [(line.closed, line.old_cost, line.cost) for line in change.lines.all()] == [(old, 100, 120)]


def test_new_price_keeps_all_else_of_the_old_one():
    old = ServiceFactory(category="surgery", unit="h", description="x", cost_price=40, valid_to=in_days(90))

    reprice(old, in_days(1))

    before, after = rows(code=old.code)
    differing = {name for name in before if before[name] != after[name]}
    assert (differing, after["valid_to"]) == ({"id", "cost", "valid_from", "valid_to"}, in_days(90))


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "since", "code"),
    [
        (-30, 300, -1, "price_starts_today_or_later"),
        (-30, 300, 732, "price_starts_too_far"),
        (-30, 5, 5, "price_ends"),
        (5, 300, 3, "price_begins_later"),
        (5, 300, 5, "price_starts_that_day"),
        (0, 300, 0, "price_starts_that_day"),
    ],
)
def test_price_that_cannot_start_on_that_day_is_refused(valid_from, valid_to, since, code):
    service = ServiceFactory(valid_from=in_days(valid_from), valid_to=in_days(valid_to))
    before = rows()

    assert code_of(reprice, service, in_days(since)) == code

    assert (rows(), PriceChange.objects.count()) == (before, 0)


def test_price_that_is_not_active_is_refused():
    assert code_of(reprice, ServiceFactory(is_active=False), in_days(1)) == "price_inactive"


def test_same_price_again_is_refused():
    assert code_of(reprice, ServiceFactory(cost=100), in_days(1), cost="100.00") == "no_price_changes"


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_change_without_a_reason_is_refused(reason):
    assert code_of(reprice, ServiceFactory(), in_days(1), reason=reason) == "price_change_has_reason"


def test_price_that_a_treatment_of_today_took_changes_from_tomorrow():
    service = ServiceFactory(cost=100)
    treatment = treat_with(service)

    assert code_of(reprice, service, in_days(0)) == "price_used"
    reprice(service, in_days(1))

    treatment.refresh_from_db()
    assert (treatment.unit_price, treatment.service.cost) == (100, 100)


@pytest.mark.parametrize(
    "change",
    ["cost = 1", "code = 'x'", "valid_from = valid_from - 1", "valid_to = (SELECT max(date) FROM treatment)"],
)
def test_used_price_is_not_changed_by_sql(change):
    service = ServiceFactory()
    treat_with(service)
    before = rows()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE service SET {change}")

    assert refusal.value.__cause__.diag.constraint_name == "service_used_price_is_final"
    assert rows() == before


def test_name_of_a_used_price_may_be_corrected():
    service = ServiceFactory()
    treat_with(service)

    Service.objects.update(name="Examination", valid_to=in_days(1))

    assert Service.objects.get().name == "Examination"


# -- Many prices ------------------------------------------------------------------------------------------


def test_bulk_change_takes_the_active_prices_of_its_categories():
    ServiceFactory(code="cut", category="surgery", cost=1250)
    ServiceFactory(code="sew", category="surgery", cost=Decimal("99.99"))
    ServiceFactory(code="old", category="surgery", is_active=False)
    ServiceFactory(code="wash", category="grooming")

    change = apply(bulk(in_days(8), categories=["surgery"], step=Decimal(10)))

    assert [row[0] for row in curve("cut")] == [1250, 1340]
    assert [row[0] for row in curve("sew")] == [Decimal("99.99"), 110]
    assert [len(curve(code)) for code in ("old", "wash")] == [1, 1]
    assert change.terms == {
        "by": "7",
        "measure": "percent",
        "step": "10",
        "rounding": "nearest",
        "categories": ["surgery"],
    }


def test_bulk_change_of_no_category_is_of_all():
    for category in ("surgery", "lab", "other"):
        ServiceFactory(category=category, cost=100)

    apply(bulk(in_days(8), by=Decimal("-10"), measure="money"))

    assert sorted(Service.objects.on_sale(in_days(8)).values_list("cost", flat=True)) == [90, 90, 90]


def test_prices_in_whose_way_something_stands_stay_and_are_told():
    ServiceFactory(code="a-free", cost=100)
    ServiceFactory(code="b-starts", cost=100, valid_from=in_days(0))
    ServiceFactory(code="c-zero", cost=Decimal("0.01"))
    ServiceFactory(code="d-huge", cost=Decimal("99999999.99"))
    treat_with(ServiceFactory(code="e-used", cost=100))
    planner = bulk(in_days(0), by=Decimal(-60))
    told = {price.new.code: price.obstacle for price in planner().prices}

    apply(planner)

    assert told == {"a-free": "", "b-starts": "starts_that_day", "c-zero": "zero", "d-huge": "", "e-used": "used"}
    assert [len(curve(code)) for code in sorted(told)] == [2, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("cost", "by", "obstacle"), [("99999999.99", "7", "out_of_range"), ("100", "-100", "zero"), ("0", "7", None)]
)
def test_price_that_would_be_no_price_is_not_planned(cost, by, obstacle):
    ServiceFactory(cost=Decimal(cost))

    prices = bulk(in_days(1), by=Decimal(by))().prices

    assert [price.obstacle for price in prices] == ([obstacle] if obstacle else [])


def test_price_below_zero_is_not_planned():
    ServiceFactory(cost=100)

    assert [price.obstacle for price in bulk(in_days(1), by=Decimal(-200), measure="money")().prices] == [
        "out_of_range"
    ]


def test_new_price_ends_where_one_planned_already_begins():
    ServiceFactory(code="exam", cost=100, valid_to=in_days(20))
    ServiceFactory(code="exam", cost=150, valid_from=in_days(20))

    apply(bulk(in_days(8)))

    assert [(row[0], row[1]) for row in curve("exam")][1:] == [(107, in_days(8)), (150, in_days(20))]


def test_change_after_an_old_preview_is_refused_and_changes_nothing(admin):
    ServiceFactory(code="exam", cost=100)
    planner = bulk(in_days(8))
    shown = planner().digest
    ServiceFactory(code="new", cost=50)
    before = rows()

    code = code_of(change_prices, planner=planner, shown=shown, reason="x", by=admin)

    assert (code, rows(), PriceChange.objects.count()) == ("prices_have_changed", before, 0)


def test_change_that_fails_at_its_last_row_changes_nothing(admin):
    ServiceFactory.create_batch(3)
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE price_change_line ADD CONSTRAINT lost CHECK (cost <> 107)")

    with pytest.raises(IntegrityError, match="lost"):
        apply(bulk(in_days(8)), by=admin)

    assert (rows(), PriceChange.objects.count()) == (before, 0)


def test_change_of_several_batches_is_made_and_undone_whole(admin, monkeypatch):
    monkeypatch.setattr("clinic.pricing.BATCH", 2)
    ServiceFactory.create_batch(5, cost=100)
    before = rows()

    change = apply(bulk(in_days(8)))
    made = sorted(Service.objects.on_sale(in_days(8)).values_list("cost", flat=True))
    undo_price_change(change=change, by=admin)

    assert (made, rows()) == ([107] * 5, before)


def test_change_sent_twice_is_one(admin):
    ServiceFactory(code="exam", cost=100)
    planner = bulk(in_days(8))
    shown = planner().digest
    send = {"planner": planner, "shown": shown, "reason": "x", "request_key": uuid.uuid4(), "by": admin}

    first, second = change_prices(**send), change_prices(**send)

    assert (first, len(curve("exam"))) == (second, 2)


# -- Undone -----------------------------------------------------------------------------------------------


def test_undone_change_leaves_every_row_as_it_was(admin):
    ServiceFactory.create_batch(5, cost=100)
    ServiceFactory(code="ends", valid_to=in_days(20))
    ServiceFactory(code="ends", valid_from=in_days(20))
    before = rows()
    change = apply(bulk(in_days(8)))

    undo_price_change(change=change, by=admin)

    assert rows() == before
    change.refresh_from_db()
    assert (change.undone_by, change.lines.filter(opened=None).count()) == (admin, 6)


def test_changes_are_undone_last_one_first(admin):
    service = ServiceFactory(cost=100)
    before = rows()
    first, second = apply(bulk(in_days(8))), apply(bulk(in_days(9)))

    refused = code_of(undo_price_change, change=first, by=admin)
    undo_price_change(change=second, by=admin)
    undo_price_change(change=first, by=admin)

    assert (refused, rows(), service.cost) == ("price_change_was_changed", before, 100)


def test_change_whose_new_price_was_edited_is_not_undone(admin):
    ServiceFactory(code="exam")
    change = apply(bulk(in_days(8)))
    Service.objects.filter(valid_from=in_days(8)).update(name="Edited since")

    assert code_of(undo_price_change, change=change, by=admin) == "price_change_was_changed"
    assert len(curve("exam")) == 2


def test_change_is_undone_once(admin):
    ServiceFactory()
    change = apply(bulk(in_days(8)))
    undo_price_change(change=change, by=admin)

    assert code_of(undo_price_change, change=change, by=admin) == "price_change_undone"


def change_in_use_at_a_branch_ahead():
    """At 20:00 in Moscow it is tomorrow in Kamchatka: a vet there has the new price already. The change, and that hour."""
    service, evening = ServiceFactory(), timezone.localtime().replace(hour=20, minute=0)
    change = apply(bulk(in_days(1)))
    visit = AppointmentFactory(vet__branch__time_zone="Asia/Kamchatka")
    start_visit(appointment=visit, by=visit.vet.user)
    new = Service.objects.filter(code=service.code).latest("valid_from")
    add_treatment(appointment=visit, service=new, now=evening, by=visit.vet.user)
    return change, evening


def test_change_that_holds_at_a_branch_ahead_is_not_undone(admin):
    change, evening = change_in_use_at_a_branch_ahead()

    assert code_of(undo_price_change, change=change, now=evening, by=admin) == "price_change_has_begun"


def test_change_whose_price_a_treatment_took_is_not_undone_whatever_clock_its_branch_has_now(admin):
    change, evening = change_in_use_at_a_branch_ahead()
    Branch.objects.update(time_zone="Europe/Moscow")

    assert code_of(undo_price_change, change=change, now=evening, by=admin) == "price_change_has_begun"
    assert Service.objects.count() == 2


@pytest.mark.parametrize(("days", "code"), [(7, None), (8, "price_change_has_begun"), (9, "price_change_has_begun")])
def test_change_is_undone_until_the_day_before(admin, days, code):
    ServiceFactory()
    change = apply(bulk(in_days(8)))
    now = timezone.now() + dt.timedelta(days=days)

    if code:
        assert code_of(undo_price_change, change=change, now=now, by=admin) == code
    else:
        undo_price_change(change=change, now=now, by=admin)

    assert Service.objects.count() == (2 if code else 1)
