"""What is asked when somebody waits for a free time, or looks for one over weeks."""

import datetime as dt

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.models import Specialization, Veterinarian
from clinic.time_forms import USUAL_MINUTES, DateInput
from vetclinic.ui.forms import KeyedForm

LONGEST_WAIT = dt.timedelta(days=180)
PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}  # hours of the branch's clock
WEEKS = (1, 2, 3, 4)


def lengths() -> list[tuple[int, str]]:
    return [(n, ngettext("%(n)s minute", "%(n)s minutes", n) % {"n": n}) for n in USUAL_MINUTES]


class WhoForm(forms.Form):
    """A vet, or any vet of a specialization."""

    vet = forms.ModelChoiceField(Veterinarian.objects.none(), label=_("Vet"), required=False, empty_label=_("any vet"))
    specialization = forms.ModelChoiceField(
        Specialization.objects.order_by("name"), label=_("Specialization"), required=False, empty_label=_("any")
    )
    minutes = forms.TypedChoiceField(label=_("Length"), coerce=int, choices=lengths, initial=30)

    def __init__(self, *args, vets, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["vet"].queryset = vets


class SlotSearch(WhoForm):
    """Where to look for a free time."""

    part = forms.ChoiceField(
        label=_("Part of the day"),
        required=False,
        choices=[("", _("any")), ("morning", _("morning")), ("afternoon", _("afternoon")), ("evening", _("evening"))],
    )
    day = forms.DateField(label=_("From"), widget=DateInput)
    weeks = forms.TypedChoiceField(
        label=_("Weeks"), coerce=int, initial=2, choices=[(number, str(number)) for number in WEEKS]
    )


class WaitingForm(KeyedForm, WhoForm):
    since = forms.DateField(label=_("From"), widget=DateInput)
    until = forms.DateField(label=_("Until"), widget=DateInput)
    note = forms.CharField(label=_("Note"), max_length=255, required=False)

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
