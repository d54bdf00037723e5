"""Choosing when: a free time of a vet, or on purpose a time that is taken. Shared by booking and moving."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.availability import Slot
from clinic.models import Appointment, Veterinarian
from vetclinic.ui.forms import KeyedForm

YEARS = range(1900, 2101)
USUAL_MINUTES = (10, 15, 20, 30, 45, 60, 90, 120, 180)


class DateInput(forms.DateInput):
    """The browser's own date field: localised, accessible, and always YYYY-MM-DD on the wire."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that a clinic can have: people type 0206 for 2026, and arithmetic ends at the year 9999."""

    widget = DateInput

    def clean(self, value) -> dt.date | None:
        day = super().clean(value)
        if day and day.year not in YEARS:
            raise ValidationError(_("Choose a day between 1900 and 2100."), code="impossible_day")
        return day


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class TimeForm(KeyedForm):
    """A day, a vet, and one of the free times; or any time and a reason to squeeze the visit in there."""

    day = forms.DateField(label=_("Day"), widget=DateInput)
    vet = forms.ModelChoiceField(Veterinarian.objects.none(), label=_("Vet"), required=False, empty_label=_("any vet"))
    slot = forms.CharField(label=_("Time"), max_length=60, required=False, widget=forms.HiddenInput)
    squeeze_at = forms.TimeField(label=_("Time"), required=False, widget=TimeInput)
    squeeze_reason = forms.CharField(label=_("Why it cannot wait"), max_length=255, required=False)

    def __init__(self, *args, vets, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["vet"].queryset = vets

    def clean_slot(self) -> tuple[Veterinarian, dt.datetime] | None:
        text = self.cleaned_data["slot"]
        slot = parse_slot(text, self.fields["vet"].queryset) if text else None
        if text and slot is None:
            raise ValidationError(_("Choose one of the free times."))
        return slot

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("squeeze_at") or data.get("squeeze_reason"):
            self._squeeze_in(data)
        elif "slot" in data and not data["slot"]:
            self.add_error("slot", _("Choose a time."))
        return data

    @property
    def time(self) -> dict[str, Any]:
        """What the actions take: vet, start, and the reason if it is squeezed in."""
        vet, start = self.cleaned_data["slot"]
        return {"vet": vet, "start": start, "squeeze_reason": self.cleaned_data["squeeze_reason"]}

    def _squeeze_in(self, data: dict) -> None:
        """The slot is then the time that was typed, with the vet that was chosen."""
        vet, day, at = data.get("vet"), data.get("day"), data.get("squeeze_at")
        if not vet:
            self.add_error("vet", _("Say with which vet the visit is squeezed in."))
        if not at and "squeeze_at" in data:
            self.add_error("squeeze_at", _("Say at what time the visit is squeezed in."))
        if not data.get("squeeze_reason"):
            self.add_error("squeeze_reason", _("Say why the visit is squeezed in."))
        if vet and day and at:
            data["slot"] = vet, dt.datetime.combine(day, at, vet.zone)


class MoveForm(TimeForm):
    """Another time, vet or length of a visit."""

    minutes = forms.TypedChoiceField(label=_("Length"), coerce=int)

    def __init__(self, *args, visit: Appointment, **kwargs):
        super().__init__(*args, **kwargs)
        self.visit = visit
        lengths = sorted({*USUAL_MINUTES, visit.minutes})
        self.fields["minutes"].choices = [(n, ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}) for n in lengths]


def parse_slot(text: str, vets) -> tuple[Veterinarian, dt.datetime] | None:
    """The vet and the aware start that Slot.value names; None for anything else."""
    vet_id, _at, start = text.partition("@")
    try:
        begins = dt.datetime.fromisoformat(start)
        vet = vets.get(pk=int(vet_id))
        begins.astimezone(dt.UTC)
    except (ValueError, OverflowError, Veterinarian.DoesNotExist):
        return None
    return (vet, begins) if begins.tzinfo else None


def slot_value(vet: Veterinarian, start: dt.datetime) -> str:
    return Slot(vet, start, start).value
