"""The end of a day: what the till of a branch should hold, what somebody has counted, and why the two differ.

Money belongs to the branch of the visit's vet, a deposit to the branch that took it. What names no branch (a vet
without one, a deposit of which nobody said where) is in the till of the clinic's first branch: no money is in no till.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import DateField, DateTimeField, F, Func, Q, Sum, Value
from django.db.models.functions import Cast
from django.utils import timezone

from billing import till_rules as rules
from billing.models import Deposit, Payment, TillCount
from billing.models.deposit import DepositKind
from billing.models.payment import PaymentKind, PaymentMethod
from clinic.models import Branch
from vetclinic.locks import already_done
from vetclinic.refusals import action

ZERO = Decimal("0.00")
ONE_DAY = dt.timedelta(days=1)
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
        return [(method.label, [self.sums[method, kind] for kind in COLUMNS], self.of(method)) for method in METHODS]

    @property
    def is_any(self) -> bool:
        return bool(self.sums)


def money_of(branch: Branch, first: dt.date, last: dt.date) -> dict[dt.date, DayMoney]:
    """Every day of the branch's clock, both ends included. Three queries, whatever the number of days."""
    days = {first + dt.timedelta(days=number): DayMoney() for number in range((last - first).days + 1)}
    others = list(Branch.objects.order_by("pk").values_list("pk", flat=True))
    vets_branch = "invoice__record__appointment__vet__branch"
    payments = _flow(Payment.objects.exclude(method=PaymentMethod.DEPOSIT), "paid_at", branch, first, last)
    deposits = _flow(Deposit.objects.exclude(method=""), "noted_at", branch, first, last)
    for rows, where in ((payments, vets_branch), (deposits, "branch")):
        here = rows.filter(_is_of(branch, where, others)).values("day", "method", "kind")
        for row in here.annotate(sum=Sum("amount")).order_by():
            days[row["day"]].sums[row["method"], row["kind"]] += row["sum"]
    return days


def day_money(branch: Branch, day: dt.date) -> DayMoney:
    return money_of(branch, day, day)[day]


def _flow(rows, moment: str, branch: Branch, first: dt.date, last: dt.date):
    """Rows of these days with their local `day`; the range of instants is what the index finds."""
    since = dt.datetime.combine(first, dt.time(), dt.UTC) - ONE_DAY
    until = dt.datetime.combine(last, dt.time(), dt.UTC) + 2 * ONE_DAY  # no clock is a day off UTC
    local = Func(Value(branch.time_zone), F(moment), function="timezone", output_field=DateTimeField())
    wide = rows.filter(**{f"{moment}__gte": since, f"{moment}__lt": until})
    return wide.annotate(day=Cast(local, DateField())).filter(day__gte=first, day__lte=last)


def _is_of(branch: Branch, where: str, branches: list[int]) -> Q:
    """The money of a branch; a clinic with one branch need not ask."""
    if branches == [branch.pk]:
        return Q()
    own = Q(**{where: branch})
    return own | Q(**{f"{where}__isnull": True}) if branch.pk == branches[0] else own


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
    done = already_done(TillCount, request_key)
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
    return TillCount.objects.create(
        branch=branch,
        day=day,
        opening_float=opening_float,
        cash=cash,
        counted=counted,
        reason=reason.strip(),
        counted_at=now,
        counted_by=by,
        request_key=request_key,
    )
