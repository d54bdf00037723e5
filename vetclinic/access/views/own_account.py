"""What people change about their own way in. Each asks the password: somebody else may sit at an open page."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from vetclinic.access import actions
from vetclinic.access.decorators import allowed
from vetclinic.access.forms import NewPasswordForm, PasswordForm, SecondFactorForm
from vetclinic.access.second_factor import key_of, new_secret, picture_of
from vetclinic.access.session_ends import CODE, PASSWORD, PROVEN_BY, prove_by, step_before_pages
from vetclinic.access.views.signing_in import next_page
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("see_home", "GET", "POST")
def password_change(request: HttpRequest) -> HttpResponse:
    form = NewPasswordForm(request)
    if form.is_valid():
        actions.choose_password(password=form.cleaned_data["new"], by=request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("The password is changed. Other devices are signed out."))
        return redirect(next_page(request))
    return _page(request, "access/password.html", form, is_first=request.user.first_password_until is not None)


@allowed("see_home", "GET", "POST")
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Everywhere but here: the password is kept under a new salt, and sessions hang on that."""
    form = PasswordForm(request)
    if form.is_valid():
        actions.choose_password(password=form.cleaned_data["password"], by=request.user)
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Other devices are signed out."))
        return redirect("account")
    return _page(request, "access/sessions_end.html", form)


@allowed("see_home", "GET", "POST")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set it up, or another telephone in place of the one from before."""
    form = SecondFactorForm(request, initial={"secret": new_secret()})
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("secret", "code")}
        replaces = request.session.get(PROVEN_BY) == CODE
        try:
            codes = actions.set_up_second_factor(**typed, replaces=replaces, by=request.user)
        except RuleViolation as violation:
            add_violation(form, violation)
        else:
            prove_by(request, CODE)
            return _show_codes(request, codes)
    if "secret" in form.errors:  # our page wrote another one
        return redirect("second_factor")
    secret = form["secret"].value()
    across, path = picture_of(request.user, secret)
    shown = {"across": across, "path": path, "key": key_of(secret)}
    return _page(request, "access/second_factor.html", form, **shown, is_asked=step_before_pages(request) is not None)


@allowed("see_home", "GET", "POST")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request)
    if form.is_valid():
        return _show_codes(request, actions.make_recovery_codes(by=request.user))
    return _page(request, "access/recovery_codes.html", form)


@allowed("see_home", "GET", "POST")
def second_factor_remove(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request)
    if form.is_valid():
        actions.remove_second_factor(person=request.user, by=request.user)
        prove_by(request, PASSWORD)
        messages.success(request, _("Signing in asks for the password alone now."))
        return redirect("account")
    return _page(request, "access/second_factor_remove.html", form)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown once, in the answer itself: they are kept nowhere."""
    return render(request, "access/codes.html", {"codes": codes, "next": next_page(request)})


def _page(request: HttpRequest, template: str, form: PasswordForm, **context) -> HttpResponse:
    next_address = request.POST.get("next", request.GET.get("next", ""))
    context |= {"form": form, "next": next_address}
    return render(request, template, context, status=422 if form.is_bound else 200)
