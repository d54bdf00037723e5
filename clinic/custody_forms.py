"""What people type when an animal changes hands or dies."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.forms import clean_phone, phone_field
from clinic.models import PetOwner
from clinic.time_forms import DayField
from vetclinic.ui.forms import KeyedForm
from vetclinic.ui.numbers import id_of

NOBODY = "nobody"


class HandOverForm(forms.Form):
    """`owner`: an id, or NOBODY when it is not known whose the animal is; `was`: the owner that the page showed."""

    owner = forms.CharField(
        label=_("New owner"), max_length=20, error_messages={"required": _("Choose the new owner.")}
    )
    was = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def clean_owner(self) -> PetOwner | None:
        text = self.cleaned_data["owner"]
        if text == NOBODY:
            return None
        owner = PetOwner.objects.filter(pk=id_of(text) or 0).first()
        if owner is None:
            raise ValidationError(_("Choose one of the owners that were found."))
        return owner

    def clean_was(self) -> int | None:
        return id_of(self.cleaned_data["was"])


class NewOwnerForm(KeyedForm):
    """A new owner for an animal that is known. A phone that is known stops the form once."""

    phone = phone_field(label=_("Phone"))
    last_name = forms.CharField(label=_("Owner’s last name"), max_length=150)
    first_name = forms.CharField(label=_("Owner’s first name"), max_length=150)
    another_person = forms.BooleanField(label=_("Another person with the same phone"), required=False)
    was = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_was(self) -> int | None:
        return id_of(self.cleaned_data["was"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        phone = "" if data.get("another_person") else data.get("phone")
        if phone and (known := PetOwner.objects.filter(phone=phone, is_active=True).first()):
            message = _("%(name)s has this phone. Find this owner above, or tick “another person” below.")
            self.add_error("phone", ValidationError(message, code="phone_is_known", params={"name": known}))
        return data

    @property
    def person(self) -> dict[str, Any]:
        """The arguments of register_owner."""
        return {name: self.cleaned_data[name] for name in ("phone", "last_name", "first_name", "request_key")}


class DeathForm(forms.Form):
    died_on = DayField(label=_("Day of death"), initial=timezone.localdate)
