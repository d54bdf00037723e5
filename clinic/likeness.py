"""Owners and pets of whom every word of a text is in a name, as querysets for lists."""

import re

from django.db.models import Q, QuerySet

from clinic.models import Pet, PetOwner
from clinic.models.fold import Fold
from clinic.search import fold, without_trunk


def owners_like(text: str) -> QuerySet[PetOwner]:
    """Owners with these digits in a phone, or with every word in a name: any case, ё = е."""
    digits = re.sub(r"\D", "", text)
    if digits and not re.search(r"[^\W\d_]", text):
        return PetOwner.objects.filter(_phone_has(digits))
    owners = PetOwner.objects.annotate(last=Fold("last_name"), first=Fold("first_name"))
    for word in fold(text).split():
        owners = owners.filter(_named(word))
    return owners


def pets_like(text: str) -> QuerySet[Pet]:
    """Pets of whom, or of whose owners, every word is in a name; or of owners with these digits in a phone."""
    pets = Pet.objects.annotate(folded=Fold("name"))
    if not re.search(r"[^\W\d_]", text):
        return pets.filter(pet_owner__in=owners_like(text)) if re.search(r"\d", text) else pets
    people = PetOwner.objects.annotate(last=Fold("last_name"), first=Fold("first_name"))
    for word in fold(text).split():
        pets = pets.filter(Q(**{f"folded__{_lookup(word)}": word}) | Q(pet_owner__in=people.filter(_named(word))))
    return pets


def _named(word: str) -> Q:
    lookup = _lookup(word)
    return Q(**{f"last__{lookup}": word}) | Q(**{f"first__{lookup}": word})


def _lookup(word: str) -> str:
    """Fewer than three letters are looked for at the beginning only: that is what the trigram index can find."""
    return "contains" if len(word) >= 3 else "startswith"


def _phone_has(digits: str) -> Q:
    tail = without_trunk(digits)
    return Q(phone__contains=tail) | Q(secondary_phone__contains=tail)
