"""Error pages in the site's look. They need no database, and say what to do next."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token


def _page(request: HttpRequest, code: int, **context) -> HttpResponse:
    html = render_to_string(f"{code}.html", context, request=None)
    response = HttpResponse(html, status=code)
    if code == 503:
        response["Retry-After"] = "5"
    return response


def bad_request_page(request, exception=None) -> HttpResponse:
    return _page(request, 400)


def forbidden_page(request, exception=None) -> HttpResponse:
    return _page(request, 403)


def not_found_page(request, exception=None) -> HttpResponse:
    return _page(request, 404)


def csrf_failure_page(request, reason="") -> HttpResponse:
    return _page(request, 403, csrf=True)


@requires_csrf_token
def server_error_page(request) -> HttpResponse:
    """500, or 503 when the cause is a database that is away: that is a fault of the day, not of the page."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return _page(request, 503)
        error = error.__cause__ or error.__context__
    return _page(request, 500)
