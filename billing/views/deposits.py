"""An owner's deposit: taken, and given back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from billing import actions
from billing.forms import DepositForm, ReturnForm
from billing.views.owner_page import IDS, owner_page
from billing.views.tills import keep_till, tills
from clinic.models import PetOwner
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.templatetags.ui import money


@allowed("take_payments", "POST")
def deposit_take(request: HttpRequest, pk: int) -> HttpResponse:
    form = DepositForm(request.POST, **tills(request), auto_id=IDS["deposit_form"])
    return _noted(request, pk, "deposit_form", form, actions.take_deposit, _("Deposit received: %(amount)s."))


@allowed("correct_invoices", "POST")
def deposit_return(request: HttpRequest, pk: int) -> HttpResponse:
    form = ReturnForm(request.POST, **tills(request), auto_id=IDS["return_form"])
    return _noted(request, pk, "return_form", form, actions.return_deposit, _("Deposit given back: %(amount)s."))


def _noted(request: HttpRequest, pk: int, name: str, form, act, said: str) -> HttpResponse:
    found = get_object_or_404(PetOwner.objects.select_related("merged_into"), pk=pk)
    owner = found.merged_into or found  # merged owners have one account
    if not form.is_valid():
        return owner_page(request, owner, status=422, **{name: form})
    try:
        change = act(owner=owner, **form.cleaned_data, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return owner_page(request, owner, status=409, **{name: form})
    keep_till(request, form)
    messages.success(request, said % {"amount": money(change.amount)})
    return redirect("owner", pk=owner.pk)
