"""Who works in the clinic, and who waits for a time: each board asks for them, and they change seldom."""

import datetime as dt

from clinic.models import Veterinarian, WaitingEntry
from vetclinic.audit.kept import Look, Shelf, whenever

VETS = "vets"


def vets_of_clinic(look: Look) -> list[Veterinarian]:
    """All who have a branch, in the order of boards. They are shared between requests: not to be changed."""
    found = _vets.found(look, [VETS])
    if not found:
        found = {VETS: list(Veterinarian.objects.filter(branch__isnull=False).in_board_order())}
        _vets.keep(look, found)
    return found[VETS]


def waiting_on(look: Look, day: dt.date) -> list[WaitingEntry]:
    """Who would come on that day."""
    found = _waiting.found(look, [day])
    if not found:
        found = {day: list(WaitingEntry.objects.open().filter(since__lte=day, until__gte=day))}
        _waiting.keep(look, found)
    return found[day]


_vets: Shelf[str, list[Veterinarian]] = Shelf(most=1, stale=whenever("veterinarian", "branch", "specialization"))
_waiting: Shelf[dt.date, list[WaitingEntry]] = Shelf(most=10, stale=whenever("waiting_entry"))
