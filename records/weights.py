"""The weights of an animal as a curve: its points, a chart of them as numbers, and a change to be asked about."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.formats import number_format

from clinic.alerts import in_order
from clinic.models import Pet, PetAlert
from records.models import Measurement, Vital
from vetclinic.ui.scales import round_steps
from vetclinic.ui.templatetags.ui import MINUS

WINDOW = dt.timedelta(days=30)  # of time that has passed, whatever clocks were set meanwhile
MUCH = Decimal("0.1")  # of the earlier weight
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BELOW = 320, 170, 34, 10, 14, 26
MOST_DOTS = 40  # more would run into each other: the line alone is drawn, and the last dot


@dataclass(frozen=True)
class Weight:
    """One weighing. `measurement`: its row; `can_remove`: it belongs to no visit."""

    at: dt.datetime
    kg: Decimal
    measurement: int = 0
    appointment: int | None = None

    @property
    def day(self) -> dt.date:
        return timezone.localdate(self.at)


@dataclass(frozen=True)
class WeightChange:
    """How much the last weight differs from one of the 30 days before it."""

    percent: int  # signed, rounded to whole percents
    days: int
    before: Weight
    last: Weight

    @property
    def text(self) -> str:
        return f"{'+' if self.percent > 0 else MINUS}{abs(self.percent)}"


@dataclass(frozen=True)
class Dot:
    weight: Weight
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """Lengths in the chart's own units, as in billing's charts."""

    dots: list[Dot]
    drawn: list[Dot]  # those that get a mark
    ticks: list[tuple[str, float]]  # round weights with as many decimals each, and where they are
    days: list[tuple[dt.date, float, str]]  # labels below: day, where, how the text is anchored
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @property
    def line(self) -> str:
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def right(self) -> int:
        return self.width - RIGHT


def with_care(pets: QuerySet[Pet]) -> QuerySet[Pet]:
    """Each animal with its open alerts and all its weights in the same statement, for care_of()."""
    alerts = PetAlert.objects.filter(pet=OuterRef("pk"), ended_at=None).order_by("pk")
    weights = Measurement.objects.filter(pet=OuterRef("pk"), kind=Vital.WEIGHT).order_by("taken_at", "pk")
    kg = Cast("value", TextField())
    return pets.annotate(
        alert_rows=ArraySubquery(alerts.values(row=JSONObject(kind="kind", text="text"))),
        weight_rows=ArraySubquery(
            weights.values(row=JSONObject(at="taken_at", kg=kg, measurement="pk", appointment="appointment_id"))
        ),
    )


def care_of(pet: Pet) -> dict[str, Any]:
    """For the pages of an animal out of with_care(): its alerts, its weights (newest first), their curve and change."""
    rows = pet.weight_rows  # type: ignore[attr-defined] (annotated)
    weights = [
        Weight(dt.datetime.fromisoformat(row.pop("at")), Decimal(row.pop("kg")), **row) for row in map(dict, rows)
    ]
    alerts = [PetAlert(**row) for row in pet.alert_rows]  # type: ignore[attr-defined] (annotated)
    return care(in_order(alerts), weights)


def care(alerts: list[PetAlert], weights: Sequence[Weight]) -> dict[str, Any]:
    """For the pages of an animal: its alerts in order, its weights (the oldest first) with their curve and change."""
    return {
        "alerts": alerts,
        "weights": weights[::-1],
        "weight_curve": curve(weights),
        "weight_change": great_change(weights),
    }


def great_change(weights: Sequence[Weight]) -> WeightChange | None:
    """The largest change over a tenth, up or down, to the last weight from one of the 30 days before it, if any."""
    if not weights:
        return None
    last = weights[-1]
    earlier = [each for each in weights[:-1] if last.at - each.at <= WINDOW]
    before = max(earlier, key=lambda each: abs(last.kg - each.kg) / each.kg, default=None)
    if before is None or abs(last.kg - before.kg) <= before.kg * MUCH:
        return None
    percent = round((last.kg - before.kg) * 100 / before.kg)
    return WeightChange(percent, (last.day - before.day).days, before, last)


def curve(weights: Sequence[Weight]) -> Curve | None:
    """A line over time; None for no weights. One weight stands in the middle."""
    if not weights:
        return None
    kilograms = [each.kg for each in weights]
    steps = round_steps(*_room(min(kilograms), max(kilograms)))
    base, unit = HEIGHT - BELOW, (HEIGHT - BELOW - TOP) / float(steps[-1] - steps[0])
    first, span = weights[0].at, (weights[-1].at - weights[0].at).total_seconds()
    room = WIDTH - LEFT - RIGHT

    def dot(each: Weight) -> Dot:
        share = (each.at - first).total_seconds() / span if span else 0.5
        return Dot(each, round(LEFT + share * room, 1), round(base - float(each.kg - steps[0]) * unit, 1))

    dots = [dot(each) for each in weights]
    decimals = max(0, -int((steps[1] - steps[0]).normalize().as_tuple().exponent))
    ticks = [
        (number_format(step, decimals, use_l10n=True), round(base - float(step - steps[0]) * unit, 1)) for step in steps
    ]
    return Curve(dots, dots if len(dots) <= MOST_DOTS else dots[-1:], ticks, _labels(weights, dots))


def _room(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """A little air around equal weights, so that they make a line in the middle."""
    return (low, high) if high > low else (low * Decimal("0.9"), high * Decimal("1.1"))


def _labels(weights: Sequence[Weight], dots: list[Dot]) -> list[tuple[dt.date, float, str]]:
    if weights[0].day == weights[-1].day:
        return [(weights[0].day, dots[0].x if len(dots) == 1 else WIDTH / 2, "middle")]
    return [(weights[0].day, dots[0].x, "start"), (weights[-1].day, dots[-1].x, "end")]
