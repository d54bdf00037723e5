"""Closed days of the income: the same figures as from the facts, whatever is closed, and whoever writes meanwhile."""

import datetime as dt
import threading
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from billing.actions import (
    credit_invoice,
    issue_invoice,
    refund_payment,
    return_deposit,
    take_deposit,
    void_invoice,
)
from billing.closing import close_days, close_income, last_day_over
from billing.income import add_up
from billing.income_forms import BY
from billing.income_report import report
from billing.income_wishes import WHOLE, Only, Wish
from billing.models import Deposit, IncomeClosing, Invoice
from billing.periods import UNITS, Period
from billing.rules import can_void
from billing.statement import statement_of
from billing.till import money_of
from clinic.models import Branch, Pet, PetOwner, Service, Veterinarian
from tests.billing.bills import draft, issue, pay
from tests.clinic.pricing import apply, bulk, in_days
from tests.factories import (
    BranchFactory,
    OwnerFactory,
    PetFactory,
    SpecializationFactory,
    UserFactory,
    VetFactory,
)
from vetclinic.audit.kept import look_into_log

MOSCOW = ZoneInfo("Europe/Moscow")
FIRST = dt.date(2026, 1, 28)
SPAN = Period(FIRST, dt.date(2026, 4, 3))
NOON = dt.time(12)
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
ZONES = ("Europe/Moscow", "Asia/Vladivostok", "Etc/GMT+12")


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, NOON, MOSCOW)


class Book:
    """What is to be found, written down when it happens: (by, key, day) → billed, credited, received, cost.

    What is changed afterwards, a vet's branch or a service's cost price, is no reason to write anything here.
    """

    def __init__(self):
        self.sums: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
        self.copied: dict[int, tuple[dict, list[tuple]]] = {}  # invoice → its keys; its lines with their keys and cost

    def remember(self, invoice: Invoice) -> None:
        """Before it is issued, so that nobody else's copy is asked."""
        visit = invoice.record.appointment
        keys = {
            "vet": str(visit.vet_id),
            "specialization": str(visit.vet.specialization_id),
            "species": visit.pet.species,
            "branch": str(visit.vet.branch_id or 0),
        }
        lines = [
            (line.total, {"service": line.service.code, "category": line.service.category}, cost_of(line))
            for line in invoice.lines.order_by("pk").select_related("service")
        ]
        self.copied[invoice.pk] = keys, lines

    def billed(self, invoice, day, *, sign=1) -> None:
        keys, lines = self.copied[invoice.pk]
        for total, of_line, cost in lines:
            self.add(
                day,
                keys | of_line,
                billed=total if sign > 0 else 0,
                credited=total if sign < 0 else 0,
                cost=sign * cost,
            )

    def credited(self, invoice, amount, day) -> None:
        """Of its first line."""
        keys, ((_total, of_line, _cost), *_others) = self.copied[invoice.pk]
        self.add(day, keys | of_line, credited=amount)

    def received(self, amount, branch, day, invoice=None) -> None:
        keys = self.copied[invoice.pk][0] if invoice else {}
        self.add(day, keys | {"branch": str(branch.pk)}, received=amount)

    def add(self, day, keys, *, billed=0, credited=0, received=0, cost=0) -> None:
        for by in ("total", *BY):
            place = by, keys.get(by, ""), day
            amounts = zip(self.sums[place], (billed, credited, received, cost), strict=True)
            self.sums[place] = [a + b for a, b in amounts]


def cost_of(line) -> Decimal:
    unit = line.service.cost_price
    return Decimal(0) if unit is None else (line.quantity * unit).quantize(Decimal("0.01"))


def expected(facts, period: Period, unit: str, by: str) -> dict:
    wish = Wish(period, unit, by)
    sums = defaultdict(lambda: [Decimal(0)] * 4)
    for (kind, key, day), amounts in facts.items():
        if kind == by and period.first <= day <= period.last:
            place = wish.bucket(day), key
            sums[place] = [a + b for a, b in zip(sums[place], amounts, strict=True)]
    return {place: amounts for place, amounts in sums.items() if any(amounts)}


def found(period: Period, unit: str, by: str) -> dict:
    (sums,) = add_up(look_into_log(), [Wish(period, unit, by)])
    rows = {place: [each.billed, each.credited, each.received, each.cost] for place, each in sums.items()}
    return {place: amounts for place, amounts in rows.items() if any(amounts)}


MONEY = ["bill", "bill", "pay", "credit", "void", "refund", "deposit", "return", "close"]
EDITS = ["move", "clock", "species", "category", "specialize", "cost"]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(MONEY + EDITS),
        st.integers(0, SPAN.days - 1),
        st.integers(0, 24 * 60 - 1),
        st.integers(0, 2),
    ),
    min_size=3,
    max_size=16,
)


@pytest.mark.django_db
@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(ACTS, st.integers(0, SPAN.days - 1), st.integers(0, SPAN.days - 1))
@example(
    [(kind, 3 * place, 1400, 0) for place, kind in enumerate(["bill", "pay", "deposit", "close", *EDITS, "credit"])]
    + [("bill", 9, 1400, 1), ("pay", 9, 1400, 1), ("void", 40, 1400, 2)],
    0,
    40,
)
def test_sums_equal_brute_force_for_every_grouping(acts, one, other):
    period = Period(*sorted((FIRST + dt.timedelta(days=one), FIRST + dt.timedelta(days=other))))
    with transaction.atomic():
        clinic = Clinic()
        for kind, offset, minute, number in acts:
            now = dt.datetime.combine(FIRST, dt.time(), dt.UTC) + dt.timedelta(days=offset, minutes=minute)
            clinic.act(kind, now, number)

        for by in ("total", *BY):
            for unit in (*UNITS, WHOLE):
                for each in (SPAN, period):
                    assert found(each, unit, by) == expected(clinic.book.sums, each, unit, by), (by, unit, each)
        transaction.set_rollback(True)


class Clinic:
    """Two branches and three vets, one of them without a branch; whoever acts is a manager."""

    def __init__(self):
        self.book, self.invoices = Book(), []
        self.manager, self.owner = UserFactory(role="manager"), OwnerFactory()
        self.branches = [BranchFactory(time_zone=zone) for zone in ZONES[:2]]
        self.vets = [VetFactory(branch=branch) for branch in self.branches] + [VetFactory(branch=None)]

    def act(self, kind: str, now: dt.datetime, number: int) -> None:
        if kind in EDITS:
            self.edit(kind, number)
        elif kind == "close":
            close_income()
        elif kind == "bill":
            self.bill(now, number)
        elif kind in ("deposit", "return"):
            self.keep_deposit(kind, now, self.branches[number % 2])
        elif self.invoices:
            invoice = Invoice.objects.with_balance().get(pk=self.invoices[number % len(self.invoices)].pk)
            self.settle(kind, invoice, now, self.branches[number % 2])

    def edit(self, kind: str, number: int) -> None:
        """What somebody puts right in the admin, or in psql."""
        vet, branch = Veterinarian.objects.get(pk=self.vets[number].pk), self.branches[number % 2]
        if kind == "move":
            vet.branch = branch if vet.branch != branch else self.branches[(number + 1) % 2]
        elif kind == "specialize":
            vet.specialization = SpecializationFactory()
        vet.save()
        if kind == "clock":
            Branch.objects.filter(pk=branch.pk).update(time_zone=ZONES[number])
        elif kind == "species":
            Pet.objects.update(species=["parrot", "cat", ""][number])
        elif kind in ("category", "cost"):
            new = {"category": ["drug", "lab", "other"][number]} if kind == "category" else {"cost_price": 10 * number}
            Service.objects.update(**new)

    def bill(self, now: dt.datetime, number: int) -> None:
        free = timezone.now() + SECOND * len(self.invoices)
        pet = PetFactory(species=["cat", "dog", ""][number])
        vet = Veterinarian.objects.get(pk=self.vets[number].pk)
        made = draft("100.10", "33.33", vet=vet, pet=pet, date=free, ends_at=free + SECOND)
        self.book.remember(made)
        self.book.billed(made, now.astimezone(vet.zone).date())
        self.invoices.append(issue_invoice(invoice=made, now=now, by=self.manager))

    def keep_deposit(self, kind: str, now: dt.datetime, branch: Branch) -> None:
        branch.refresh_from_db()
        money = {"owner": self.owner, "method": "cash", "branch": branch, "now": now, "by": self.manager}
        if kind == "deposit":
            take_deposit(amount=Decimal("70.70"), **money)
            self.book.received(Decimal("70.70"), branch, now.astimezone(branch.zone).date())
        elif Deposit.objects.filter(pet_owner=self.owner).balance() >= 5:
            return_deposit(amount=Decimal(5), reason="Moved away", **money)
            self.book.received(-Decimal(5), branch, now.astimezone(branch.zone).date())

    def settle(self, kind: str, invoice: Invoice, now: dt.datetime, branch: Branch) -> None:
        """`branch` takes or gives the money, wherever the visit was."""
        branch.refresh_from_db()
        by, is_open = {"now": now, "by": self.manager}, invoice.status_id in (12, 13)
        here, there = now.astimezone(branch.zone).date(), now.astimezone(invoice.zone).date()
        if kind == "pay" and is_open and invoice.balance >= 10:
            pay(invoice, "10", now=now, branch=branch)
            self.book.received(Decimal(10), branch, here, invoice)
        elif kind == "refund" and invoice.paid >= 10:
            back = {"amount": Decimal(10), "method": "cash", "reason": "Twice", "branch": branch}
            refund_payment(invoice=invoice, **back, **by)
            self.book.received(-Decimal(10), branch, here, invoice)
        elif kind == "credit" and is_open and invoice.balance >= 20:
            credit_invoice(invoice=invoice, amounts={invoice.lines.first().pk: Decimal(3)}, reason="Less", **by)
            self.book.credited(invoice, Decimal(3), there)
        elif kind == "void" and can_void(invoice):
            void_invoice(invoice=invoice, reason="Wrong animal", **by)
            self.book.billed(invoice, there, sign=-1)


FEBRUARY = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))


def all_that_is_reported() -> list:
    """Of February: the income by every key and with every filter, the tills, and each owner's statement; by numbers
    alone, as a vet who marries has a new name in old reports too.
    """
    filters = [Only(), *(Only(branch=pk) for pk in (0, *Branch.objects.order_by("pk").values_list("pk", flat=True)))]
    filters += [Only(vet=str(pk)) for pk in Veterinarian.objects.order_by("pk").values_list("pk", flat=True)]
    filters += [Only(service=code) for code in sorted(set(Service.objects.values_list("code", flat=True)))]
    reports = [report(look_into_log(), FEBRUARY, "day", by, only) for by in BY for only in filters]
    figures = [([row.sums for row in each.times], [(row.key, row.sums) for row in each.keys]) for each in reports]
    tills = [money_of(branch, FEBRUARY.first, FEBRUARY.last) for branch in Branch.objects.order_by("pk")]
    accounts = [statement_of(owner, FEBRUARY).rows for owner in PetOwner.objects.order_by("pk")]
    return [figures, tills, accounts]


@pytest.mark.django_db
@pytest.mark.parametrize("closed", [True, False])
def test_reports_of_last_month_stay_whatever_is_edited_today(closed):
    late = {"now": dt.datetime(2026, 2, 28, 20, 30, tzinfo=dt.UTC)}  # another day in Vladivostok
    there, here, far = (BranchFactory(time_zone=zone) for zone in (ZONES[1], ZONES[0], "Asia/Kamchatka"))
    vets, manager = [VetFactory(branch=here), VetFactory(branch=there)], UserFactory(role="manager")
    invoices = [
        issue(
            "100",
            "50",
            cost_price=30,
            vet=vets[n % 2],
            date=timezone.now() + n * SECOND,
            ends_at=timezone.now() + (n + 1) * SECOND,
            now=noon(FEBRUARY.first + n * DAY),
        )
        for n in (2, 9, 26, 27)
    ]
    pay(invoices[1], "150", now=noon(dt.date(2026, 2, 11)), branch=there)
    pay(invoices[2], "20", **late)
    void_invoice(invoice=invoices[3], reason="Wrong animal", **late, by=manager)
    take_deposit(owner=OwnerFactory(), amount=Decimal(777), method="cash", branch=there, **late, by=manager)
    if closed:
        close_income()
    seen = all_that_is_reported()
    later = noon(dt.date(2026, 3, 10))

    void_invoice(invoice=invoices[0], reason="Wrong animal", now=later, by=manager)
    amounts = {invoices[1].lines.first().pk: Decimal(7)}
    credit_invoice(invoice=invoices[1], amounts=amounts, reason="Less", refund_by="cash", now=later, by=manager)
    pay(invoices[2], "1", now=later)
    Service.objects.update(category="drug", cost_price=99)
    apply(bulk(in_days(1)))
    Pet.objects.update(species="parrot")
    Veterinarian.objects.filter(pk=vets[0].pk).update(branch=far)
    Veterinarian.objects.filter(pk=vets[1].pk).update(branch=None, specialization=SpecializationFactory())
    Branch.objects.filter(pk=here.pk).update(time_zone="America/New_York")
    if closed:
        close_income()

    assert all_that_is_reported() == seen


@pytest.mark.django_db
def test_late_fact_of_a_closed_day_counts_once_whatever_clock_its_branch_has_got():
    """Money of 20:30 in London, noted when the branch was there, is not of the next day when it is in Vladivostok."""
    branch = BranchFactory(time_zone="Europe/London")
    money = {"owner": OwnerFactory(), "method": "cash", "branch": branch, "by": UserFactory()}
    evening = dt.datetime(2026, 2, 13, 20, 30, tzinfo=dt.UTC)
    take_deposit(amount=Decimal(10), now=evening, **money)
    close_income()

    Branch.objects.update(time_zone="Asia/Vladivostok")
    branch.refresh_from_db()
    take_deposit(amount=Decimal(5), now=evening, **money)

    days = {day: amounts[2] for (day, _key), amounts in found(FEBRUARY, "day", "total").items()}
    assert days == {evening.date(): Decimal(10), dt.date(2026, 2, 14): Decimal(5)}


@pytest.mark.django_db
def test_deposit_is_income_of_the_branch_that_takes_it_on_that_branchs_day():
    BranchFactory()
    second = BranchFactory(time_zone="Asia/Vladivostok")
    evening = dt.datetime(2026, 2, 12, 20, tzinfo=MOSCOW)

    take_deposit(owner=OwnerFactory(), amount=Decimal(777), method="cash", branch=second, now=evening, by=UserFactory())

    assert found(FEBRUARY, "day", "branch") == {(dt.date(2026, 2, 13), str(second.pk)): [0, 0, Decimal(777), 0]}


@pytest.mark.django_db
def test_fact_of_a_closed_day_opens_its_day_and_month_alone():
    issue("100", now=noon(FIRST))
    close_income()
    before = IncomeClosing.objects.count()

    issue("5", now=noon(dt.date(2026, 2, 10)))

    gone = {("day", dt.date(2026, 2, 10)), ("month", dt.date(2026, 2, 1))}
    assert before - IncomeClosing.objects.count() == 2
    assert gone & set(IncomeClosing.objects.values_list("span", "since")) == set()
    assert found(SPAN, "month", "total")[dt.date(2026, 2, 1), ""] == [5, 0, 0, 0]


@pytest.mark.django_db
def test_fact_of_today_opens_nothing():
    invoice = issue("100", now=noon(FIRST))
    close_income()
    before = set(IncomeClosing.objects.values_list("pk", flat=True))

    pay(invoice, "10")
    issue("5")

    assert set(IncomeClosing.objects.values_list("pk", flat=True)) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zones", "moment", "day"),
    [
        ([], "2026-03-10T20:59:59Z", "2026-03-09"),
        ([], "2026-03-10T21:00:00Z", "2026-03-10"),
        (["Asia/Vladivostok"], "2026-03-10T20:59:59Z", "2026-03-09"),
        (["Asia/Vladivostok", "Etc/GMT+12"], "2026-03-11T11:59:59Z", "2026-03-09"),
        (["Asia/Vladivostok", "Etc/GMT+12"], "2026-03-11T12:00:00Z", "2026-03-10"),
    ],
)
def test_day_is_over_when_it_is_over_on_every_clock(zones, moment, day):
    """Those of the branches, and the clinic's own."""
    for zone in zones:
        BranchFactory(time_zone=zone)

    assert last_day_over(dt.datetime.fromisoformat(moment)) == dt.date.fromisoformat(day)


@pytest.mark.django_db
def test_day_that_a_new_branch_still_has_counts_what_is_taken_there():
    """It was closed before: as with any late fact, it is opened again."""
    here, money = BranchFactory(time_zone=ZONES[0]), {"owner": OwnerFactory(), "method": "cash", "by": UserFactory()}
    evening = dt.datetime(2026, 2, 12, 22, tzinfo=dt.UTC)  # the 13th in Moscow
    take_deposit(amount=Decimal(10), branch=here, now=evening - dt.timedelta(hours=8), **money)
    close_income(now=evening)
    closed = IncomeClosing.objects.filter(since=dt.date(2026, 2, 12)).exists()

    take_deposit(amount=Decimal(5), branch=BranchFactory(time_zone=ZONES[2]), now=evening, **money)
    close_income(now=evening)

    days = {day: amounts[2] for (day, _key), amounts in found(FEBRUARY, "day", "total").items()}
    assert (closed, days) == (True, {dt.date(2026, 2, 12): Decimal(15)})
    assert not IncomeClosing.objects.filter(since=dt.date(2026, 2, 12)).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_closing_waits_for_whoever_bills_that_day():
    """A bill that is written, but not committed, when the closing begins, is in the sums of the day."""
    issue("100", now=noon(FIRST))
    began, errors = threading.Event(), []

    def close():
        try:
            began.set()
            close_days(days=[FIRST], now=noon(SPAN.last))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        issue("5", now=noon(FIRST))
        closer = threading.Thread(target=close)
        closer.start()
        began.wait()
        closer.join(timeout=0.5)
        waited = closer.is_alive()
    closer.join(timeout=20)

    assert (waited, errors) == (True, [])
    assert found(SPAN, "day", "total") == {(FIRST, ""): [105, 0, 0, 0]}
    assert IncomeClosing.objects.filter(span="day", since=FIRST).exists()
