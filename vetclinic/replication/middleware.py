"""Read your writes: after a write the user's reads wait for the standby to have replayed it."""

from collections.abc import Callable

from django.core import signing
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse

from vetclinic.replication import state

COOKIE = "written"
MAX_AGE_S = 3600
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class ReadingRequest(HttpRequest):
    """A request as this middleware leaves it to the views."""

    reads: state.Reads
    standby_failed: bool


class ReadYourWrites:
    """Hands the user the primary's log position after each unsafe request, and reads it on the next ones."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: ReadingRequest) -> HttpResponse:
        response = self._respond(request, state.Reads(safe=request.method in SAFE_METHODS, **_token(request)))
        if getattr(request, "standby_failed", False):
            response = self._respond(request, state.Reads(safe=True, standby_is_fit=False))
        if request.method not in SAFE_METHODS:
            _remember_position(response)
        return response

    def _respond(self, request: ReadingRequest, reads: state.Reads) -> HttpResponse:
        request.reads = reads
        token = state.current.set(reads)
        try:
            return self.get_response(request)
        finally:
            state.current.reset(token)

    def process_exception(self, request: ReadingRequest, exception: Exception) -> HttpResponse | None:
        """The standby died, or cancelled a query, under a safe request: once more, on the primary."""
        if isinstance(exception, DatabaseError | InterfaceError) and request.reads.used_standby:
            state.leave_standby_alone()
            request.standby_failed = True
            return HttpResponse(status=503)  # never sent: __call__ answers again
        return None


def _token(request: HttpRequest) -> dict:
    """The position in the cookie. One that was forged or is unreadable means: read the primary."""
    cookie = request.COOKIES.get(COOKIE)
    if not cookie:
        return {}
    try:
        return {"token": int(signing.loads(cookie, salt=COOKIE, max_age=MAX_AGE_S))}
    except signing.SignatureExpired:
        return {}
    except (signing.BadSignature, ValueError):
        return {"standby_is_fit": False}


def _remember_position(response: HttpResponse) -> None:
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
            position = int(cursor.fetchone()[0])
    except (DatabaseError, InterfaceError):
        return  # nothing was written if the primary is away
    value = signing.dumps(position, salt=COOKIE)
    response.set_cookie(COOKIE, value, max_age=MAX_AGE_S, httponly=True, samesite="Lax")
