"""Which income is asked for: of which days, divided by what."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.income_names import BRANCH, names_of
from billing.income_report import MOST_ROWS
from billing.income_wishes import Only
from billing.periods import Period
from clinic.time_forms import DayField
from vetclinic.audit.kept import Look
from vetclinic.ui.forms import LongSelect

Choices = list[tuple[str, str]]
LONGEST = 50 * 366  # days
BY = {
    "service": _("Service"),
    "category": _("Category"),
    "vet": _("Vet"),
    "specialization": _("Specialization"),
    "species": _("Species"),
    BRANCH: _("Branch"),
}
# What a table by service, vet… begins with: what earns most, or what costs the clinic most.
KEY_ORDERS = {"billed": _("Earn most"), "cost": _("Cost most")}
UNIT_NAMES = {
    "day": _("Day"),
    "week": _("Week"),
    "month": _("Month"),
    "year": _("Year"),
}
BY_UNIT = {
    "day": _("by day"),
    "week": _("by week"),
    "month": _("by month"),
    "year": _("by year"),
}


class KeptPartField(forms.ChoiceField):
    """A branch or a vet by its number, as clinic.part_fields, of names that are kept; none: all of them are meant."""

    widget = LongSelect
    default_error_messages = {"invalid_choice": forms.ModelChoiceField.default_error_messages["invalid_choice"]}

    @property
    def choices(self) -> Choices:
        return self._choices

    @choices.setter
    def choices(self, choices: Choices) -> None:
        """Plain pairs: Django would look for groups among hundreds of them, longer than their query takes."""
        self._choices = self.widget.choices = choices


class PeriodForm(forms.Form):
    """Two days, named `from` and `to` in the address, how to divide what is between them, and which part of it."""

    since = DayField(label=_("From"))
    until = DayField(label=_("Until"))
    unit = forms.ChoiceField(label=_("Each"), choices=[("", _("as fits")), *UNIT_NAMES.items()], required=False)
    branch = KeptPartField(label=_("Branch"), required=False)
    vet = KeptPartField(label=_("Vet"), required=False)
    # Chosen beside the table, and kept by the form.
    by = forms.CharField(required=False, widget=forms.HiddenInput)
    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, look: Look, data: dict):
        super().__init__(data)
        for name in (BRANCH, "vet"):
            self.fields[name].choices = [("", str(_("all"))), *names_of(look, name).items()]

    def add_prefix(self, field_name: str) -> str:
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def clean_by(self) -> str:
        return self.cleaned_data["by"] if self.cleaned_data["by"] in BY else "service"

    def clean_order(self) -> str:
        return self.cleaned_data["order"] if self.cleaned_data["order"] in KEY_ORDERS else "billed"

    def clean(self):
        data = super().clean()
        if "since" in data and "until" in data:
            period = Period(data["since"], data["until"])
            if period.days < 1:
                self.add_error("until", _("The period ends before it begins."))
            elif period.days > LONGEST:
                self.add_error("until", _("Choose a period of at most fifty years."))
        return data

    def say_unit(self, unit: str) -> None:
        """Where another unit is shown than was asked for: which, and why."""
        if self.cleaned_data["unit"] not in ("", unit):
            values = {"shown": BY_UNIT[unit], "most": MOST_ROWS}
            self["unit"].help_text = _("Shown %(shown)s: a table has at most %(most)d rows.") % values

    @property
    def only(self) -> Only:
        branch, vet = self.cleaned_data["branch"], self.cleaned_data["vet"]
        return Only(branch=int(branch) if branch else None, vet=vet)
