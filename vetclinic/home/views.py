"""The first page of each role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.calendars import address_of
from vetclinic.access.decorators import allowed


@allowed("see_home")
def home(request: HttpRequest) -> HttpResponse:
    return redirect("board" if request.user.may("see_board") else "operations")


@allowed("see_home")
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and how; a vet finds the address of the own calendar."""
    vet = getattr(request.user, "vet", None) if request.user.may("share_calendar") else None
    factor = getattr(request.user, "second_factor", None)
    context = {"vet": vet, "calendar": address_of(vet) if vet else "", "factor": factor}
    return render(request, "home/account.html", context)
