"""The cells of a visit's measurements, and a weight typed on the animal's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.time_forms import DateInput
from records.measuring import Change
from records.models import Measurement, Vital
from records.vitals import read, side, usual, write
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import KeyedForm

SHORT_UNITS = {Vital.WEIGHT: _("kg"), Vital.TEMPERATURE: "°C", Vital.PULSE: _("/min"), Vital.RESPIRATION: _("/min")}
ARROWS = {-1: "↓", 0: "", 1: "↑"}


@dataclass
class Cell:
    """One big number: what stands in it, what the page showed (`was`), and what is to be said about it."""

    kind: Vital
    text: str
    was: str
    side: int = 0
    usual: str = ""
    error: str = ""

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def unit(self) -> str:
        return SHORT_UNITS[self.kind]

    @property
    def arrow(self) -> str:
        return ARROWS[self.side]


class VitalsForm:
    """The four cells of a visit. Plain, as a page has them always and the widgets of a form cost ten times as much.

    `data` is what was posted: a cell is `vital_<kind>`, and `was_<kind>` is what it showed before. A cell that is
    missing there is unchanged.
    """

    def __init__(self, species: str, stored: Mapping[str, Measurement], data: Mapping[str, str] | None = None):
        self.changes: dict[Vital, Change] = {}
        self.cells = [self._cell(kind, species, stored.get(kind), data) for kind in Vital]

    def _cell(self, kind: Vital, species: str, measurement: Measurement | None, data) -> Cell:
        value = measurement.value if measurement else None
        cell = Cell(kind, write(value), write(value))
        if data and f"vital_{kind}" in data:
            cell.text, cell.was = data[f"vital_{kind}"].strip()[:20], data.get(f"was_{kind}", "").strip()[:20]
            there, value = value, self._read(cell)
            if value is not None and value == there:
                cell.was = write(there)  # saved already: the page shows what is stored
        if value is not None:
            cell.side = side(species, kind, value)
            known = usual(species, kind)
            cell.usual = f"{write(known.low)}–{write(known.high)}" if known and cell.side else ""
        return cell

    def _read(self, cell: Cell) -> Decimal | None:
        if cell.text == cell.was:
            return _read_or_none(cell.kind, cell.was)
        try:
            value = read(cell.kind, cell.text)
        except RuleViolation as violation:
            cell.error = str(violation.message)
            return None
        self.changes[cell.kind] = Change(_read_or_none(cell.kind, cell.was), value)
        return value

    def is_valid(self) -> bool:
        return not any(cell.error for cell in self.cells)

    def refuse(self, violation: RuleViolation, stored: Mapping[str, Measurement]) -> None:
        """Show a refusal at its cell; saved again, what is typed replaces what stands there by now."""
        for cell in self.cells:
            if cell.kind == violation.field:
                cell.error = str(violation.message)
                cell.was = write(stored[cell.kind].value) if cell.kind in stored else ""


def _read_or_none(kind: Vital, text: str) -> Decimal | None:
    try:
        return read(kind, text)
    except RuleViolation:
        return None


class WeightForm(KeyedForm):
    weight = forms.CharField(
        label=_("Weight, kg"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6, "autocomplete": "off"}),
    )
    day = forms.DateField(label=_("Day"), required=False, widget=DateInput, help_text=_("Empty: today."))

    def clean_weight(self) -> Decimal:
        try:
            weight = read(Vital.WEIGHT, self.cleaned_data["weight"])
        except RuleViolation as violation:
            raise ValidationError(violation.message, code=violation.code) from violation
        if weight is None:
            raise ValidationError(_("Enter a number, as 4.5."), code="required")
        return weight
