"""What a vet types during a visit."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Service
from clinic.models.service import ServiceCategory
from records import rules
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


class AddendumForm(KeyedForm):
    addendum = RecordText(_("Addendum"), 3, required=True)


class PriceChoice(forms.ModelChoiceField):
    """A service of today's price list, grouped by category, with its price."""

    def label_from_instance(self, service: Service) -> str:
        unit = f" / {service.unit}" if service.unit else ""
        return f"{service.name} — {money(service.cost)}{unit}"


class TreatmentForm(KeyedForm):
    service = PriceChoice(
        Service.objects.none(),
        label=_("Service"),
        empty_label=_("Choose…"),
        error_messages={"invalid_choice": rules.NOT_ON_SALE},
    )
    quantity = forms.DecimalField(
        label=_("Quantity"),
        initial=1,
        min_value=rules.FINEST_QUANTITY,
        max_digits=10,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 4}),
        localize=True,
        error_messages={"min_value": _("Enter a quantity above zero.")},
    )

    def __init__(self, *args, day, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.queryset = Service.objects.on_sale(day).in_list_order()
        labels = dict(ServiceCategory.choices)
        field.choices = [("", field.empty_label)] + [
            (labels.get(category, category), [(price.pk, field.label_from_instance(price)) for price in prices])
            for category, prices in groupby(field.queryset, key=lambda price: price.category)
        ]
