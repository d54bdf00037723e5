"""Whose an animal is, and its death. The history of owners is written by the database (clinic/models/pet.py)."""

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import rules
from clinic.actions import register_owner
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner, WaitingEntry
from vetclinic.locks import Lock, take_lock
from vetclinic.refusals import action

STILL_EXPECTED = (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED)


@action
def hand_over_pet(*, pet: Pet, to: PetOwner | None, was: int | None, by) -> Pet:
    """Give an animal to another owner, or to nobody known. Its coming visits stay with it.

    `was` is the id of the owner that the person saw. Handing over to the present owner changes nothing.
    Owners are locked before pets, as in a merge.
    """
    if to:
        to = PetOwner.objects.select_for_update(no_key=True).get(pk=to.pk)
    pet = Pet.objects.select_for_update(of=("self",)).get(pk=pet.pk)
    if pet.pet_owner_id == (to.pk if to else None):
        return pet
    rules.check_owner_is_still(pet, was)
    rules.check_takes_pets(to)
    pet.pet_owner = to
    pet.save(update_fields=["pet_owner"])
    return pet


@action
def hand_over_to_newcomer(*, pet: Pet, person: dict, was: int | None, by) -> Pet:
    """Register an owner (`person`: arguments of register_owner) and give them the animal: both or nothing."""
    return hand_over_pet(pet=pet, to=register_owner(**person, by=by), was=was, by=by)


@action
def record_death(*, pet: Pet, died_on: dt.date, today: dt.date | None = None, by) -> int:
    """Note that an animal has died and cancel the visits that it was expected for; how many those were.

    Bookers of this animal hold the same lock, so none slips in between. It waits for no free time any more.
    """
    take_lock(Lock.PET, pet.pk)
    pet = Pet.objects.select_for_update(of=("self",)).get(pk=pet.pk)
    rules.check_pet_lives(pet)
    rules.check_death_date(pet, died_on, today or timezone.localdate())
    cancelled = expected_visits(pet, died_on).update(
        status=AppointmentStatus.CANCELLED, cancelled_reason=_("The animal has died.")
    )
    WaitingEntry.objects.filter(pet=pet, closed_at=None).update(closed_at=timezone.now())
    pet.deceased_at = died_on
    pet.save(update_fields=["deceased_at"])
    return cancelled


@action
def correct_death(*, pet: Pet, by) -> Pet:
    """It was noted by mistake: the animal lives. Its cancelled visits stay so, their times may be taken."""
    take_lock(Lock.PET, pet.pk)
    pet = Pet.objects.select_for_update(of=("self",)).get(pk=pet.pk)
    pet.deceased_at = None
    pet.save(update_fields=["deceased_at"])
    return pet


def expected_visits(pet: Pet, died_on: dt.date) -> QuerySet[Appointment]:
    """Visits from that day on for which the animal has not come yet. One that waits or is with a vet goes on."""
    midnight = timezone.make_aware(dt.datetime.combine(died_on, dt.time.min))
    return Appointment.objects.filter(pet=pet, status__in=STILL_EXPECTED, date__gte=midnight)
