"""What people type about an alert."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models.pet_alert import LONGEST_ALERT, PetAlert
from vetclinic.ui.forms import KeyedForm


class AlertForm(KeyedForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=PetAlert.Kind.choices, initial=PetAlert.Kind.ALLERGY)
    text = forms.CharField(
        label=_("To what, why"),
        max_length=LONGEST_ALERT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") not in (None, PetAlert.Kind.BITES) and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say what it is: only “bites” speaks for itself."))
        return data
