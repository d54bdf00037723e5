"""What is typed about a dose: at a visit, or of one that was given elsewhere."""

from collections.abc import Sequence

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinic.models import Pet
from clinic.models.service import ServiceCategory
from clinic.time_forms import DayField
from records.models import Treatment, VaccineKind
from records.vaccinations import Last
from vetclinic.ui.forms import KeyedForm

LONGEST_BATCH = 40
UNTIL_EMPTY = _("Empty: as long as this vaccine protects.")


class BatchField(forms.CharField):
    def __init__(self):
        widget = forms.TextInput(attrs={"autocomplete": "off", "size": 12})
        super().__init__(label=_("Batch"), required=False, max_length=LONGEST_BATCH, widget=widget)


class DoseForm(KeyedForm):
    """A dose typed among the rest of a visit's form. Its kinds are drawn by `kinds_list`, with what they preset."""

    prefix = "dose"

    kind = forms.ModelChoiceField(VaccineKind.objects.none(), label=_("Vaccine"))
    batch = BatchField()
    valid_until = DayField(label=_("Valid until"), required=False, help_text=UNTIL_EMPTY)
    treatment = forms.ModelChoiceField(Treatment.objects.none(), label=_("Billed as"), required=False)

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = VaccineKind.objects.offered_for(visit.pet.species)
        self.fields["treatment"].queryset = Treatment.objects.filter(
            appointment=visit, service__category=ServiceCategory.VACCINE
        )

    def kinds_list(self, lasts: Sequence[Last]) -> SafeString:
        """The kinds as a <select>; each brings the day until which a dose of today protects."""
        chosen = str(self["kind"].value() or "")
        options = format_html_join(
            "",
            '<option value="{}" data-until="{}"{}>{}</option>',
            (
                (last.kind, last.again_on, SafeString(" selected" if str(last.kind) == chosen else ""), last.name)
                for last in lasts
                if last.is_offered
            ),
        )
        fault = ' aria-invalid="true" aria-describedby="id_dose-kind_error"' if "kind" in self.errors else ""
        return format_html(
            '<select name="dose-kind" id="id_dose-kind" class="inp"{}><option value="">{}</option>{}</select>',
            SafeString(fault),
            _("Choose…"),
            options,
        )


class EarlierDoseForm(KeyedForm):
    """A dose that was given elsewhere, as the animal's passport says."""

    kind = forms.ModelChoiceField(VaccineKind.objects.none(), label=_("Vaccine"), empty_label=_("Choose…"))
    given_on = DayField(label=_("Given on"))
    valid_until = DayField(label=_("Valid until"), required=False, help_text=UNTIL_EMPTY)
    batch = BatchField()

    def __init__(self, *args, pet: Pet, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = VaccineKind.objects.offered_for(pet.species).order_by("name", "pk")
