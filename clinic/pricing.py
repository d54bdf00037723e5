"""Prices change: always a new row from a day on, never the old one. All at once or none, and undone before the day."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.db import connection
from django.utils import timezone

from clinic import price_rules as rules
from clinic.models import PriceChange, PriceChangeLine, Service
from clinic.price_plans import Plan, PlannedPrice, Planner, plan_single
from vetclinic.locks import Lock, already_done, take_lock
from vetclinic.refusals import action

BATCH = 1000  # of a file's 20,000 rows, so that no statement lasts


@action
def change_prices(
    *, planner: Planner, shown: str, reason: str, today: dt.date | None = None, request_key: UUID | None = None, by
) -> PriceChange:
    """Apply a plan, but for what stands in its way. It is made anew under lock, and must still be the one of which
    `shown` is the digest. The same request_key again returns the same change."""
    plan = planner()
    done = already_done(PriceChange, request_key, since=plan.since, reason=reason.strip(), terms=plan.terms)
    if done:
        return done
    take_lock(Lock.PRICES, 0)
    _wait_for_treatments(_closed_by(planner()))
    plan = planner()
    rules.check_price_starts(plan.since, today or timezone.localdate())
    rules.check_plan_is_as_shown(plan.digest, shown)
    rules.check_plan_does_something(bool(plan.to_do))
    change = PriceChange.objects.create(
        since=plan.since, reason=reason.strip(), terms=plan.terms, made_by=by, request_key=request_key
    )
    _write(change, plan.to_do)
    return change


@action
def reprice_service(*, service: Service, cost: Decimal, since: dt.date, reason: str, by) -> PriceChange:
    """A new price of one service from a day on: the old one ends there."""
    take_lock(Lock.PRICES, 0)
    planner = partial(plan_single, service=service, since=since, cost=cost)
    rules.check_price_starts(since, timezone.localdate())
    _wait_for_treatments(_closed_by(planner()))
    plan = planner()
    rules.check_nothing_in_the_way([price.obstacle for price in plan.in_the_way])
    return change_prices(planner=planner, shown=plan.digest, reason=reason, by=by)


@action
def undo_price_change(*, change: PriceChange, now: dt.datetime | None = None, by) -> PriceChange:
    """Before its day: the new prices go, the old ones hold as long as they would have. Row for row as it was."""
    now = now or timezone.now()
    take_lock(Lock.PRICES, 0)
    change = PriceChange.objects.select_for_update().get(pk=change.pk)
    lines = list(change.lines.all())
    _wait_for_treatments([line.opened_id for line in lines if line.opened_id])
    rules.check_can_undo_prices(change, now)
    for batch in _batches(lines):
        PriceChangeLine.objects.filter(pk__in=[line.pk for line in batch]).update(opened=None, closed=None)
        _put_back(batch)
    change.undone_at, change.undone_by = now, by
    change.save(update_fields=["undone_at", "undone_by"])
    return change


def _wait_for_treatments(rows: list[int]) -> None:
    """A treatment being written holds its price's row: wait for it, so that it is seen as used."""
    list(Service.objects.select_for_update().filter(pk__in=rows).order_by("pk").values_list("pk"))


def _closed_by(plan: Plan) -> list[int]:
    return [price.old.pk for price in plan.prices if price.old and price.old.pk]


def _write(change: PriceChange, prices: list[PlannedPrice]) -> None:
    """Old ends first: two prices never share a day, not for a moment."""
    lines = [_line(change, price) for price in prices]
    for batch in _batches([price.old.pk for price in prices if price.old]):
        Service.objects.filter(pk__in=batch).update(valid_to=change.since)
    Service.objects.bulk_create([price.new for price in prices], batch_size=BATCH)
    PriceChangeLine.objects.bulk_create(lines, batch_size=BATCH)


def _put_back(lines: list[PriceChangeLine]) -> None:
    """References to a row that goes are refused by the database."""
    closed = [line for line in lines if line.closed_id]
    ids, days = [line.closed_id for line in closed], [line.closed_until for line in closed]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM service WHERE id = ANY(%s)", [[line.opened_id for line in lines]])
        cursor.execute(
            "UPDATE service SET valid_to = was.until FROM unnest(%s::int[], %s::date[]) was (id, until)"
            " WHERE service.id = was.id",
            [ids, days],
        )


def _line(change: PriceChange, price: PlannedPrice) -> PriceChangeLine:
    old, new = price.old, price.new
    was = {"closed": old, "closed_until": old.valid_to, "old_cost": old.cost} if old else {}
    return PriceChangeLine(change=change, code=new.code, opened=new, cost=new.cost, **was)


def _batches(rows: list) -> Iterator[list]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
