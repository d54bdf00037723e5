"""Vets and branches as an administrator edits them. No booked visit is displaced silently: see clinic/hours.py."""

import copy
import zoneinfo

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinic import hours
from clinic.forms import clean_extension, clean_phone, phone_field
from clinic.models import Branch, Veterinarian


class VetForm(forms.ModelForm):
    """A vet who leaves, or goes to another branch, may have visits."""

    external_phone = phone_field(label=_("External phone"), required=False)
    internal_phone = phone_field(
        label=_("Internal phone"), required=False, help_text=_("An extension will do: digits, *, # and +.")
    )

    MOVES = ("is_active", "branch")

    def clean_external_phone(self) -> str:
        return clean_phone(self.cleaned_data["external_phone"])

    def clean_internal_phone(self) -> str:
        return clean_extension(self.cleaned_data["internal_phone"])

    def clean(self):
        data = super().clean()
        if self.instance.pk and set(self.MOVES) & set(self.changed_data) and not self.errors:
            before = Veterinarian.objects.select_related("branch").get(pk=self.instance.pk)
            after = copy.copy(before)
            for name in self.MOVES:
                setattr(after, name, data[name])
            _ask("clinic/_displaced.html", hours.check_vet_moves, before, after, accepted=self.data.get("accepted", ""))
        return data


class BranchForm(forms.ModelForm):
    """Visits are moments: on another clock they have another time."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in _time_zones()])

    def clean(self):
        data = super().clean()
        if self.instance.pk and "time_zone" in self.changed_data and not self.errors:
            branch, zone = Branch.objects.get(pk=self.instance.pk), zoneinfo.ZoneInfo(data["time_zone"])
            _ask("clinic/_clock_changed.html", hours.check_clock, branch, zone, accepted=self.data.get("accepted", ""))
        return data


def _ask(template: str, check, *args, accepted: str) -> None:
    """Let the check speak; what it finds is shown with a tick that accepts exactly that."""
    try:
        check(*args, accepted=accepted)
    except hours.VisitsDisplaced as violation:
        html: SafeString = render_to_string(template, {"displaced": violation})
        raise ValidationError(html, code=violation.code) from violation


def _time_zones() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
