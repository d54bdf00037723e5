"""Read your writes: after a write the user's reads wait for a standby to have replayed it."""

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

from vetclinic.replication import faults, positions, state, watch
from vetclinic.replication.reasons import Reason

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class ReadingRequest(HttpRequest):
    """A request as this middleware leaves it to the views."""

    reads: state.Reads
    ask_again: bool


class ReadYourWrites:
    """Decides where a request reads, answers it again when a server fails under it, and keeps its user's positions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: ReadingRequest) -> HttpResponse:
        primary = watch.primary()
        if not settings.STANDBYS:
            return self.get_response(request)
        names, position, forged = positions.in_cookies(request)
        reads = state.Reads(safe=request.method in SAFE_METHODS, position=position, refused=forged)
        if reads.safe and primary.is_away:
            faults.read_only(reads)
        response = self._respond(request, reads)
        if reads.reading_only:
            # The browser would keep the page, with what it says of the primary, until something changes.
            del response.headers["ETag"]
        elif not reads.safe:
            if reads.wrote or response.status_code < 400:
                _keep(request, response, reads, names)
        elif reads.replayed:
            _drop(request, response, reads, names)
        elif reads.refused in (Reason.FORGED, Reason.FAILOVER):
            _keep(request, response, reads, names)  # what was shown now must be there on the next page, too
        return response

    def _respond(self, request: ReadingRequest, reads: state.Reads) -> HttpResponse:
        request.reads, request.ask_again = reads, True
        token = state.current.set(reads)
        try:
            while request.ask_again:
                request.ask_again = False
                if reads.reading_only:
                    _ask_for_all(request)
                response = self.get_response(request)
        finally:
            state.current.reset(token)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _as_decided(response.streaming_content, reads)
        return response

    def process_exception(self, request: ReadingRequest, exception: Exception) -> HttpResponse | None:
        """A server was away, or cancelled a query, under a view: it is called once more, with another server."""
        reads = getattr(request, "reads", None)
        if reads is None or not faults.give_way(reads, exception):
            return None
        request.ask_again = True
        return HttpResponse(status=503)  # never sent


def _ask_for_all(request: HttpRequest) -> None:
    """The page itself, though the browser has it: it has to say now that it is of an earlier time."""
    request.META.pop("HTTP_IF_NONE_MATCH", None)
    request.__dict__.pop("headers", None)  # Django keeps them from the first look, which is earlier than this


def _as_decided(chunks: Iterable[bytes], reads: state.Reads) -> Iterator[bytes]:
    """What is read while the answer is sent is read from where the request was told to."""
    iterator = iter(chunks)
    while True:
        token = state.current.set(reads)
        try:
            chunk = next(iterator, None)
        finally:
            state.current.reset(token)
        if chunk is None:
            return
        yield chunk


def _keep(request: HttpRequest, response: HttpResponse, reads: state.Reads, names: list[str]) -> None:
    """Hand out where the primary is now, in place of all that came in: it is higher."""
    position = positions.written_now()
    if position is None:
        return
    kept = positions.put(response, position)
    positions.drop(response, [name for name in names if name != kept])
    for user_id in {_user_id(request), *reads.changed_users} - {None}:
        positions.remember(user_id, position)


def _drop(request: HttpRequest, response: HttpResponse, reads: state.Reads, names: list[str]) -> None:
    """The standby has it all: the next page need not ask."""
    positions.drop(response, names)
    user_id = _user_id(request)
    if user_id is not None and reads.position is not None:
        positions.forget(user_id, reads.position)


def _user_id(request: HttpRequest) -> str | None:
    session = getattr(request, "session", None)
    return session.get(SESSION_KEY) if session is not None else None
