"""What must be known before an animal is touched: noted, ended when it is over, in sight until then."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from clinic.models import Pet, PetAlert
from vetclinic.locks import already_done
from vetclinic.refusals import action

# The most dangerous first, as the enum has them.
RANK = {kind: place for place, kind in enumerate(PetAlert.Kind.values)}


def alerts_of(pet_id: int) -> list[PetAlert]:
    """What holds now, the most dangerous first, then the oldest."""
    return in_order(PetAlert.objects.filter(pet=pet_id, ended_at=None).order_by("pk"))


def in_order(alerts: Iterable[PetAlert]) -> list[PetAlert]:
    return sorted(alerts, key=lambda alert: RANK[alert.kind])


@action
def note_alert(*, pet: Pet, kind: str, text: str, request_key: UUID | None = None, by) -> PetAlert:
    """Note an alert. The same one that holds already, or the same form sent twice, is noted once."""
    known = already_done(PetAlert, request_key, pet=pet, kind=kind, text=text)
    if known:
        return known
    Pet.objects.select_for_update(of=("self",), no_key=True).get(pk=pet.pk)
    same = PetAlert.objects.filter(pet=pet, kind=kind, text__iexact=text, ended_at=None).first()
    return same or PetAlert.objects.create(pet=pet, kind=kind, text=text, noted_by=by, request_key=request_key)


@action
def end_alert(*, alert: PetAlert, now: dt.datetime | None = None, by) -> PetAlert:
    """It holds no longer; the row stays. Ended already, it keeps its first end."""
    stored = PetAlert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if stored.ended_at is None:
        stored.ended_at = now or timezone.now()
        stored.save(update_fields=["ended_at"])
    return stored
