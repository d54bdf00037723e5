"""A whole history drawn as PDF, in parts: the memory of one part, and a measure of how far it is."""

import datetime as dt
from collections.abc import Iterator

from django.utils import timezone

from clinic.models import Pet
from clinic.models.pet_owner import language_of
from records.papers import about, papers_of, visits_of, weights_of
from records.vaccinations import doses_of
from vetclinic.ui.pdf import pages_in, pdf

PART = 50  # visits


def drawn_history(pet: Pet, *, now: dt.datetime) -> Iterator[bytes]:
    """The parts, each a PDF whose pages are numbered on from the one before. One at least."""
    visits, page = list(visits_of(pet)), 1
    for begin in range(0, max(len(visits), 1), PART):
        context = about(pet) | {
            "papers": papers_of(visits[begin : begin + PART]),
            "is_first": begin == 0,
            "count": len(visits),
            "now": now,
        }
        if begin + PART >= len(visits):
            today = timezone.localdate(now)
            context |= {"is_last": True, "doses": doses_of(pet, today)[::-1], "weights": weights_of(pet)}
        part = pdf("print/history.html", context, language=language_of(pet.pet_owner), first_page=page)
        yield part
        page += pages_in(part)
