"""The button with which a manager hands an open visit to another vet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from records.forms import HandOverForm
from records.handing_over import hand_over_visit
from records.views.page import get_visit, visit_page
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("hand_over_visits", "POST")
def visit_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    visit = get_visit(request, pk, to_write=False)
    form = HandOverForm(request.POST, visit=visit)
    try:
        if form.is_valid():
            vet = form.cleaned_data["vet"]
            hand_over_visit(appointment=visit, to=vet, by=request.user)
            messages.success(request, _("The visit is now with %(vet)s.") % {"vet": vet})
            return redirect("visit", pk=pk)
    except RuleViolation as violation:
        add_violation(form, violation)
        messages.error(request, violation.message)
    return visit_page(request, visit, hand_over_form=form, status=422)
