"""Lists paged by key: a page begins after the last row of the one before, so that page 5,000 costs what page 1 does.

A list offers fixed orders, each with an index. What an address brings (`order`, `after`, `before`) is never trusted:
places are signed, and one that is forged, or belongs to another order, shows the first page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import F, Field, Func, Model, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.http import QueryDict
from django.utils.functional import Promise

SIZE = 50
COUNTED = 1000  # more rows than these are not counted
END = "end"  # ?before=end is the last page


class Row(Func):
    """`ROW(a, b, id)`: PostgreSQL compares it column by column, and finds it by an index of these columns."""

    function = "ROW"
    output_field = TextField()  # it is compared, never read


@dataclass(frozen=True)
class Order:
    """One way to sort, up and down. `columns` are never NULL, and the last of them is the key."""

    columns: tuple[Any, ...]
    up: str | Promise
    down: str | Promise


@dataclass(frozen=True)
class Sorting:
    """An order in one direction, as `name` or `-name` in the address."""

    name: str
    order: Order
    is_down: bool

    @property
    def code(self) -> str:
        return f"-{self.name}" if self.is_down else self.name

    def take(self, rows: QuerySet, size: int, place: list | None = None, *, backwards: bool = False) -> list:
        """At most `size` rows in this order from beyond `place`; backwards, the nearest first."""
        rows, fields = self._keyed(rows)
        down = self.is_down != backwards
        if place is not None:
            bound = Row(*(Value(value, fields[key]) for key, value in zip(fields, place, strict=True)))
            rows = rows.filter((LessThan if down else GreaterThan)(Row(*self.order.columns), bound))
        return list(rows.order_by(*(f"-{key}" if down else key for key in fields))[:size])

    def place(self, row: Any) -> list:
        """Where a row that `take` returned stands; the rows of sums by group are dicts."""
        keys = [f"key_{number}" for number in range(len(self.order.columns))]
        return [row[key] if isinstance(row, dict) else getattr(row, key) for key in keys]

    def write(self, row: Any, rows: QuerySet) -> str:
        """The place of a row of `rows` for an address."""
        values = [value.isoformat() if hasattr(value, "isoformat") else value for value in self.place(row)]
        values = [str(value) if isinstance(value, Decimal) else value for value in values]
        return self._signer(rows.model).sign_object(values, compress=True)

    def read(self, text: str, rows: QuerySet) -> list | None:
        """The place that `write` wrote; None for anything else."""
        fields = self._keyed(rows)[1].values()
        try:
            values = self._signer(rows.model).unsign_object(text)
            return [field.to_python(value) for field, value in zip(fields, values, strict=True)]
        except (signing.BadSignature, ValidationError, ValueError):
            return None

    def _keyed(self, rows: QuerySet) -> tuple[QuerySet, dict[str, Field]]:
        """The rows with the columns of the order as `key_0`, `key_1`…, and what these columns hold."""
        keys = {f"key_{number}": column for number, column in enumerate(self.order.columns)}
        columns = {key: F(column) if isinstance(column, str) else column for key, column in keys.items()}
        rows = rows.annotate(**columns)
        return rows, {key: rows.query.annotations[key].output_field for key in keys}

    def _signer(self, model: type[Model]) -> signing.Signer:
        return signing.Signer(salt=f"{model._meta.label} by {self.code}")


@dataclass
class Page:
    """The rows shown, and the places that its links lead to (None: nothing there)."""

    rows: list
    sorting: Sorting
    count: int
    previous: str | None
    next: str | None
    choices: list[tuple[str, str | Promise]] = field(default_factory=list)

    def __iter__(self) -> Iterator:
        return iter(self.rows)

    @property
    def is_many(self) -> bool:
        """More rows than are counted; `count` is then the last number that was."""
        return self.count > COUNTED


def sorting_of(query: QueryDict, orders: dict[str, Order], default: str) -> Sorting:
    """The order that an address asks for, the default one if it is none of `orders`."""
    code = query.get("order", "")
    code = code if code.removeprefix("-") in orders else default
    name = code.removeprefix("-")
    return Sorting(name, orders[name], code.startswith("-"))


def page_of(rows: QuerySet, query: QueryDict, orders: dict[str, Order], default: str) -> Page:
    """The page that an address asks for: two queries, one more when rows have gone meanwhile."""
    sorting = sorting_of(query, orders, default)
    before, after = query.get("before", ""), query.get("after", "")
    place = sorting.read(after or before, rows) if after or before else None
    backwards = not after and (before == END or place is not None)
    shown = sorting.take(rows, SIZE + 1, place, backwards=backwards)
    if place is not None and len(shown) < (SIZE if backwards else 1):
        # The beginning or the end was nearer than it was: a whole first or last page instead of a rest or nothing.
        place, backwards = None, not backwards
        shown = sorting.take(rows, SIZE + 1, backwards=backwards)
    more, shown = len(shown) > SIZE, shown[:SIZE]
    if backwards:
        shown.reverse()
    has_previous, has_next = (more, place is not None) if backwards else (place is not None, more)
    return Page(
        rows=shown,
        sorting=sorting,
        count=rows.order_by()[: COUNTED + 1].count(),
        previous=sorting.write(shown[0], rows) if shown and has_previous else None,
        next=sorting.write(shown[-1], rows) if shown and has_next else None,
        choices=[choice for name, order in orders.items() for choice in ((name, order.up), (f"-{name}", order.down))],
    )
