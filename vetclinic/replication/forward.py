"""A branch's forms, sent on as they are to a web server beside the primary.

Writing takes a dozen statements that each wait for the one before: over a distance that is a dozen ways there and back,
of which this makes one. Reading pages are made in the branch, from its own standby.
"""

import logging
import threading
import time
from collections.abc import Callable
from http.cookies import SimpleCookie

import urllib3
from django.conf import settings
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

from vetclinic.replication.middleware import SAFE_METHODS
from vetclinic.ui.errors import away_page

MARK = "X-Vetclinic-Forwarded"  # who is sent this writes, whatever its own settings say: no circle
TIMES = urllib3.Timeout(connect=3, read=30)
IDLE_S = 3  # less than the `keepalive` of deploy/gunicorn.conf.py, and what a lost packet may take
# Of one connection, not of the message (RFC 9110, 7.6.1); and what this side says itself.
NOT_PASSED = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection", "expect"}
OF_A_PROXY = {502, 503, 504}
FROM_HERE_S = (
    10.0  # after such an answer the same form, sent again, is written from here: that side may be away for long
)
NOT_PASSED |= {"content-length", "x-forwarded-proto", "x-forwarded-for", "forwarded"}
log = logging.getLogger("vetclinic.replication")


class ForwardWrites:
    """Unsafe requests go to WRITES_URL. When nothing answers there they are answered here, over the distance."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self._own = threading.local()
        self._from_here_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if MARK in request.headers:
            response = self.get_response(request)
            response.headers[MARK] = "1"  # by it the branch tells this answer from one of a proxy in front of us
            return response
        if not settings.WRITES_URL or request.method in SAFE_METHODS or _is_long(request):
            return self.get_response(request)
        if time.monotonic() < self._from_here_until:
            return self.get_response(request)
        try:
            answer = self._send(request)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            log.warning("%s is away, written from here: %s", settings.WRITES_URL, error)
            return self.get_response(request)
        except urllib3.exceptions.HTTPError as error:
            # Nobody knows whether it was done: people look, and what they typed waits. No form makes a thing twice.
            log.warning("%s did not answer to the end: %s", settings.WRITES_URL, error)
            return away_page(request)
        if answer.status in OF_A_PROXY and MARK not in answer.headers:
            log.warning("%s: its proxy says %s", settings.WRITES_URL, answer.status)
            self._from_here_until = time.monotonic() + FROM_HERE_S
            return away_page(request)
        return _response(request, answer)

    def _send(self, request: HttpRequest) -> urllib3.BaseHTTPResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_PASSED}
        headers |= {MARK: "1", "X-Forwarded-Proto": request.scheme or "http", "Host": request.get_host()}
        headers["X-Forwarded-For"] = request.META["REMOTE_ADDR"]
        url, method = settings.WRITES_URL + request.get_full_path(), request.method or "POST"
        return self._connection().request(
            method, url, body=request.body, headers=headers, redirect=False, decode_content=False
        )

    def _connection(self) -> urllib3.PoolManager:
        """This thread's own; anew when the other side may have hung up by now: a form sent into that is lost."""
        now, own = time.monotonic(), self._own
        if not hasattr(own, "web_server"):
            own.web_server = urllib3.PoolManager(maxsize=1, timeout=TIMES, retries=False)
        elif now - own.used_at > IDLE_S:
            own.web_server.clear()
        own.used_at = now
        return own.web_server


def _is_long(request: HttpRequest) -> bool:
    """A file: kept whole in memory it would be a burden, and its way is long in any case."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    except ValueError:
        return True


def _response(request: HttpRequest, answer: urllib3.BaseHTTPResponse) -> HttpResponse:
    response = HttpResponse(answer.data, status=answer.status)
    del response.headers["Content-Type"]
    for name, value in answer.headers.items():
        if name.lower() not in NOT_PASSED | {"set-cookie", "server", "date", MARK.lower()}:
            response.headers[name] = value
    cookies: SimpleCookie = SimpleCookie()
    for line in answer.headers.getlist("set-cookie"):
        cookies.load(line)
    response.cookies = cookies
    if settings.SESSION_COOKIE_NAME in cookies:
        _forget_session(request)
    return response


def _forget_session(request: HttpRequest) -> None:
    """It was changed or ended over there: this machine's copy must not outlive it."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if key:
        caches[settings.SESSION_CACHE_ALIAS].delete(KEY_PREFIX + key)
