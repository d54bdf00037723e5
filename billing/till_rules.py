"""May a till be counted so? No writes here."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing.rules import KOPECK
from records.rules import LARGEST_SUM
from vetclinic.refusals import RuleViolation


def check_may_count(user) -> None:
    if not user.may("count_till"):
        raise RuleViolation("till_is_counted_by_reception", _("Reception and managers count the till."))


def check_day_has_come(day: dt.date, today: dt.date) -> None:
    """`today` on the branch's clock."""
    if day > today:
        raise RuleViolation("till_count_not_of_a_future_day", _("This day has not come yet."), "day")


def check_sum(amount: Decimal, name: str) -> None:
    """What a till can hold: not below zero, in whole kopecks."""
    if not amount.is_finite() or amount < 0:
        raise RuleViolation("till_count_not_negative", _("Enter zero or more."), name)
    if amount > LARGEST_SUM or amount != amount.quantize(KOPECK):
        raise RuleViolation("till_count_is_a_sum", _("Enter a sum of money with at most two decimals."), name)


def check_is_the_last(last: int | None, seen: int | None) -> None:
    """A count over another person's is a recount: on purpose only."""
    if last != seen:
        raise RuleViolation(
            "till_counted_meanwhile",
            _("Somebody else has counted this day meanwhile. Compare; if you save again, yours is the last count."),
        )


def check_difference_has_reason(difference: Decimal, reason: str) -> None:
    if difference and not reason.strip():
        raise RuleViolation("till_count_difference_has_reason", _("Say why the count differs."), "reason")
