"""Error pages in the site's look. They need no database, and say what to do next."""

import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers

RETRY_AFTER_S = 5
# A primary that became a standby refuses writes; a server that waited too long for us hangs up.
SQLSTATES_OF_AWAY = {"25006", "25P03"}


def bad_request_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return too_large_page(request) if isinstance(exception, RequestDataTooBig) else _page(request, 400)


def forbidden_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def csrf_failure_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, form_is_stale=True)


def not_found_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404)


def wrong_verb_page(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    response = _page(request, 405)
    response.headers["Allow"] = ", ".join(methods)
    return response


def long_address_page(request: HttpRequest, limit: int) -> HttpResponse:
    return _page(request, 414, limit=limit)


def too_large_page(request: HttpRequest) -> HttpResponse:
    return _page(request, 413, limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def server_error_page(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the cause is a database that is away: that is a fault of the day, not of the page."""
    return away_page(request) if _is_database_away(sys.exc_info()[1]) else _page(request, 500)


def away_page(request: HttpRequest) -> HttpResponse:
    """503 that keeps what was typed, so that it can be sent again. A password is never written into a page."""
    fields = typed(request)
    keeps = bool(fields) and not any("password" in name for name, _value in fields)
    response = _page(request, 503, address=request.get_full_path(), fields=fields if keeps else [])
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _page(request: HttpRequest, code: int, **context) -> HttpResponse:
    # An error may come before LocaleMiddleware, or after it has put the language back.
    language = translation.get_language_from_request(request)
    context |= {"code": code, "clinic_name": settings.CLINIC_NAME}
    with translation.override(language):
        response = HttpResponse(render_to_string(f"{code}.html", context), status=code)
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a POST carried, with its own CSRF token; nothing if it cannot be read."""
    try:
        return [(name, value) for name, values in request.POST.lists() for value in values]
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return []


def _is_database_away(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        if getattr(error, "sqlstate", None) in SQLSTATES_OF_AWAY:
            return True
        error = error.__cause__ or error.__context__
    return False
