"""Pages that answer everybody: the language, and the liveness check."""

from django.http import HttpRequest, HttpResponse
from django.views import i18n

from vetclinic.access.decorators import PUBLIC, allowed


@allowed(PUBLIC, "POST")
def set_language(request: HttpRequest) -> HttpResponse:
    return i18n.set_language(request)


@allowed(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives. It asks nobody else: a database that is away is no reason to restart the process."""
    return HttpResponse("ok", content_type="text/plain")
