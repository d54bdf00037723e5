"""A vet's week as a grid of times, and an exception of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.models import WorkingException, WorkingHours
from clinic.models.working_hours import ISO_WEEKDAYS
from clinic.time_forms import DayField, TimeInput
from clinic.working_time import moment_of
from vetclinic.ui.forms import KeyedForm

STRETCHES = 3  # of a day, unless it has more already: the gaps are breaks
LONGEST = dt.timedelta(days=366)


class WeekForm(forms.Form):
    """Fields `1_0_from` … `7_2_to`: weekday, stretch, end."""

    def __init__(self, *args, hours: Iterable[WorkingHours] = (), **kwargs):
        initial, hours = {}, list(hours)
        counts = Counter(row.weekday for row in hours)
        self.stretches = max(STRETCHES, *counts.values(), 0)  # what has no field would be lost on saving
        for weekday, _name in ISO_WEEKDAYS:
            for number, row in enumerate(row for row in hours if row.weekday == weekday):
                initial |= {f"{weekday}_{number}_from": row.starts_at, f"{weekday}_{number}_to": row.ends_at}
        super().__init__(*args, initial=initial, **kwargs)
        for weekday, name in ISO_WEEKDAYS:
            for number in range(self.stretches):
                for end, label in (("from", _("from")), ("to", _("to"))):
                    self.fields[f"{weekday}_{number}_{end}"] = forms.TimeField(
                        label=f"{name} {number + 1}, {label}", required=False, widget=TimeInput
                    )

    def clean(self):
        data = super().clean()
        for weekday, _name in ISO_WEEKDAYS:
            last = None
            for number in range(self.stretches):
                opens, closes = data.get(f"{weekday}_{number}_from"), data.get(f"{weekday}_{number}_to")
                self._check(f"{weekday}_{number}", opens, closes, last)
                last = closes or last
        return data

    @property
    def week(self) -> list[tuple[int, dt.time, dt.time]]:
        data = self.cleaned_data
        numbers = range(self.stretches)
        names = [(weekday, f"{weekday}_{number}") for weekday, _name in ISO_WEEKDAYS for number in numbers]
        return [(day, data[f"{name}_from"], data[f"{name}_to"]) for day, name in names if data[f"{name}_from"]]

    @property
    def days(self):
        """(name of the day, its pairs of fields) for the page."""
        for weekday, name in ISO_WEEKDAYS:
            names = [f"{weekday}_{number}" for number in range(self.stretches)]
            yield name, [(self[f"{name}_from"], self[f"{name}_to"]) for name in names]

    def _check(self, name: str, opens: dt.time | None, closes: dt.time | None, last: dt.time | None) -> None:
        if {f"{name}_from", f"{name}_to"} & self.errors.keys():
            return
        if (opens is None) != (closes is None):
            self.add_error(f"{name}_to" if closes is None else f"{name}_from", _("Enter both times, or none."))
        elif opens and closes <= opens:
            self.add_error(f"{name}_to", _("Working hours must end after they start."))
        elif opens and last and opens < last:
            self.add_error(f"{name}_from", _("These hours overlap the ones before."))


class ExceptionForm(KeyedForm):
    """Whole days, or from a time to a time."""

    kind = forms.ChoiceField(label=_("Kind"), choices=WorkingException.Kind.choices)
    first = DayField(label=_("From"))
    opens = forms.TimeField(label=_("Time"), required=False, widget=TimeInput)
    last = DayField(label=_("Until"))
    closes = forms.TimeField(label=_("Time"), required=False, widget=TimeInput)
    note = forms.CharField(label=_("Note"), max_length=255, required=False)

    def clean(self):
        data = super().clean()
        if not {"first", "last", "kind", "opens", "closes"} <= data.keys():
            return data
        if data["last"] < data["first"]:
            self.add_error("last", _("The period ends before it begins."))
        elif data["last"] - data["first"] > LONGEST:
            self.add_error("last", _("Choose a period of at most a year."))
        elif data["first"] == data["last"] and data["opens"] and data["closes"] and data["closes"] <= data["opens"]:
            self.add_error("closes", _("The period ends before it begins."))
        if data["kind"] == WorkingException.Kind.EXTRA:
            self._check_extra(data)
        return data

    def details(self, zone: dt.tzinfo) -> dict:
        """What hours.add_exception takes, on the clock of the branch."""
        data = self.cleaned_data
        start = moment_of(data["first"], data["opens"] or dt.time.min, zone)
        if data["closes"]:
            end = moment_of(data["last"], data["closes"], zone)
        else:
            end = moment_of(data["last"] + dt.timedelta(days=1), dt.time.min, zone)
        return {name: data[name] for name in ("kind", "note", "request_key")} | {"starts_at": start, "ends_at": end}

    def _check_extra(self, data: dict) -> None:
        for name in ("opens", "closes"):
            if not data[name]:
                self.add_error(name, ValidationError(_("Additional hours need both times.")))
        if data["first"] != data["last"]:
            self.add_error("last", _("Additional hours lie within one day."))
