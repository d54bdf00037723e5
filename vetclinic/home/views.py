"""The first page of each role."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vetclinic.access.decorators import allowed


@allowed("see_home")
def home(request: HttpRequest) -> HttpResponse:
    return redirect("board" if request.user.may("see_board") else "admin:index")


@allowed("see_home")
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and as what."""
    return render(request, "home/account.html")
