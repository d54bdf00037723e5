"""Signing in and out, and what was typed when a session ended."""

import json

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from vetclinic.access.decorators import PUBLIC, allowed
from vetclinic.access.forms import CodeForm, LoginForm
from vetclinic.access.second_factor import use_code
from vetclinic.access.session_ends import CODE, prove_by, step_before_pages
from vetclinic.refusals import RuleViolation
from vetclinic.ui.errors import typed
from vetclinic.ui.forms import add_violation

KEPT = "typed"


class Login(auth.LoginView):
    """`address` and `fields` come from the page on which somebody wrote when the session had ended."""

    template_name = "access/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def form_valid(self, form: LoginForm) -> HttpResponse:
        response = super().form_valid(form)
        kept = _kept(self.request)
        if kept is None:
            return response
        self.request.session[KEPT] = kept
        return redirect("send_again")

    def get_context_data(self, **context) -> dict:
        sent = self.request.POST
        return {name: sent.get(name, "") for name in ("address", "fields")} | super().get_context_data(**context)


login = allowed(PUBLIC, "GET", "POST")(Login.as_view())
logout = allowed(PUBLIC, "POST")(auth.LogoutView.as_view())


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """A form was sent after its session had ended: whoever signs in now can send it once more, as it was."""
    context = {
        "form": LoginForm(request),
        "address": request.get_full_path(),
        "fields": json.dumps([pair for pair in typed(request) if pair[0] != "csrfmiddlewaretoken"]),
        "has_ended": True,
    }
    return render(request, "access/login.html", context, status=401)


@allowed("see_home")
def send_again(request: HttpRequest) -> HttpResponse:
    kept = request.session.get(KEPT)
    return render(request, "access/send_again.html", kept) if kept else redirect("home")


@allowed("see_home", "GET", "POST")
def code_ask(request: HttpRequest) -> HttpResponse:
    """The second step of signing in, for who has set it up."""
    if step_before_pages(request) != "code_ask":
        return redirect("home")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            use_code(request.user, form.cleaned_data["code"], request)
        except RuleViolation as violation:
            add_violation(form, violation)
        else:
            prove_by(request, CODE)
            return redirect(next_page(request))
    return render(request, "access/code.html", {"form": form}, status=422 if form.is_bound else 200)


def next_page(request: HttpRequest) -> str:
    """Where a person was going to: an address of ours, or the first page."""
    wished = request.POST.get("next", request.GET.get("next", ""))
    return wished if url_has_allowed_host_and_scheme(wished, allowed_hosts={request.get_host()}) else "home"


def _kept(request: HttpRequest) -> dict | None:
    """What is to be sent again; None when nothing is, or not what our page wrote."""
    address = request.POST.get("address", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return None
    try:
        return {
            "address": address,
            "fields": [(str(name), str(value)) for name, value in json.loads(request.POST["fields"])],
        }
    except (KeyError, TypeError, ValueError):
        return None
