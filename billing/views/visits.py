"""Finishing a visit: the record is signed, the invoice follows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from billing import actions
from records.views.page import get_visit, visit_page
from records.views.visit import add_typed, save_typed
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation


@allowed("write_records", "POST")
def visit_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what is typed, a service chosen but not added too; then sign, complete and draft the invoice in one act."""
    appointment = get_visit(request, pk, to_write=True)
    refused = save_typed(request, appointment)
    if not refused and request.POST.get("service"):
        refused = add_typed(request, appointment)
    if refused:
        return refused
    try:
        invoice = actions.finish_visit(appointment=appointment, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return visit_page(request, appointment, status=409)
    if invoice:
        messages.success(request, _("The visit is finished. The bill is with reception."))
    else:
        messages.success(request, _("The visit is finished. Without treatments there is no invoice."))
    return redirect("visit", pk=pk)
