"""What is typed into the lines of a visit's bill."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from records import rules
from records.models import Treatment
from records.vitals import write


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


class LineForm(forms.Form):
    """One line, as it was typed. An empty quantity is a fault, an empty discount is none."""

    quantity = quantity_field()
    percent = percent_field(required=False)

    def clean_percent(self) -> Decimal:
        return self.cleaned_data["percent"] or Decimal(0)


@dataclass
class Line:
    """A treatment as a row of the bill: what stands in its cells, and what is wrong with it."""

    treatment: Treatment
    quantity: str
    percent: str
    error: str = ""


def lines_of(treatments: Iterable[Treatment], data: Mapping[str, str] | None = None) -> list[Line]:
    """The rows of the bill; with `data` (a posted form that is refused) as they were typed, with their faults."""
    lines = [line_of(treatment) for treatment in treatments]
    for line in lines:
        typed = typed_line(line, data) if data else None
        if typed:
            line.quantity, line.percent = (typed.data[name] for name in ("quantity", "percent"))
            line.error = " ".join(str(fault) for faults in typed.errors.values() for fault in faults)
    return lines


def line_of(treatment: Treatment) -> Line:
    percent = rules.percent_of(treatment.quantity * treatment.unit_price, treatment.discount)
    return Line(treatment, write(treatment.quantity), write(percent) if percent else "")


def typed_line(line: Line, data: Mapping[str, str]) -> LineForm | None:
    """The form of a line that was changed; None for one that was not."""
    pk = line.treatment.pk
    quantity = data.get(f"quantity_{pk}", line.quantity).strip()[:20]
    percent = data.get(f"percent_{pk}", line.percent).strip()[:20]
    if (quantity, percent) == (line.quantity, line.percent):
        return None
    return LineForm({"quantity": quantity, "percent": percent})
