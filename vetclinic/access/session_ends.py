"""How long somebody stays signed in, and what has to be done before the pages open.

When a person was last here is kept in a signed cookie, not in the session: a page that is looked at writes nothing into
the database, and it goes on while the primary is away.
"""

import time
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

from vetclinic.access.models import SecondFactor, User

SIGNED_IN_AT, PROVEN_BY = "signed_in_at", "proven_by"
PASSWORD, CODE = "password", "code"
RENEW_AFTER_S = 60
UNATTENDED = "X-Unattended"  # a page that asks by itself says so: it keeps nobody signed in


class SignedIn(HttpRequest):
    """The request of a person, as the middleware lets it through."""

    user: User  # type: ignore[assignment]


def begin(sender, request: HttpRequest, user: User, **_kwargs) -> None:
    """A password opened the door (signal user_logged_in)."""
    request.session[SIGNED_IN_AT] = int(time.time())
    if not SecondFactor.objects.filter(user=user).exists():
        request.session[PROVEN_BY] = PASSWORD


def prove_by(request: HttpRequest, what: str) -> None:
    """It opens more than before, or less: the session goes on under another key."""
    request.session[PROVEN_BY] = what
    request.session.cycle_key()


def step_before_pages(request: SignedIn) -> str | None:
    """The URL name of what this person has to do before any page opens."""
    proven = request.session.get(PROVEN_BY)
    if proven is None:
        return "code_ask"
    if proven == PASSWORD and request.user.role in settings.SECOND_FACTOR_FOR:
        return "second_factor"
    return "password_change" if request.user.first_password_until else None


class EndSessions:
    """Whoever has done nothing for a while, or came in half a day ago, is nobody from now on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session and _is_over(request):
            request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        response = self.get_response(request)
        session = request.session
        if SESSION_KEY in session and session.session_key and UNATTENDED not in request.headers:
            _note_presence(request, response)
        return response


def _is_over(request: HttpRequest) -> bool:
    began, now = request.session.get(SIGNED_IN_AT, 0), time.time()
    last = max(began, _last_seen(request))
    return now > began + settings.SESSION_COOKIE_AGE or now > last + settings.SESSION_IDLE_S


def _note_presence(request: HttpRequest, response: HttpResponse) -> None:
    if time.time() > _last_seen(request) + RENEW_AFTER_S:
        response.set_cookie(
            settings.PRESENCE_COOKIE_NAME,
            _signer(request.session).sign(str(int(time.time()))),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _last_seen(request: HttpRequest) -> int:
    try:
        return int(_signer(request.session).unsign(request.COOKIES.get(settings.PRESENCE_COOKIE_NAME, "")))
    except BadSignature:
        return 0


def _signer(session: SessionBase) -> Signer:
    """Of this session alone: the cookie of another one says nothing about it."""
    return Signer(salt=f"vetclinic.presence.{session.session_key}")
