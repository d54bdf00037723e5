"""What is asked when somebody waits for a free time, or looks for one over weeks."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Specialization
from clinic.time_forms import DayField, WhomForm, lengths
from vetclinic.ui.forms import KeyedForm

LONGEST_WAIT = dt.timedelta(days=180)
PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}  # hours of the branch's clock
WEEKS = (1, 2, 3, 4)


class WhoForm(WhomForm):
    """A vet, or any vet of a specialization."""

    specialization = forms.ModelChoiceField(
        Specialization.objects.order_by("name"), label=_("Specialization"), required=False, empty_label=_("any")
    )
    minutes = forms.TypedChoiceField(label=_("Length"), coerce=int, choices=lengths, initial=30)


class SlotSearch(WhoForm):
    """Where to look for a free time."""

    part = forms.ChoiceField(
        label=_("Part of the day"),
        required=False,
        choices=[("", _("any")), ("morning", _("morning")), ("afternoon", _("afternoon")), ("evening", _("evening"))],
    )
    day = DayField(label=_("From"))
    weeks = forms.TypedChoiceField(
        label=_("Weeks"), coerce=int, initial=2, choices=[(number, str(number)) for number in WEEKS]
    )


class WaitingForm(KeyedForm, WhoForm):
    any_of_branch = False

    since = DayField(label=_("From"))
    until = DayField(label=_("Until"))
    note = forms.CharField(label=_("Note"), max_length=255, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("vet", "specialization"):
            self.fields[name].is_asked = True  # neither is optional: see clean

    def clean_until(self) -> dt.date:
        until = self.cleaned_data["until"]
        if not timezone.localdate() <= until <= timezone.localdate() + LONGEST_WAIT:
            raise forms.ValidationError(_("Choose a day from today on, within half a year."))
        return until

    def clean(self):
        data = super().clean()
        if {"since", "until"} <= data.keys() and data["until"] < data["since"]:
            self.add_error("until", _("The period ends before it begins."))
        if data.get("vet"):
            data["specialization"] = None
        elif "vet" in data and not data.get("specialization"):
            self.add_error("vet", _("Choose a vet, or a specialization."))
        return data
