"""What is typed about money."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models.payment import PaymentMethod
from vetclinic.ui.forms import KeyedForm


class PaymentForm(KeyedForm):
    """Money received; the amount in the clinic's currency, at most two decimals."""

    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"min_value": _("Enter an amount above zero.")},
    )
    method = forms.ChoiceField(
        label=_("Paid by"), choices=PaymentMethod.choices, initial=PaymentMethod.CARD, widget=forms.RadioSelect
    )
