"""The operations page, and what programs ask: liveness, readiness, metrics."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST

from vetclinic.access.decorators import PUBLIC, allowed
from vetclinic.monitoring import exposition, health, page
from vetclinic.monitoring.callers import for_programs


@allowed("see_operations")
def operations(request: HttpRequest) -> HttpResponse:
    context = {name: value for part in page.PARTS for name, value in part().items()}
    is_refresh = request.htmx and not request.htmx.boosted
    return render(request, "monitoring/_live.html" if is_refresh else "monitoring/operations.html", context)


@allowed(PUBLIC)
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process lives. It asks nobody else: a database that is away is no reason to restart the process."""
    return JsonResponse({"live": True})


@allowed(PUBLIC)
@never_cache
@for_programs
def ready(request: HttpRequest) -> HttpResponse:
    wrong = health.what_is_wrong()
    answer = {"ready": not wrong, "wrong": wrong, "standbys": health.state_of_standbys()}
    return JsonResponse(answer, status=503 if wrong else 200)


@allowed(PUBLIC)
@never_cache
@for_programs
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(exposition.metrics(), content_type=CONTENT_TYPE_LATEST)
