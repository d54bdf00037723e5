"""May prices change so? Like clinic/rules.py: `check_*` raise RuleViolation with the sentence for the user."""

import datetime as dt

from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinic.models import PriceChange
from clinic.models.branch import latest_day
from clinic.price_plans import Obstacle
from vetclinic.refusals import RuleViolation

FURTHEST_PRICE = dt.timedelta(days=731)
OBSTACLES = {  # what is said by the fields of one price; of many, the word for it is enough
    Obstacle.USED: (_("Treatments of today have this price already. The new one can start tomorrow."), "since"),
    Obstacle.STARTS_THAT_DAY: (
        _("This price begins on that very day. Choose a later one, or undo its change."),
        "since",
    ),
    Obstacle.BEGINS_LATER: (_("This price begins later than that. Choose a later day, or undo its change."), "since"),
    Obstacle.ENDS: (_("This price has ended by then. Edit the one that follows it."), "since"),
    Obstacle.ZERO: (_("This price would become zero. Enter one above zero."), "cost"),
    Obstacle.OUT_OF_RANGE: (_("Enter a price above zero and below 100 million."), "cost"),
    Obstacle.INACTIVE: (_("This price is not active: it is not sold, and does not change."), "cost"),
}


def check_price_starts(since: dt.date, today: dt.date) -> None:
    if since < today:
        raise RuleViolation("price_starts_today_or_later", _("A new price starts today or later."), "since")
    if since > today + FURTHEST_PRICE:
        raise RuleViolation("price_starts_too_far", _("Prices are planned at most two years ahead."), "since")


def check_nothing_in_the_way(obstacles: list[str]) -> None:
    """Of a single price: of many, those in whose way something stands are left out, and shown."""
    for obstacle in obstacles:
        message, field = OBSTACLES[Obstacle(obstacle)]
        raise RuleViolation(f"price_{obstacle}", message, field)


def check_plan_is_as_shown(digest: str, shown: str) -> None:
    if digest != shown:
        message = _("The prices have changed meanwhile. Nothing was saved: look at them again.")
        raise RuleViolation("prices_have_changed", message)


def check_plan_does_something(does: bool) -> None:
    if not does:
        raise RuleViolation("no_price_changes", _("No price would change."))


def can_undo_prices(change: PriceChange, now: dt.datetime) -> bool:
    """Not undone, and not begun where the clinic's clocks are furthest ahead."""
    return change.undone_at is None and change.since > latest_day(now)


def check_can_undo_prices(change: PriceChange, now: dt.datetime) -> None:
    """Only what has not begun anywhere, and what nothing stands on: no treatment has taken one of the new prices, and
    they are what they were when they were made.
    """
    if change.undone_at is not None:
        raise RuleViolation("price_change_undone", _("This change is undone already."))
    if not can_undo_prices(change, now) or _is_used(change):
        raise RuleViolation("price_change_has_begun", _("These prices hold already: make a new change instead."))
    if _was_touched(change):
        message = _("Some of these prices have been changed again since. Undo the later change first.")
        raise RuleViolation("price_change_was_changed", message)


def _is_used(change: PriceChange) -> bool:
    """By a treatment: a branch's clock may have been ahead when it was noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM price_change_line l JOIN treatment t ON t.service_id = l.opened_id"
            " WHERE l.change_id = %s)",
            [change.pk],
        )
        return cursor.fetchone()[0]


def _was_touched(change: PriceChange) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM price_change_line l JOIN service s ON s.id = l.opened_id"
            " JOIN change_log made ON made.table_name = 'service' AND made.row_id = s.id AND made.operation = 'INSERT'"
            " WHERE l.change_id = %s AND NOT to_jsonb(s) @> made.after)"
            " OR EXISTS (SELECT FROM price_change_line l JOIN service s ON s.id = l.closed_id"
            " WHERE l.change_id = %s AND s.valid_to <> %s)",
            [change.pk, change.pk, change.since],
        )
        return cursor.fetchone()[0]
