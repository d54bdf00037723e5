"""Which day of which till is looked at, and what was counted in it."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch
from clinic.time_forms import DayField
from vetclinic.ui.forms import KeyedForm


class TillDayForm(forms.Form):
    branch = forms.ModelChoiceField(Branch.objects.order_by("pk"), label=_("Branch"), required=False, empty_label=None)
    day = DayField(label=_("Day"), required=False)


def sum_field(label, **options) -> forms.DecimalField:
    """Zero or more, in the clinic's currency, with at most two decimals."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"min_value": _("Enter zero or more.")},
        **options,
    )


class CountForm(KeyedForm):
    """`seen` is the last count that the page showed; empty if there was none."""

    day = DayField(label=_("Day"), widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    opening_float = sum_field(_("Cash in the morning"), help_text=_("The change that the till begins the day with."))
    counted = sum_field(_("Cash counted"))
    reason = forms.CharField(
        label=_("Why it differs"),
        max_length=255,
        required=False,
        help_text=_("Needed when the count is not what is expected."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
