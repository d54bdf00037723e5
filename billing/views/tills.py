"""In which till money is taken: asked for where the clinic has several branches.

A browser stands at a desk: the branch that was chosen last on it is offered first, else where the visit was.
"""

from django.http import HttpRequest

from billing.forms import TillForm
from clinic.models import Branch

KEPT = "till_branch"


def tills(request: HttpRequest, where: Branch | None = None) -> dict:
    """The arguments of a TillForm for money of `where`."""
    branches = list(Branch.objects.order_by("pk"))
    return {"branches": branches, "here": kept_till(request, branches) or where}


def kept_till(request: HttpRequest, branches: list[Branch]) -> Branch | None:
    kept = request.session.get(KEPT)
    return next((branch for branch in branches if branch.pk == kept), None)


def keep_till(request: HttpRequest, form: TillForm) -> None:
    """Of a form that was done."""
    branch = form.cleaned_data.get("branch")
    if branch and request.session.get(KEPT) != branch.pk:
        request.session[KEPT] = branch.pk
