"""A vet's visits as a calendar that phones and desktops subscribe to, at an address that is its own password."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from clinic import calendars
from clinic.models import Veterinarian
from vetclinic.access.decorators import PUBLIC, allowed


@allowed(PUBLIC)
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    vet = calendars.vet_of(secret)
    if vet is None:
        raise Http404
    now = timezone.now()
    visits = list(calendars.visits_of_feed(vet, now))
    # The text changes each time, by the moment at which it was made; what it says does not.
    said = [(visit.pk, visit.date, visit.ends_at, visit.status_id, visit.reason, visit.pet.name) for visit in visits]
    etag = f'"{hashlib.sha256(repr((str(vet), str(vet.branch), said)).encode()).hexdigest()}"'
    heads = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}
    text = calendars.calendar_of_vet(vet, visits, now=now)
    response = HttpResponse(text, "text/calendar; charset=utf-8", headers=heads)
    return get_conditional_response(request, etag=etag, response=response) or response


@allowed("share_calendar", "POST")
def calendar_renew(request: HttpRequest) -> HttpResponse:
    """A new address for the calendar of the vet who is signed in; who reads the old one reads nothing any more."""
    vet = get_object_or_404(Veterinarian, user=request.user)
    calendars.new_key(vet)
    messages.success(request, _("The calendar has a new address."))
    return redirect("account")
