"""Choosing when: a free time of a vet, or on purpose a time that is taken. Shared by booking and moving."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.models import Appointment, Branch, Veterinarian
from clinic.slots import Place, parse_slot
from clinic.working_time import YEARS, moment_of
from vetclinic.ui.forms import KeyedForm

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


def any_of(branch: Branch) -> str:
    """The value that a VetField has for any vet of a branch."""
    return f"branch-{branch.pk}"


class VetField(forms.ChoiceField):
    """Whom to see: a vet, or any one; in a clinic of several branches also any one of a branch (`branch-2`)."""

    def __init__(self, **options):
        super().__init__(required=False, **options)
        self.vets: list[Veterinarian] = []

    def offer(self, vets: list[Veterinarian], *, any_of_branch: bool) -> None:
        """Let the form choose among these, who are in board order and have a branch each."""
        self.vets, branches = vets, sorted({vet.branch for vet in vets}, key=lambda branch: branch.pk)
        of = {branch: [(vet.pk, vet) for vet in vets if vet.branch_id == branch.pk] for branch in branches}
        if any_of_branch and len(branches) > 1:
            for branch in branches:
                of[branch].insert(0, (any_of(branch), _("any vet of %(branch)s") % {"branch": branch}))
        groups = list(of.items()) if len(branches) > 1 else [each for vets_of in of.values() for each in vets_of]
        self.choices = [("", _("any vet")), *groups]

    def clean(self, value) -> Veterinarian | None:
        """The one vet who is named, if one is."""
        text = super().clean(value)
        return next((vet for vet in self.vets if str(vet.pk) == text), None)

    def meant_by(self, text: str) -> list[Veterinarian]:
        """The vets that a value stands for; all of them for what names nobody."""
        return [vet for vet in self.vets if text in (str(vet.pk), any_of(vet.branch))] or self.vets


class WhomForm(forms.Form):
    """With which vet."""

    vet = VetField(label=_("Vet"))
    any_of_branch = True  # may be wished for

    def __init__(self, *args, vets: list[Veterinarian], **kwargs):
        super().__init__(*args, **kwargs)
        self.offer(vets)

    def offer(self, vets: list[Veterinarian]) -> None:
        self.vets = vets
        self.fields["vet"].offer(vets, any_of_branch=self.any_of_branch)

    @property
    def names_branches(self) -> bool:
        """Whether a vet alone does not say where to go."""
        return len({vet.branch_id for vet in self.vets}) > 1

    @property
    def wished_vets(self) -> list[Veterinarian]:
        """Whose times are looked for, whatever else is typed wrong."""
        return self.fields["vet"].meant_by(str(self["vet"].value() or ""))


class TimeForm(KeyedForm, WhomForm):
    """A day, a vet, and one of the free times; or any time and a reason to squeeze the visit in there."""

    day = DayField(label=_("Day"), required=False)
    slot = forms.CharField(label=_("Time"), max_length=60, required=False, widget=forms.HiddenInput)
    squeeze_at = forms.TimeField(label=_("Time"), required=False, widget=TimeInput)
    squeeze_reason = forms.CharField(label=_("Why it cannot wait"), max_length=255, required=False)
    ASKED = ("day", "vet", "squeeze_at", "squeeze_reason")  # not “optional”: they say where to look, or go together
    visit: Appointment | None = None  # that is moved

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.ASKED:
            self.fields[name].is_asked = True

    @property
    def place(self) -> Place | None:
        """The vet and the start of the time that is chosen so far."""
        return parse_slot(str(self["slot"].value() or ""), self.vets)

    def clean_slot(self) -> Place | None:
        if self.cleaned_data["slot"] and not self.place:
            raise ValidationError(_("Choose one of the free times."))
        return self.place

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("squeeze_at") or data.get("squeeze_reason"):
            self._squeeze_in(data)
        elif "slot" in data and not data["slot"]:
            self.add_error("slot", _("Choose a time."))
        elif "slot" in data and "day" in data and not self._is_beside(*data["slot"], data["day"]):
            self.add_error("slot", _("The day or the vet is another one than of the time. Choose one of these times."))
        return data

    @property
    def time(self) -> dict[str, Any]:
        """What the actions take: vet, start, and the reason if it is squeezed in."""
        vet, start = self.cleaned_data["slot"]
        return {"vet": vet, "start": start, "squeeze_reason": self.cleaned_data["squeeze_reason"]}

    def _is_beside(self, vet: Veterinarian, start: dt.datetime, day: dt.date | None) -> bool:
        """Whether a time is what the day and the vet beside it say: what is booked is what is shown."""
        return vet in self.wished_vets and start.date() == (day or start.date())

    def _squeeze_in(self, data: dict) -> None:
        """The slot is then the time that was typed, with the vet that was chosen."""
        vet, day, at = data.get("vet"), data.get("day"), data.get("squeeze_at")
        if not vet and "vet" in data:
            self.add_error("vet", _("Say with which vet the visit is squeezed in."))
        if not day and "day" in data:
            self.add_error("day", _("Say on which day the visit is squeezed in."))
        if not at and "squeeze_at" in data:
            self.add_error("squeeze_at", _("Say at what time the visit is squeezed in."))
        if not data.get("squeeze_reason") and "squeeze_reason" in data:
            self.add_error("squeeze_reason", _("Say why the visit is squeezed in."))
        if vet and day and at:
            data["slot"] = vet, moment_of(day, at, vet.zone)


class MoveForm(TimeForm):
    """Another time, vet or length of a visit."""

    minutes = forms.TypedChoiceField(label=_("Length"), coerce=int)

    def __init__(self, *args, visit: Appointment, **kwargs):
        super().__init__(*args, **kwargs)
        self.visit = visit
        self.fields["minutes"].choices = lengths(visit.minutes)

    @property
    def length(self) -> int:
        """Minutes: those wished, while they are some that a visit can have."""
        return length_of(self["minutes"]) or self.visit.minutes


def lengths(*more: int) -> list[tuple[int, str]]:
    """Minutes that a visit usually takes, and `more`."""
    return [(n, ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}) for n in sorted({*USUAL_MINUTES, *more})]


def length_of(field: forms.BoundField) -> int | None:
    """The minutes that a field of lengths shows, if it shows any of its choices."""
    shown = str(field.value() or "")
    return next((n for n, _label in field.field.choices if str(n) == shown), None) if shown else None
