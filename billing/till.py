"""The end of a day: what the till of a branch should hold, what somebody has counted, and why the two differ.

Money belongs to the branch that took it, and to the day that its clock showed then.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from billing import till_rules as rules
from billing.models import Deposit, Payment, TillCount
from billing.models.deposit import DepositKind
from billing.models.payment import PaymentKind, PaymentMethod
from clinic.models import Branch
from vetclinic.locks import already_done
from vetclinic.refusals import action

ZERO = Decimal("0.00")
COLUMNS = (PaymentKind.PAYMENT, PaymentKind.REFUND, DepositKind.TAKEN, DepositKind.RETURNED)
GIVEN = (PaymentKind.REFUND, DepositKind.RETURNED)
METHODS = (PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.TRANSFER)


@dataclass
class DayMoney:
    """What came and went in a day: (method, kind) → sum, all above zero."""

    sums: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def of(self, method: str) -> Decimal:
        """What came by a method, less what went."""
        return sum((-self.sums[method, kind] if kind in GIVEN else self.sums[method, kind] for kind in COLUMNS), ZERO)

    @property
    def cash(self) -> Decimal:
        return self.of(PaymentMethod.CASH)

    @property
    def card(self) -> Decimal:
        return self.of(PaymentMethod.CARD)

    @property
    def transfer(self) -> Decimal:
        return self.of(PaymentMethod.TRANSFER)

    @property
    def rows(self) -> list[tuple[str, list[Decimal], Decimal]]:
        """A line for each method: its name, the sum of each of COLUMNS, what is left of them."""
        return [
            (str(method.label), [self.sums[method, kind] for kind in COLUMNS], self.of(method)) for method in METHODS
        ]

    @property
    def is_any(self) -> bool:
        return bool(self.sums)


def money_of(branch: Branch, first: dt.date, last: dt.date) -> dict[dt.date, DayMoney]:
    """Every day, both ends included. Two queries, whatever the number of days."""
    days = {first + dt.timedelta(days=number): DayMoney() for number in range((last - first).days + 1)}
    for rows in (Payment.objects.exclude(method=PaymentMethod.DEPOSIT), Deposit.objects.exclude(method="")):
        here = rows.filter(branch=branch, day__range=(first, last)).values("day", "method", "kind")
        for row in here.annotate(sum=Sum("amount")).order_by():
            days[row["day"]].sums[row["method"], row["kind"]] += row["sum"]
    return days


def day_money(branch: Branch, day: dt.date) -> DayMoney:
    return money_of(branch, day, day)[day]


def counts_of(branch: Branch, first: dt.date, last: dt.date) -> dict[dt.date, list[TillCount]]:
    """The counts of each day, the last one first. One query."""
    found: dict[dt.date, list[TillCount]] = defaultdict(list)
    counts = TillCount.objects.filter(branch=branch, day__gte=first, day__lte=last).select_related("counted_by")
    for count in counts.order_by("-pk"):
        found[count.day].append(count)
    return found


def last_float(branch: Branch, day: dt.date) -> Decimal | None:
    """The opening float of the day's last count, or of the last day counted before."""
    known = TillCount.objects.filter(branch=branch, day__lte=day).order_by("-day", "-pk")
    return known.values_list("opening_float", flat=True).first()


@action
def count_till(
    *,
    branch: Branch,
    day: dt.date,
    opening_float: Decimal,
    counted: Decimal,
    reason: str = "",
    seen: int | None = None,
    request_key: UUID | None = None,
    now: dt.datetime | None = None,
    by,
) -> TillCount:
    """Keep what the till held at the end of a day. `seen`: the last count of that day that the person knew of."""
    count = {"branch": branch, "day": day, "opening_float": opening_float, "counted": counted, "reason": reason.strip()}
    done = already_done(TillCount, request_key, **count)
    if done:
        return done
    now = now or timezone.now()
    rules.check_may_count(by)
    rules.check_day_has_come(day, timezone.localdate(now, branch.zone))
    rules.check_sum(opening_float, "opening_float")
    rules.check_sum(counted, "counted")
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)  # two who count at once: one after the other
    last = TillCount.objects.filter(branch=branch, day=day).order_by("-pk").first()
    rules.check_is_the_last(last.pk if last else None, seen)
    cash = day_money(branch, day).cash
    rules.check_difference_has_reason(counted - opening_float - cash, reason)
    return TillCount.objects.create(**count, cash=cash, counted_at=now, counted_by=by, request_key=request_key)
