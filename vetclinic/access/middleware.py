"""Closed by default: a view without a declared permission answers nobody."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from vetclinic.access.decorators import PUBLIC, answers
from vetclinic.access.session_ends import step_before_pages
from vetclinic.access.views.signing_in import sign_in_again
from vetclinic.replication.state import read_primary
from vetclinic.ui.errors import wrong_verb_page


class ClosedByDefault:
    """Asks, before every view, the permission that it declared with `@allowed`; redirects strangers to sign in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request, view, args, kwargs):
        # Django admin asks its own permissions: staff only, per model.
        in_admin = "admin" in request.resolver_match.app_names
        permission = getattr(view, "permission", "" if in_admin else None)
        if permission is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} declares no permission (use @allowed)")
        if in_admin:
            read_primary()  # who edits sees what is stored, not what a standby has heard of so far
        if permission != PUBLIC:
            if not request.user.is_authenticated:
                return None if in_admin else _to_sign_in(request)
            step = step_before_pages(request)
            if step and request.resolver_match.url_name != step:
                return redirect(reverse(step, query={"next": request.get_full_path()}))
            if permission and not request.user.may(permission):
                raise PermissionDenied
        return None if answers(view, request.method) else wrong_verb_page(request, sorted(view.methods))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A part of a page asks the whole page to go; a form that comes too late waits until its writer is back."""
    if request.htmx:
        page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
        there = reverse("login", query={"next": f"{page.path}?{page.query}".rstrip("?")})
        return HttpResponse(status=401, headers={"HX-Redirect": there})
    by_script = request.headers.get("Sec-Fetch-Dest") == "empty"  # which sees that it is redirected, and says so
    if request.method == "POST" and settings.SESSION_COOKIE_NAME in request.COOKIES and not by_script:
        return sign_in_again(request)
    return redirect_to_login(request.get_full_path())
