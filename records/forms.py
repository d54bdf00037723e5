"""What a vet types during a visit."""

from decimal import Decimal
from itertools import groupby

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Service
from clinic.models.service import ServiceCategory
from vetclinic.ui.forms import KeyedForm
from vetclinic.ui.templatetags.ui import money

LONGEST_TEXT = 20_000
TEXTS = ("complaint", "diagnosis", "prescription", "notes")


def text_field(label, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT, strip=False, widget=widget)


class RecordForm(forms.Form):
    """The text of a medical record, and the version of it that the writer saw."""

    complaint = text_field(_("Complaint and history"), 3)
    diagnosis = text_field(_("Diagnosis"), 2)
    prescription = text_field(_("Prescription"), 4)
    notes = text_field(_("Notes"), 2)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    @classmethod
    def of(cls, record) -> "RecordForm":
        return cls(initial={name: getattr(record, name) for name in (*TEXTS, "version")})

    def clean(self):
        """Line ends as everywhere else, so that a text saved unchanged counts as unchanged."""
        data = super().clean()
        return data | {name: data[name].replace("\r\n", "\n") for name in TEXTS if name in data}


class PriceChoice(forms.ModelChoiceField):
    """A service of today's price list, grouped by category, with its price."""

    def label_from_instance(self, service: Service) -> str:
        return f"{service.name} — {money(service.cost)}"


class TreatmentForm(KeyedForm):
    service = PriceChoice(Service.objects.none(), label=_("Service"), empty_label=_("Choose from the price list"))
    quantity = forms.DecimalField(
        label=_("Quantity"),
        initial=1,
        min_value=Decimal("0.001"),
        max_digits=10,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 4}),
        localize=True,
    )

    def __init__(self, *args, day, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.queryset = Service.objects.on_sale(day).in_list_order()
        labels = dict(ServiceCategory.choices)
        field.choices = [("", field.empty_label)] + [
            (labels[category], [(price.pk, field.label_from_instance(price)) for price in prices])
            for category, prices in groupby(field.queryset, key=lambda price: price.category)
        ]
