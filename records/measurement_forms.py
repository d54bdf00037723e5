"""The cells of a visit's measurements, and a weight typed on the animal's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.time_forms import DayField
from records.cells import Cell, cell_of
from records.measuring import Change
from records.models import Vital
from records.vitals import read, side, usual, write
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import KeyedForm

SHORT_UNITS = {Vital.WEIGHT: _("kg"), Vital.TEMPERATURE: "°C", Vital.PULSE: _("/min"), Vital.RESPIRATION: _("/min")}
ARROWS = {-1: "↓", 0: "", 1: "↑"}


@dataclass(kw_only=True)
class VitalCell(Cell):
    """One big number, and what is to be said about it."""

    kind: Vital
    side: int = 0
    usual: str = ""

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

    `data` is what was posted: a cell is `vital_<kind>`.
    """

    def __init__(self, species: str, stored: Mapping[str, Decimal], data: Mapping[str, str] | None = None):
        self.changes: dict[Vital, Change] = {}
        self.cells = [self._cell(kind, species, stored.get(kind), data) for kind in Vital]

    def _cell(self, kind: Vital, species: str, there: Decimal | None, data) -> VitalCell:
        typed = cell_of(f"vital_{kind}", write(there), data)
        cell = VitalCell(text=typed.text, was=typed.was, kind=kind)
        value = self._read(cell) if cell.is_changed else there
        if value is not None:
            if value == there:
                cell.was = write(there)  # saved already: the page shows what is stored
            cell.side = side(species, kind, value)
            known = usual(species, kind)
            cell.usual = f"{write(known.low)}–{write(known.high)}" if known and cell.side else ""
        return cell

    def _read(self, cell: VitalCell) -> Decimal | None:
        try:
            value = read(cell.kind, cell.text)
        except RuleViolation as violation:
            cell.error = str(violation.message)
            return None
        self.changes[cell.kind] = Change(_read_or_none(cell.kind, cell.was), value)
        return value

    def is_valid(self) -> bool:
        return not any(cell.error for cell in self.cells)

    def refuse(self, violation: RuleViolation, stored: Mapping[str, Decimal]) -> None:
        for cell in self.cells:
            if cell.kind == violation.field:
                cell.refuse(violation.message, write(stored.get(cell.kind)))


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
    day = DayField(label=_("Day"), required=False, help_text=_("Empty: today."))

    def clean_weight(self) -> Decimal:
        try:
            weight = read(Vital.WEIGHT, self.cleaned_data["weight"])
        except RuleViolation as violation:
            raise ValidationError(violation.message, code=violation.code) from violation
        if weight is None:
            raise ValidationError(_("Enter a number, as 4.5."), code="required")
        return weight
