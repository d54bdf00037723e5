"""What an administrator does for a person who cannot come in. Reached from Django admin, which guards these pages."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from vetclinic.access import actions
from vetclinic.access.decorators import allowed
from vetclinic.access.models import User


@allowed("edit_users", "GET", "POST")
def first_password(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        return redirect("password_change")
    if request.method == "POST":
        return show_first_password(request, person, actions.give_first_password(person=person, by=request.user))
    return _page(request, "password_reset", person, _("New first password"))


def show_first_password(request: HttpRequest, person: User, password: str) -> HttpResponse:
    """In the answer itself, once: it is kept nowhere, and no cache may keep the page."""
    return _page(request, "first_password", person, _("First password"), password=password)


@allowed("edit_users", "GET", "POST")
def second_factor_reset(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        actions.remove_second_factor(person=person, by=request.user)
        messages.success(request, _("%(person)s is asked for no code until one is set up anew.") % {"person": person})
        return redirect("admin:access_user_change", person.pk)
    return _page(request, "code_reset", person, _("Codes from a telephone"))


def _page(request: HttpRequest, name: str, person: User, title: str, **context) -> HttpResponse:
    context |= admin.site.each_context(request) | {"title": title, "person": person, "original": person}
    return TemplateResponse(request, f"admin/access/user/{name}.html", context)
