"""What a change of prices would do, without doing it: each new price beside the old one, and what stands in its way.

A plan is made for the preview, and again, under lock, when it is applied: `digest` tells whether it is the same still.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext_lazy as _

from clinic.models import Service
from clinic.models.service import OPEN_END, ServiceCategory
from clinic.rounding import changed_cost
from vetclinic.ui.templatetags.ui import money

TEXTS = ("name", "category", "unit", "cost_price", "description")
PLAIN = {"category": ServiceCategory.OTHER.value, "unit": "", "description": ""}  # where a file is silent
LONGEST_VALUE = 120  # of a description, beside a price
HIGHEST = Decimal("99999999.99")


class Obstacle(models.TextChoices):
    """Why a price is left as it is."""

    STARTS_THAT_DAY = "starts_that_day", _("another price begins on that very day")
    USED = "used", _("treatments of that day have the old price already")
    INACTIVE = "inactive", _("not active")
    BEGINS_LATER = "begins_later", _("begins later than that")
    ENDS = "ends", _("has ended by then")
    ZERO = "zero", _("would become zero")
    OUT_OF_RANGE = "out_of_range", _("would be negative or too large")


@dataclass(frozen=True)
class PlannedPrice:
    """`old` holds until then (None: a new service), `new` is not saved yet."""

    old: Service | None
    new: Service
    obstacle: str = ""

    @property
    def difference(self) -> Decimal | None:
        return self.new.cost - self.old.cost if self.old else None

    @property
    def why_not(self) -> str:
        return str(Obstacle(self.obstacle).label) if self.obstacle else ""

    @property
    def differences(self) -> list[str]:
        """What differs beside the cost, with what it was (“unit: pill → ml”); of a new service, what it is."""
        if self.old is None:
            return [f"{_label(name)}: {_value(self.new, name)}" for name in TEXTS[1:] if getattr(self.new, name)]
        changed = [name for name in TEXTS if getattr(self.old, name) != getattr(self.new, name)]
        return [f"{_label(name)}: {_value(self.old, name)} → {_value(self.new, name)}" for name in changed]

    @property
    def ends_before(self) -> dt.date | None:
        """The day on which another price, planned already, takes over."""
        return None if self.new.valid_to == OPEN_END else self.new.valid_to


def _label(column: str) -> str:
    return str(Service._meta.get_field(column).verbose_name)


def _value(service: Service, column: str) -> str:
    """As a person reads it; a dash where there is none."""
    value = getattr(service, column)
    if column == "category":
        value = service.get_category_display()
    elif isinstance(value, Decimal):
        value = money(value)
    return truncatechars(str(value), LONGEST_VALUE) if value not in (None, "") else "—"


@dataclass(frozen=True)
class Plan:
    since: dt.date
    terms: dict[str, Any]
    prices: list[PlannedPrice] = field(default_factory=list)

    @cached_property
    def to_do(self) -> list[PlannedPrice]:
        return [price for price in self.prices if not price.obstacle]

    @cached_property
    def in_the_way(self) -> list[PlannedPrice]:
        return [price for price in self.prices if price.obstacle]

    @cached_property
    def digest(self) -> str:
        """Of everything that a person sees of the plan and everything that it writes."""
        told = [str(self.since), *(_told(price) for price in self.prices)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _told(price: PlannedPrice) -> str:
    old, new = price.old, price.new
    was = (old.pk, old.cost, old.valid_to) if old else None
    return repr((was, price.obstacle, new.code, new.cost, new.valid_to, [getattr(new, name) for name in TEXTS]))


Planner = Callable[[], Plan]  # asked once more under lock


def plan_bulk(*, since: dt.date, categories: Collection[str], by: Decimal, measure: str, step: Decimal, rounding: str):
    """All active prices of some categories (none named: of all) as they hold on a day, changed by the same rule."""
    services = Service.objects.on_sale(since).in_list_order()
    if categories:
        services = services.filter(category__in=categories)
    priced = [(old, {"cost": changed_cost(old.cost, by, measure, step, rounding)}) for old in services]
    terms = {"by": str(by), "measure": measure, "step": str(step), "rounding": rounding, "categories": [*categories]}
    return Plan(since, terms, _planned(priced, since))


def plan_single(*, service: Service, since: dt.date, cost: Decimal) -> Plan:
    """Another cost of one price."""
    old = Service.objects.get(pk=service.pk)
    if not old.valid_from <= since < old.valid_to:
        obstacle = Obstacle.BEGINS_LATER if since < old.valid_from else Obstacle.ENDS
        return Plan(since, {}, [PlannedPrice(old, successor(old, since, {"cost": cost}), obstacle)])
    return Plan(since, {}, _planned([(old, {"cost": cost})], since))


def plan_rows(*, since: dt.date, rows: Iterable[dict[str, Any]], file: str) -> Plan:
    """The rows of a file, by code: what differs becomes a new price, an unknown code a new service. What the file
    does not name stays."""
    wanted = {row["code"]: row for row in rows}
    of_codes = Service.objects.filter(code__in=list(wanted), valid_to__gt=since).order_by("-valid_from")
    coming: dict[str, list[Service]] = {}
    for service in of_codes:
        coming.setdefault(service.code, []).append(service)
    pairs = [(_holding(coming.get(code, []), since), row) for code, row in wanted.items()]
    prices = _planned([(old, row) for old, row in pairs if old], since)
    prices += [PlannedPrice(None, _newcomer(row, coming.get(row["code"], []), since)) for old, row in pairs if not old]
    return Plan(since, {"file": file}, sorted(prices, key=attrgetter("new.category", "new.name", "new.code")))


def _holding(services: list[Service], since: dt.date) -> Service | None:
    return next((service for service in services if service.valid_from <= since), None)


def _newcomer(row: dict[str, Any], later: list[Service], since: dt.date) -> Service:
    """A service that has no price on that day. One planned for later keeps its own."""
    until = min((each.valid_from for each in later), default=OPEN_END)
    return Service(**PLAIN | row, valid_from=since, valid_to=until)


def _planned(priced: list[tuple[Service, dict[str, Any]]], since: dt.date) -> list[PlannedPrice]:
    """What differs, each with its obstacle."""
    differing = [
        (old, wish) for old, wish in priced if any(getattr(old, column) != value for column, value in wish.items())
    ]
    used = _used_since([old.pk for old, _wish in differing], since)
    return [
        PlannedPrice(old, successor(old, since, wish), _obstacle(old, wish, since, used)) for old, wish in differing
    ]


def successor(old: Service, since: dt.date, wish: dict[str, Any]) -> Service:
    """The row that follows a price from a day on, not saved: as the old one, but for what is wished."""
    columns = {field.attname: getattr(old, field.attname) for field in Service._meta.concrete_fields}
    return Service(**columns | {"id": None, "valid_from": since} | wish)


def _obstacle(old: Service, wish: dict[str, Any], since: dt.date, used: set[int]) -> str:
    cost = wish.get("cost", old.cost)
    if not old.is_active:
        return Obstacle.INACTIVE
    if old.valid_from == since:
        return Obstacle.STARTS_THAT_DAY
    if old.pk in used:
        return Obstacle.USED
    if not 0 <= cost <= HIGHEST:
        return Obstacle.OUT_OF_RANGE
    return Obstacle.ZERO if cost == 0 < old.cost else ""


def _used_since(services: list[int], since: dt.date) -> set[int]:
    """Which prices a treatment of that day or later took. Asked in SQL: treatments live a floor above."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT price FROM unnest(%s::int[]) price"
            " WHERE EXISTS (SELECT FROM treatment t WHERE t.service_id = price AND t.date >= %s)",
            [services, since],
        )
        return {pk for (pk,) in cursor.fetchall()}
