"""What a service has cost and will cost, since when, and who decided so for what reason."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from clinic.models import PriceChangeLine, Service
from clinic.models.service import OPEN_END
from vetclinic.audit.models import Change

WIDTH, HEIGHT, MARGIN = 640, 120, 8
UNSEEN = {"valid_to"}  # it follows from the price that comes next


@dataclass(frozen=True)
class Price:
    service: Service
    line: PriceChangeLine | None  # by which change it came; None: typed as a new service, or loaded
    made: Change | None  # the log's word about its first writing

    @property
    def until(self) -> dt.date | None:
        return None if self.service.valid_to == OPEN_END else self.service.valid_to


@dataclass(frozen=True)
class Edit:
    """A correction in place: of how a service is called, or of when its price ends."""

    change: Change
    columns: list[tuple[str, str, str]]  # name, before, after


@dataclass(frozen=True)
class History:
    prices: list[Price]  # the newest first
    undone: list[PriceChangeLine]
    edits: list[Edit]

    @property
    def curve(self) -> str:
        """The points of an SVG line in a field of WIDTH × HEIGHT: a step at each change; nothing for a single price."""
        rows = [price.service for price in reversed(self.prices)]
        if len(rows) < 2:
            return ""
        first, last = rows[0].valid_from.toordinal(), rows[-1].valid_from.toordinal()
        span = (last - first) * 1.15
        highest = max(row.cost for row in rows) or Decimal(1)
        points = []
        for row in rows:
            ends = min(row.valid_to.toordinal(), first + span)
            y = HEIGHT - MARGIN - float(row.cost / highest) * (HEIGHT - 2 * MARGIN)
            points += [f"{(day - first) / span * WIDTH:.1f},{y:.1f}" for day in (row.valid_from.toordinal(), ends)]
        return " ".join(points)


def history_of(code: str) -> History:
    services = list(Service.objects.filter(code=code).order_by("-valid_from"))
    ids = [service.pk for service in services]
    lines = PriceChangeLine.objects.filter(code=code).select_related("change__made_by", "change__undone_by")
    by_row = {line.opened_id: line for line in lines if line.opened_id}
    log = Change.objects.filter(table="service", row_id__in=ids).select_related("by").order_by("-id")
    made = {change.row_id: change for change in log if change.operation == Change.Operation.INSERT}
    return History(
        prices=[Price(service, by_row.get(service.pk), made.get(service.pk)) for service in services],
        undone=[line for line in lines.order_by("-id") if line.change.undone_at],
        edits=[edit for edit in map(_edit, log) if edit.columns],
    )


def _edit(change: Change) -> Edit:
    after = change.after or {}
    before = change.before or {}
    names = [name for name in after if name in before and name not in UNSEEN]
    if change.operation != Change.Operation.UPDATE:
        names = []
    labels = {field.column: str(field.verbose_name) for field in Service._meta.concrete_fields}
    return Edit(change, [(labels.get(name, name), str(before[name]), str(after[name])) for name in names])
