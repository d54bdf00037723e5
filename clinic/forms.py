"""What people type about owners, pets and bookings, checked before an action sees it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.enums import VISIT_MINUTES, Species, VisitReason
from clinic.models import Pet, PetOwner
from clinic.phones import normalize_extension, normalize_phone
from clinic.time_forms import DateInput, DayField, TimeForm, length_of, lengths
from vetclinic.refusals import REFUSALS, RuleViolation

EARLIEST_BIRTH = dt.date(1950, 1, 1)  # a tortoise may be that old


def phone_field(**options) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"})
    return forms.CharField(max_length=40, widget=widget, **options)


def clean_phone(text: str) -> str:
    return _clean(normalize_phone, text)


def clean_extension(text: str) -> str:
    return _clean(normalize_extension, text)


def _clean(normalize: Callable[[str], str], text: str) -> str:
    try:
        return normalize(text)
    except RuleViolation as error:
        raise ValidationError(error.message, code=error.code) from error


def clean_birth_date(day: dt.date | None) -> dt.date | None:
    if day and not EARLIEST_BIRTH <= day <= timezone.localdate():
        raise ValidationError(_("A date of birth lies between 1950 and today."))
    return day


class ChangeForm(forms.ModelForm):
    """A form of a row that an action saves."""

    @property
    def changes(self) -> dict[str, Any]:
        """Column → new value of what was changed, so that two people can edit different columns at a time."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class OwnerForm(ChangeForm):
    phone = phone_field(label=_("Phone"))
    secondary_phone = phone_field(label=_("Second phone"), required=False)

    class Meta:
        model = PetOwner
        fields = [
            "last_name",
            "first_name",
            "phone",
            "secondary_phone",
            "email",
            "email_reminders",
            "language",
            "address",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("the clinic’s language")), *settings.LANGUAGES]

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_secondary_phone(self) -> str:
        return clean_phone(self.cleaned_data["secondary_phone"])


class SpeciesField(forms.CharField):
    """A species in the words of the page: ours are stored by their key, any other as it is written."""

    def prepare_value(self, value):
        return Species(value).label if value in Species.values else value

    def to_python(self, value) -> str:
        text = super().to_python(value)
        return next((key for key, label in Species.choices if text.casefold() == str(label).casefold()), text)


class PetForm(ChangeForm):
    microchip = forms.CharField(
        label=_("Microchip"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    species = SpeciesField(
        label=_("Species"), max_length=50, required=False, widget=forms.TextInput(attrs={"list": "species"})
    )

    class Meta:
        model = Pet
        labels = {"name": _("Pet’s name")}
        fields = [
            "name",
            "species",
            "breed",
            "birth_date",
            "gender",
            "is_neutered",
            "color",
            "microchip",
            "description",
        ]
        widgets = {
            "birth_date": DateInput(),
            "breed": forms.TextInput(attrs={"list": "breeds"}),
            "description": forms.Textarea(attrs={"rows": 3, "maxlength": 5000}),
        }

    def clean_birth_date(self) -> dt.date | None:
        return clean_birth_date(self.cleaned_data["birth_date"])

    def clean_microchip(self) -> str:
        """One chip, one animal: who has it already is named, for they may be the same one."""
        chip = re.sub(r"[\s-]", "", self.cleaned_data["microchip"])
        if self.cleaned_data["microchip"] and not re.fullmatch(r"[0-9]{9,15}", chip):
            raise ValidationError(REFUSALS["pet_microchip_is_digits"][0])
        other = Pet.objects.exclude(pk=self.instance.pk).filter(microchip=chip).select_related("pet_owner").first()
        if chip and other:
            who = {"pet": other, "owner": other.pet_owner or "—"}
            raise ValidationError(_("%(pet)s (%(owner)s) has this chip."), code="chip_is_known", params=who)
        return chip


class BookingForm(TimeForm):
    """A visit of a known animal, or of a new owner with a new animal, on one form."""

    ASKED = (*TimeForm.ASKED, "minutes")
    OF_NEWCOMERS = ("phone", "last_name", "first_name", "pet_name", "species")
    OF_OWNERS = ("phone", "last_name", "first_name", "address", "another_person")
    OF_PETS = ("pet_name", "species", "breed", "birth_date")

    q = forms.CharField(label=_("Who is coming?"), max_length=100, required=False)
    phone = phone_field(label=_("Phone"))
    last_name = forms.CharField(label=_("Owner’s last name"), max_length=150)
    first_name = forms.CharField(label=_("Owner’s first name"), max_length=150)
    pet_name = forms.CharField(
        label=_("Pet’s name"),
        max_length=50,
        error_messages={"required": _("Enter the pet’s name, or find the pet by its owner’s phone.")},
    )
    species = forms.ChoiceField(
        label=_("Species"),
        choices=Species.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the species.")},
    )
    breed = forms.CharField(label=_("Breed"), max_length=50, required=False)
    birth_date = DayField(label=_("Date of birth"), required=False)
    address = forms.CharField(label=_("Address"), max_length=255, required=False)
    another_person = forms.BooleanField(label=_("Another person with the same phone"), required=False)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=VisitReason.choices, initial=VisitReason.CHECK_UP, widget=forms.RadioSelect
    )
    reason_text = forms.CharField(label=_("Reason in your words"), max_length=255, required=False)
    minutes = forms.TypedChoiceField(
        label=_("Length"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=lambda: [("", _("usual for the reason")), *lengths()],
    )
    notes = forms.CharField(
        label=_("Note for the vet"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, pet: Pet | None = None, is_new: bool = False, **kwargs):
        """Who comes: `pet` was found, or `is_new`: a new owner with a new animal, or nobody is chosen yet."""
        self.pet, self.is_new = pet, is_new and not pet
        known = {*self.OF_PETS} if pet else set()
        known |= {*self.OF_OWNERS} if pet and pet.pet_owner_id else set()
        # A form copies all its fields for itself, which takes long: those that are not asked for are left out before.
        self.base_fields = {name: field for name, field in self.base_fields.items() if name not in known}
        super().__init__(*args, **kwargs)

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_birth_date(self) -> dt.date | None:
        return clean_birth_date(self.cleaned_data["birth_date"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.pet and not self.is_new:
            self._ask_who()
        elif not data.get("another_person"):
            self._check_phone(data.get("phone"))
        return data

    def _ask_who(self) -> None:
        """Nobody is chosen: what is missing of a newcomer is not at fault."""
        for name in self.OF_NEWCOMERS:
            self.errors.pop(name, None)
        self.add_error("q", _("Choose the animal, or a new owner and pet."))

    def _check_phone(self, phone: str | None) -> None:
        """One person, one record: a phone that is known stops the form once, until another person is confirmed."""
        if phone and (known := PetOwner.objects.filter(phone=phone, is_active=True).first()):
            message = _("%(name)s has this phone. Find the pet by the phone, or tick “another person” below.")
            self.add_error("phone", ValidationError(message, code="phone_is_known", params={"name": known}))

    @property
    def phone_is_known(self) -> bool:
        return self.is_bound and self.has_error("phone", "phone_is_known")

    @property
    def owner(self) -> dict[str, Any]:
        """What actions.register_owner takes."""
        return {name: self.cleaned_data[name] for name in ("last_name", "first_name", "phone", "address")}

    @property
    def animal(self) -> dict[str, Any]:
        """What actions.register_pet takes."""
        details = {name: self.cleaned_data[name] for name in ("species", "breed", "birth_date")}
        return details | {"name": self.cleaned_data["pet_name"]}

    @property
    def reasons(self):
        """Each reason's radio button with the minutes that it takes."""
        return zip(self["reason"], VISIT_MINUTES.values(), strict=True)

    @property
    def length(self) -> int:
        """Minutes: those wished, else what the reason usually takes."""
        reason = str(self["reason"].value())
        return length_of(self["minutes"]) or VISIT_MINUTES.get(reason, VISIT_MINUTES[VisitReason.CHECK_UP])

    @property
    def reason_for_people(self) -> str:
        """What stands on the board: the receptionist's words, else the usual reason in today's language."""
        return self.cleaned_data["reason_text"] or str(VisitReason(self.cleaned_data["reason"]).label)


class CancelForm(forms.Form):
    """Why a visit is cancelled: it stays in its history."""

    reason = forms.CharField(
        label=_("Why"), max_length=255, error_messages={"required": _("Say why the visit is cancelled.")}
    )
