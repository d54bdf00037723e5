"""What is typed into the lines of a visit's bill."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from records import rules
from records.cells import Cell, cell_of
from records.lines import Seen
from records.models import Treatment
from records.vitals import write
from vetclinic.refusals import RuleViolation


class NumberField(forms.DecimalField):
    """A number with a point or a comma, in any language: hands are quicker than languages are switched."""

    def to_python(self, value):
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


def quantity_field(**options) -> NumberField:
    return NumberField(
        label=_("Quantity"),
        min_value=rules.FINEST_QUANTITY,
        max_digits=10,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 4}),
        error_messages={"min_value": _("Enter a quantity above zero.")},
        **options,
    )


def percent_field(**options) -> NumberField:
    """A discount is typed in percent, as the rule is said and as it stays right for any quantity; a sum is stored."""
    between = _("A discount is between 0 and 100 percent.")
    return NumberField(
        label=_("Discount, %"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 4}),
        error_messages={"min_value": between, "max_value": between},
        **options,
    )


QUANTITY, PERCENT = quantity_field(), percent_field(required=False)  # an empty discount is none
CELLS = ("quantity", "percent", "reason")
LONGEST_REASON = Treatment._meta.get_field("discount_reason").max_length


class Done(NamedTuple):
    """A treatment as the bill shows it."""

    pk: int
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    total: Decimal
    name: str
    unit: str
    category: str
    reason: str  # of the discount

    @classmethod
    def of(cls, treatment: Treatment) -> "Done":
        service, numbers = treatment.service, (treatment.quantity, treatment.unit_price, treatment.discount)
        return cls(
            treatment.pk,
            *numbers,
            treatment.total,
            service.name,
            service.unit,
            service.category,
            treatment.discount_reason,
        )

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> "Done":
        """With its numbers as text, as JSON has them."""
        return cls(row[0], *map(Decimal, row[1:5]), *row[5:])


@dataclass
class Line:
    """A row of the bill."""

    treatment: Done
    quantity: Cell
    percent: Cell
    reason: Cell  # only managers have it to type into

    @property
    def cells(self) -> list[Cell]:
        return [getattr(self, name) for name in CELLS]

    def change(self) -> dict[str, Any] | None:
        """What change_treatment() asks for; None for a line that was not changed. Notes what is wrong at its cell."""
        if not any(cell.is_changed for cell in self.cells):
            return None
        quantity, percent = _typed(QUANTITY, self.quantity), _typed(PERCENT, self.percent)
        seen = Seen(_number(QUANTITY, self.quantity.was), _number(PERCENT, self.percent.was))
        reason = self.reason.text if self.reason.is_changed else None
        return {"quantity": quantity, "percent": percent, "reason": reason, "seen": seen}

    def refuse(self, violation: RuleViolation) -> None:
        stored, cell = shown(self.treatment), violation.field
        if cell in CELLS:
            getattr(self, cell).refuse(violation.message, stored[cell])


class BillForm:
    """The lines of a visit. Plain, as its measurements are (records/measurement_forms.py).

    `data` is what was posted: the cells of a line are `quantity_<id>`, `percent_<id>` and `reason_<id>`. `changes`:
    by id, what change_treatment() asks for.
    """

    def __init__(self, treatments: Iterable[Done], data: Mapping[str, str] | None = None):
        self.lines = [line_of(treatment, data) for treatment in treatments]
        self.changes = {line.treatment.pk: change for line in self.lines if (change := line.change())}

    def is_valid(self) -> bool:
        return not any(cell.error for line in self.lines for cell in line.cells)


def line_of(treatment: Done, data: Mapping[str, str] | None = None) -> Line:
    stored, fields = shown(treatment), {"quantity": QUANTITY, "percent": PERCENT}
    cells = {name: cell_of(f"{name}_{treatment.pk}", stored[name], data) for name in fields}
    for name, cell in cells.items():
        if cell.is_changed and _number(fields[name], cell.text) == _number(fields[name], stored[name]):
            cells[name] = Cell(stored[name], stored[name])  # saved already
    reason = cell_of(f"reason_{treatment.pk}", stored["reason"], data, longest=LONGEST_REASON or 0)
    return Line(treatment, **cells, reason=reason)


def shown(treatment: Done) -> dict[str, str]:
    """How its cells look when nobody has typed."""
    percent = rules.percent_of(treatment.quantity * treatment.unit_price, treatment.discount)
    numbers = {"quantity": write(treatment.quantity), "percent": write(percent) if percent else ""}
    return numbers | {"reason": treatment.reason}


def _typed(field: NumberField, cell: Cell) -> Decimal | None:
    """The number that was typed; None for a cell that was not touched, or is wrong."""
    if not cell.is_changed:
        return None
    try:
        return field.clean(cell.text) or Decimal(0)
    except ValidationError as fault:
        cell.error = " ".join(fault.messages)
        return None


def _number(field: NumberField, text: str) -> Decimal | None:
    try:
        return field.clean(text) or Decimal(0)
    except ValidationError:
        return None
