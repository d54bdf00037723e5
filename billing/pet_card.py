"""What stands beside an animal's history, in one statement."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connections, router

from clinic.family import FAMILY, Family, family_from
from clinic.models import Pet
from records.shelf import FILES_OF_PET, MOVES_OF_PET, Shelf, shelf_of_pet
from records.vaccinations import DOSES, Dose, doses_from

QUERY = f"SELECT ({FAMILY}), ({DOSES}), ({FILES_OF_PET}), ({MOVES_OF_PET})"


@dataclass(frozen=True)
class PetCard:
    family: Family
    doses: list[Dose]
    shelf: Shelf


def pet_card(pet: Pet, user, today: dt.date) -> PetCard:
    values = {"pet": pet.pk, "owner": pet.pet_owner_id, "zone": settings.TIME_ZONE, "sees_files": user.may("see_files")}
    with connections[router.db_for_read(Pet)].cursor() as cursor:
        cursor.execute(QUERY, values)
        family, doses, files, moves = (rows or [] for rows in cursor.fetchone())
    shelf = shelf_of_pet(user, pet.pk, files, moves)
    return PetCard(family_from(family), doses_from(doses, pet, today), shelf)
