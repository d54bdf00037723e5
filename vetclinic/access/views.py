"""Signing in and out, the language, and the liveness check: the pages that answer everybody."""

from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.views import i18n
from django.views.decorators.http import require_POST, require_safe

from vetclinic.access.decorators import public
from vetclinic.access.forms import LoginForm


class Login(auth.LoginView):
    template_name = "access/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


login = public(Login.as_view())
logout = public(require_POST(auth.LogoutView.as_view()))


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    return i18n.set_language(request)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. It asks nobody else: a database that is away is no reason to restart the process."""
    return HttpResponse("ok", content_type="text/plain")
