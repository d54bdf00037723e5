"""Who may ask what only programs ask: with the token, or from this very machine and not through its proxy."""

import functools
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

LOOPBACK = ("127.0.0.1", "::1")
# What comes through a proxy comes from loopback, too: one of these tells it.
OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def for_programs(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Others are told that there is no such page."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        return view(request) if _may_ask(request) else HttpResponseNotFound(content_type="text/plain")

    return guarded


def _may_ask(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    return request.META["REMOTE_ADDR"] in LOOPBACK and not any(name in request.headers for name in OF_PROXIES)
