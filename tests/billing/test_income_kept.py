"""Sums of closed days that a process has read already: used again while the very same closings hold, and no longer."""

import datetime as dt
import re
from contextlib import closing
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import income_closed, income_open
from billing.actions import credit_invoice, refund_payment, take_deposit, void_invoice
from billing.closing import close_income
from billing.income import add_up
from billing.income_facts import FACTS, TABLES
from billing.income_figures import Sums, total
from billing.income_wishes import WHOLE, Wish
from billing.models import Deposit, IncomeClosing, Invoice, Payment
from billing.periods import Period
from tests.audit.test_changes import NOT_KEPT
from tests.billing.bills import issue, pay
from tests.factories import BranchFactory, OwnerFactory, UserFactory, VetFactory
from vetclinic.audit.kept import UNWATCHED, forget_all, look_into_log

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default"])
DAY = dt.date(2026, 3, 10)
FEBRUARY_AND_MARCH = Period(dt.date(2026, 2, 1), dt.date(2026, 3, 31))
TODAY = timezone.localdate()
NIGHT = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)  # of each closing: so its time alone tells none from another
COPY = """
    INSERT INTO deposit (pet_owner_id, kind, amount, method, branch_id, noted_at, day, noted_by_id)
    SELECT pet_owner_id, kind, amount, method, branch_id, noted_at, day, noted_by_id FROM deposit ORDER BY id LIMIT 1
"""


def received(unit=WHOLE) -> Decimal:
    (sums,) = add_up(look_into_log(), [Wish(FEBRUARY_AND_MARCH, unit)])
    return total(sums).received


def receive(amount: int, day: dt.date = DAY) -> None:
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo("Europe/Moscow"))
    money = {"owner": OwnerFactory(), "method": "cash", "branch": BranchFactory(time_zone="Europe/Moscow")}
    take_deposit(amount=Decimal(amount), **money, now=noon, by=UserFactory())


def reads_sums(queries: CaptureQueriesContext) -> bool:
    return any("income_sum" in query["sql"] for query in queries.captured_queries)


@pytest.fixture
def closed_day():
    receive(100)
    close_income(now=NIGHT)


@pytest.fixture
def other(closed_day):
    """The connection of another process, or of somebody at psql."""
    with closing(connections["default"].copy()) as connection, connection.cursor() as cursor:
        yield cursor


def test_every_table_of_the_facts_is_watched_or_final_with_one_that_is():
    read = set(re.findall(r"(?:FROM|JOIN) (\w+)", FACTS)) - {"line"} | {Payment._meta.db_table}

    assert (read - set(TABLES), set(TABLES) - read) == ({"invoice_line", "credit_line"}, set())
    assert NOT_KEPT.isdisjoint(TABLES)
    assert UNWATCHED.isdisjoint(TABLES)


def test_nothing_is_added_up_again_because_somebody_has_moved(closed_day):
    received()
    OwnerFactory()

    with CaptureQueriesContext(connections["default"]) as queries:
        again = received()

    assert (again, len(queries)) == (100, 1)


def test_every_kind_of_money_is_seen_at_once(closed_day):
    """Of today, which no closing tells of."""

    def seen() -> list:
        (sums,) = add_up(look_into_log(), [Wish(Period(TODAY, TODAY))])
        shown = total(sums)
        return [shown.billed, shown.credited, shown.received]

    looks = [seen()]
    paid, void = issue("100", "20"), issue("7")
    looks.append(seen())
    pay(paid, "30")
    looks.append(seen())
    manager = {"by": UserFactory(role="manager")}
    refund_payment(invoice=paid, amount=Decimal(10), method="cash", reason="Twice", branch=None, **manager)
    looks.append(seen())
    credit_invoice(invoice=paid, amounts={paid.lines.first().pk: Decimal(5)}, reason="Less", **manager)
    looks.append(seen())
    void_invoice(invoice=void, reason="Wrong animal", **manager)
    looks.append(seen())

    assert looks == [[0, 0, 0], [127, 0, 0], [127, 0, 30], [127, 0, 20], [127, 5, 20], [127, 12, 20]]


def test_sums_that_were_kept_by_branch_are_those_of_the_facts():
    here, there = VetFactory(branch=BranchFactory()), VetFactory(branch=BranchFactory())
    paid, other = issue("100", vet=here), issue("50", vet=there)
    manager = {"by": UserFactory(role="manager")}
    changes = [
        lambda: pay(paid, "30"),
        lambda: refund_payment(
            invoice=paid, amount=Decimal(10), method="cash", reason="Twice", branch=here.branch, **manager
        ),
        lambda: credit_invoice(invoice=paid, amounts={paid.lines.get().pk: Decimal(5)}, reason="Less", **manager),
        lambda: issue("7", vet=VetFactory(branch=here.branch)),
        lambda: void_invoice(invoice=Invoice.objects.get(amount=7), reason="Wrong animal", **manager),
    ]
    looks = [(by_branch(), by_branch())]
    for change in changes:
        change()
        kept = by_branch()
        forget_all()
        looks.append((kept, by_branch()))

    assert all(kept == read for kept, read in looks)
    assert len({str(kept) for kept, _read in looks}) == len(looks)
    assert all(kept[TODAY, str(there.branch_id)].billed == other.amount for kept, _read in looks)


def test_branch_whose_money_has_not_changed_is_not_asked_again():
    here, there = VetFactory(branch=BranchFactory()), VetFactory(branch=BranchFactory())
    paid = issue("100", vet=here)
    issue("50", vet=there)
    by_branch()
    before = dict(income_open._parts.parts["default"])
    pay(paid, "30")
    by_branch()
    after = income_open._parts.parts["default"]
    same = {part.branch for part, rows in before.items() if after.get(part) is rows}

    assert (there.branch_id in same, here.branch_id in same) == (True, False)


def by_branch() -> Sums:
    (sums,) = add_up(look_into_log(), [Wish(Period(TODAY, TODAY), by="branch")])
    return sums


def test_closed_days_are_read_once_whatever_is_paid_today(closed_day):
    received()
    pay(issue("100"), "100")

    with CaptureQueriesContext(connections["default"]) as queries:
        again = received()

    assert (again, reads_sums(queries)) == (100, False)


@pytest.mark.parametrize("unit", ["day", "month", WHOLE])
def test_late_money_of_a_closed_day_is_seen_at_once_and_when_the_day_is_closed_again(closed_day, unit):
    seen = [received(unit)]
    receive(5)
    seen.append(received(unit))
    close_income(now=NIGHT)
    seen.append(received(unit))
    receive(7)
    close_income(now=NIGHT)

    assert [*seen, received(unit)] == [100, 105, 105, 112]
    assert IncomeClosing.objects.filter(span="month", since=DAY.replace(day=1), closed_at=NIGHT).exists()


def test_money_of_a_transaction_under_way_is_seen_when_it_ends(other):
    """It began before everything else, and opens the day for nobody but itself until then."""
    other.execute("BEGIN")
    other.execute(COPY)
    receive(5, dt.date(2026, 2, 10))
    close_income(now=NIGHT)  # February alone: March is closed for all others
    seen = [received(), received()]
    other.execute("COMMIT")
    seen.append(received())
    close_income(now=NIGHT)

    assert [*seen, received()] == [105, 105, 205, 205]


def test_money_that_is_taken_back_was_never_there(other):
    seen = [received()]
    other.execute("BEGIN")
    other.execute(COPY)
    seen.append(received())
    other.execute("ROLLBACK")

    with CaptureQueriesContext(connections["default"]) as queries:
        seen.append(received())

    assert (seen, reads_sums(queries)) == ([100, 100, 100], False)


def test_another_process_may_open_a_day_and_close_it_unseen(other):
    seen = [received()]
    other.execute(COPY)
    close_income(now=NIGHT)

    assert [*seen, received()] == [100, 200]


def test_day_that_is_closed_again_before_its_sums_are_read_counts_in_full(closed_day, monkeypatch):
    """The closings were seen before, the sums are read after: they are the newer ones, and so is every later look."""
    closings = income_closed.closings_of

    def and_then_money_comes_late(*asked):
        seen = closings(*asked)
        if Deposit.objects.count() == 1:
            receive(5)
            close_income(now=NIGHT)
        return seen

    monkeypatch.setattr("billing.income.closings_of", and_then_money_comes_late)

    assert [received(), received()] == [105, 105]
