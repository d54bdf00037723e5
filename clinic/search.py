"""Finding an animal or its owner by what a receptionist hears on the phone: digits of a number, letters of a name."""

import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from clinic.models import Pet, PetOwner
from clinic.models.fold import Fold

LIMIT = 20
CANDIDATES = 200
MIN_DIGITS = 3


@dataclass(frozen=True)
class Found:
    """`pets` with their owners, best first; `owners` who have no animal yet."""

    pets: list[Pet]
    owners: list[PetOwner]

    def __bool__(self) -> bool:
        return bool(self.pets or self.owners)

    @property
    def people(self) -> list[PetOwner]:
        """Every owner found, whether by an animal or alone."""
        owners = [pet.pet_owner for pet in self.pets if pet.pet_owner] + self.owners
        return list({owner.pk: owner for owner in owners}.values())


def find(text: str) -> Found:
    """What matches `text`: three digits or more of a phone in a row, or words of names in any case, ё = е.

    Every word has to match the pet's or the owner's name. When nothing matches a single word, names spelt
    similarly are found. At most LIMIT pets; four queries at most.
    """
    text = text.replace("\0", " ")  # PostgreSQL takes none
    words = _fold(text).split()
    digits = re.sub(r"\D", "", text)
    if len(digits) >= MIN_DIGITS and not re.search(r"[^\W\d_]", text):
        return _with_owners(PetOwner.objects.filter(_phone_has(digits)), Pet.objects.none())
    if not words or len("".join(words)) < 2:
        return Found([], [])
    longest = max(words, key=len)
    found = _with_owners(_people(longest), _pets(longest), words)
    if found or len(words) > 1 or len(longest) < 4:
        return found
    return _with_owners(_people(longest, similar=True), _pets(longest, similar=True))


def _with_owners(owners: QuerySet[PetOwner], pets: QuerySet[Pet], words: list[str] | None = None) -> Found:
    owners_found = _who_they_are(owners.exclude(is_active=False, merged_into=None)[:CANDIDATES])
    pets_found = list(pets.filter(is_active=True).select_related("pet_owner")[:CANDIDATES])
    pets_found += Pet.objects.filter(is_active=True, pet_owner__in=owners_found).select_related("pet_owner")[
        :CANDIDATES
    ]
    unique = {pet.pk: pet for pet in pets_found if _matches(pet, words)}
    with_pets = {pet.pet_owner_id for pet in unique.values()}
    alone = [owner for owner in owners_found if owner.pk not in with_pets and _matches(owner, words)]
    return Found(sorted(unique.values(), key=_rank(words))[:LIMIT], alone[:LIMIT])


def _who_they_are(found: QuerySet[PetOwner]) -> list[PetOwner]:
    """A record that was merged away is found by its old phone and names, and leads to the one that stayed."""
    people = [owner.merged_into or owner for owner in found.select_related("merged_into")]
    return list({owner.pk: owner for owner in people if owner.is_active}.values())


def _people(word: str, *, similar: bool = False) -> QuerySet[PetOwner]:
    people = PetOwner.objects.annotate(last=Fold("last_name"), first=Fold("first_name"))
    lookup = _lookup(word, similar=similar)
    return people.filter(Q(**{f"last__{lookup}": word}) | Q(**{f"first__{lookup}": word}))


def _pets(word: str, *, similar: bool = False) -> QuerySet[Pet]:
    return Pet.objects.annotate(folded=Fold("name")).filter(**{f"folded__{_lookup(word, similar=similar)}": word})


def _lookup(word: str, *, similar: bool) -> str:
    """Fewer than three letters are looked for at the beginning only: that is what the trigram index can find."""
    if similar:
        return "trigram_similar"
    return "contains" if len(word) >= 3 else "startswith"


def _phone_has(digits: str) -> Q:
    """8 916 … and +7 916 … are the same number, so a leading trunk 8 of a whole number is left out."""
    tail = digits[1:] if len(digits) == 11 and digits[0] == "8" else digits
    return Q(phone__contains=tail) | Q(secondary_phone__contains=tail)


def _matches(found: Pet | PetOwner, words: list[str] | None) -> bool:
    names = _fold(_names(found))
    return all(word in names for word in words or [])


def _rank(words: list[str] | None):
    def key(pet: Pet):
        folded = _fold(_names(pet)).split()
        starts = sum(any(name.startswith(word) for name in folded) for word in words or [])
        return -starts, folded, pet.pk

    return key


def _names(found: Pet | PetOwner) -> str:
    return f"{found.name} {found.pet_owner or ''}" if isinstance(found, Pet) else str(found)


def _fold(text: str) -> str:
    """The same folding as the database's search_fold() does to Cyrillic and Latin letters."""
    return text.strip().lower().replace("ё", "е")
