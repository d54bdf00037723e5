"""What a vet types during a visit."""

import json
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.models import Appointment, Service, Veterinarian
from clinic.models.service import ServiceCategory
from records import rules
from records.bill_forms import percent_field, quantity_field
from vetclinic.ui.forms import KeyedForm
from vetclinic.ui.templatetags.ui import money

LONGEST_TEXT = 20_000
TEXTS = ("complaint", "diagnosis", "prescription", "notes")


class RecordText(forms.CharField):
    """Free text with line ends as everywhere else: unchanged, it counts as unchanged, and as long as in the browser."""

    def __init__(self, label, rows: int, *, required: bool = False):
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(label=label, required=required, max_length=LONGEST_TEXT, strip=required, widget=widget)

    def to_python(self, value) -> str:
        return super().to_python(value).replace("\r\n", "\n")


class RecordForm(forms.Form):
    """The text of a medical record, and the version of it that the writer saw."""

    complaint = RecordText(_("Complaint and history"), 3)
    diagnosis = RecordText(_("Diagnosis"), 2)
    prescription = RecordText(_("Prescription"), 4)
    notes = RecordText(_("Notes"), 2)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    @classmethod
    def of(cls, record, draft=None) -> "RecordForm":
        """The stored text; or a draft's, with the version that its writer saw."""
        initial = {name: getattr(record, name) for name in (*TEXTS, "version")}
        return cls(initial=initial | draft.fields | {"version": draft.version} if draft else initial)


class OpenPageForm(forms.Form):
    """Which open page a text comes from, and the draft that the page went on from (its id)."""

    window = forms.UUIDField()
    continues = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class DraftForm(OpenPageForm):
    """A page's text on its way: the version of the record that its writer saw.

    On a page that shows two texts it is the version `before`: until one is chosen, the text belongs to that one.
    """

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def draft(self) -> dict[str, Any]:
        """What keep_draft asks for."""
        data = self.cleaned_data
        return {
            "window": data["window"],
            "continues": data["continues"],
            "version": data["before"] or data["version"],
        }


class HandOverForm(forms.Form):
    """`visit`: whose branch it is, and whose vet it is not."""

    vet = forms.ModelChoiceField(Veterinarian.objects.none(), label=_("To which vet"), empty_label=_("Choose…"))

    def __init__(self, *args, visit: Appointment, **kwargs):
        super().__init__(*args, **kwargs)
        others = Veterinarian.objects.working().filter(user__isnull=False).exclude(pk=visit.vet_id)
        if visit.vet.branch_id:
            others = others.filter(branch=visit.vet.branch_id)
        self.fields["vet"].queryset = others.order_by("last_name", "first_name", "pk")


class AddendumForm(KeyedForm):
    addendum = RecordText(_("Addendum"), 3, required=True)


class TreatmentForm(KeyedForm):
    """A service to add. Its list is drawn by `price_list`: a widget of 100 choices costs more than the page's rest."""

    service = forms.ModelChoiceField(
        Service.objects.none(), label=_("Service"), error_messages={"invalid_choice": rules.NOT_ON_SALE}
    )
    quantity = quantity_field(initial=1)
    percent = percent_field(required=False)

    def __init__(self, *args, day, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.on_sale(day)

    def clean(self) -> dict[str, Any]:
        """The discount as the sum that is stored."""
        data = super().clean()
        percent = data.pop("percent", None) or Decimal(0)
        if "service" in data and "quantity" in data:
            data["discount"] = rules.discount_of(data["quantity"] * data["service"].cost, percent)
        return data

    def price_list(self, prices: str) -> SafeString:
        """The day's `prices` (JSON) by category as one <select>; a code beside each name, for those who type it."""
        chosen = str(self["service"].value() or "")
        fault = ' aria-invalid="true" aria-describedby="id_service_error"' if "service" in self.errors else ""
        options = _options(prices, get_language() or "", settings.CLINIC_CURRENCY)
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 11:  # a typed id may be anything
            options = options.replace(f'<option value="{chosen}"', f'<option value="{chosen}" selected')
        return mark_safe(  # noqa: S308 (escaped in _options)
            f'<select name="service" id="id_service" class="inp"{fault}>'
            f'<option value="">{escape(_("Choose…"))}</option>{options}</select>'
        )


@lru_cache(maxsize=16)
def _options(prices: str, language: str, currency: str) -> str:
    """The choices, escaped; made once for a list of prices, as it is long and seldom changes."""
    labels, groups = dict(ServiceCategory.choices), groupby(json.loads(prices or "[]"), key=itemgetter(0))
    drawn = ((labels.get(category, category), "".join(_option(*row[1:]) for row in rows)) for category, rows in groups)
    return "".join(f'<optgroup label="{escape(label)}">{choices}</optgroup>' for label, choices in drawn)


def _option(pk: int, code: str, name: str, cost: str, unit: str) -> str:
    price = f"{money(Decimal(cost))} / {escape(unit)}" if unit else money(Decimal(cost))
    return f'<option value="{pk}" data-code="{escape(code)}">{escape(name)} — {price}</option>'
