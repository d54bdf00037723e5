"""What is typed about money."""

from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models.payment import PaymentMethod
from clinic.models import Branch
from vetclinic.ui.forms import KeyedForm
from vetclinic.ui.templatetags.ui import money

METHODS = [choice for choice in PaymentMethod.choices if choice[0] != PaymentMethod.DEPOSIT]
CENT = Decimal("0.01")


class AmountField(forms.DecimalField):
    """A sum above zero in the clinic's currency, at most two decimals, typed as the language writes it."""

    def __init__(self, **kwargs):
        look = {"widget": forms.TextInput(attrs={"inputmode": "decimal"}), "localize": True}
        errors = {"min_value": _("Enter an amount above zero.")}
        super().__init__(**look, min_value=CENT, max_digits=10, decimal_places=2, error_messages=errors, **kwargs)


class ReasonField(forms.CharField):
    def __init__(self, **kwargs):
        super().__init__(label=_("Reason"), max_length=255, **kwargs)


class MethodField(forms.ChoiceField):
    """How money comes or goes."""

    def __init__(self, *, choices=PaymentMethod.choices, **kwargs):
        super().__init__(choices=choices, widget=forms.RadioSelect, **kwargs)


class TillForm(KeyedForm):
    """Whose till money comes into or goes out of: asked where the clinic has several branches."""

    branch = forms.ModelChoiceField(Branch.objects.order_by("pk"), label=_("Branch"), empty_label=None)

    def __init__(self, *args, branches: Sequence[Branch], here: Branch | None = None, **kwargs):
        """`branches`: all of them; `here`: the one that is offered first."""
        super().__init__(*args, **kwargs)
        if len(branches) > 1:
            self.fields["branch"].choices = [(branch.pk, str(branch)) for branch in branches]
            self.fields["branch"].initial = here and here.pk
        else:
            del self.fields["branch"]


class PaymentForm(TillForm):
    """Money received for an invoice; also from the owner's deposit when there is one."""

    field_order = ("amount", "method", "branch")

    amount = AmountField(label=_("Amount"))
    method = forms.ChoiceField(
        label=_("Paid by"), choices=METHODS, initial=PaymentMethod.CARD, widget=forms.RadioSelect
    )

    def __init__(self, *args, deposit: Decimal = Decimal(0), **kwargs):
        super().__init__(*args, **kwargs)
        if deposit > 0:
            left = _("deposit (%(sum)s left)") % {"sum": money(deposit)}
            self.fields["method"].choices = [*METHODS, (PaymentMethod.DEPOSIT.value, left)]


class CreditForm(TillForm):
    """What is taken off each line of an invoice, why, and how money that was paid too much goes back."""

    def __init__(self, *args, lines, is_paid: bool, **kwargs):
        """`lines`: those of the invoice with `left`, what is not credited of them yet."""
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.left]
        for line in self.lines:
            hint = _("%(sum)s at most") % {"sum": money(line.left)}
            self.fields[f"line_{line.pk}"] = AmountField(label=line.name, help_text=hint, required=False)
        self.fields["reason"] = ReasonField()
        if is_paid:
            self.fields["refund_by"] = MethodField(label=_("What was paid too much goes back by"), required=False)
        else:
            self.fields.pop("branch", None)  # no money moves

    def line_fields(self) -> list[forms.BoundField]:
        return [self[f"line_{line.pk}"] for line in self.lines]

    def wanted(self) -> dict:
        """The arguments of the action."""
        data = dict(self.cleaned_data)
        amounts = {line.pk: data.pop(f"line_{line.pk}") for line in self.lines}
        return data | {"amounts": {line: amount for line, amount in amounts.items() if amount}}


class RefundForm(TillForm):
    field_order = ("amount", "method", "branch", "reason")
    amount = AmountField(label=_("Amount"))
    method = MethodField(label=_("Given back by"))
    reason = ReasonField()


class VoidForm(forms.Form):
    reason = ReasonField()


class DepositForm(TillForm):
    field_order = ("amount", "method", "branch")
    amount = AmountField(label=_("Amount"))
    method = forms.ChoiceField(
        label=_("Paid by"), choices=METHODS, initial=PaymentMethod.CARD, widget=forms.RadioSelect
    )


class ReturnForm(TillForm):
    """A deposit given back."""

    field_order = ("amount", "method", "branch", "reason")
    amount = AmountField(label=_("Amount"))
    method = MethodField(label=_("Given back by"), choices=METHODS)
    reason = ReasonField()
