"""Records that may stand for one person: the same phone, or a similar name with an animal of a similar name."""

from dataclasses import dataclass

from django.db import connections, router
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Pet, PetOwner
from clinic.models.fold import Fold
from clinic.phones import normalize_phone
from vetclinic.refusals import RuleViolation

LIMIT = 5
PAIRS = 100
SHORTEST_LAST_NAME, SHORTEST_NAME = 3, 2
SAME_PHONE, SIMILAR_NAMES = _("the same phone"), _("a similar name, and a pet of a similar name")

# Groups, not pairs of rows: each table is read once, however many people share a name.
ALIKE = """
    WITH numbers AS (
        SELECT id, phone AS number FROM pet_owner WHERE is_active AND phone <> ''
        UNION SELECT id, secondary_phone FROM pet_owner WHERE is_active AND secondary_phone <> ''
    )
    SELECT min(id), max(id), true FROM numbers GROUP BY number HAVING count(*) > 1
    UNION
    SELECT min(o.id), max(o.id), false FROM pet_owner o JOIN pet p ON p.pet_owner_id = o.id AND p.is_active
    WHERE o.is_active GROUP BY search_fold(o.last_name), search_fold(o.first_name), search_fold(p.name)
    HAVING min(o.id) < max(o.id)
    ORDER BY 3 DESC, 2 DESC LIMIT %s
"""


@dataclass(frozen=True)
class Likeness:
    """Somebody who may be the same person, and why."""

    owner: PetOwner
    why: str | Promise

    @property
    def living(self) -> list[Pet]:
        """The animals that can be booked instead of a new one."""
        return [pet for pet in self.owner.pets.all() if pet.is_active and pet.deceased_at is None]


@dataclass(frozen=True)
class Pair:
    """Two records of what may be one person; `first` is the older one."""

    first: PetOwner
    second: PetOwner
    why: str | Promise


def duplicates_of(owner: PetOwner) -> list[Likeness]:
    """At most LIMIT others. Three queries at most."""
    names = [pet.name for pet in owner.pets.all()]
    phones = [owner.phone, owner.secondary_phone]
    return _alike(phones, owner.last_name, owner.first_name, pets=names, apart_from=owner.pk)


def duplicates_while_typing(*, phone: str, last_name: str, first_name: str, pet_name: str) -> list[Likeness]:
    """Known people like the one whose data are being typed; nothing while too little is typed.

    The first name narrows the search once there is one.
    """
    try:
        number = normalize_phone(phone)
    except RuleViolation:
        number = ""
    last_name, first_name, pet_name = (_clean(name) for name in (last_name, first_name, pet_name))
    return _alike([number], last_name, first_name, pets=[pet_name])


def likely_pairs() -> list[Pair]:
    """Of the whole list, the newest first: equal phones, or equal names with animals of equal names. Three queries."""
    with connections[router.db_for_read(PetOwner)].cursor() as cursor:
        cursor.execute(ALIKE, [PAIRS])
        found = cursor.fetchall()
    owners = PetOwner.objects.prefetch_related("pets").in_bulk({pk for pair in found for pk in pair[:2]})
    seen: dict[tuple[int, int], Pair] = {}
    for first, second, same_phone in found:
        if first not in owners or second not in owners:
            continue  # registered a moment ago: the standby, which answered the second query, has not got it yet
        pair = Pair(owners[first], owners[second], SAME_PHONE if same_phone else SIMILAR_NAMES)
        seen.setdefault((first, second), pair)
    return list(seen.values())


def _alike(
    phones: list[str], last_name: str, first_name: str, *, pets: list[str], apart_from: int | None = None
) -> list[Likeness]:
    everybody = PetOwner.objects.filter(is_active=True).exclude(pk=apart_from).prefetch_related("pets").order_by("pk")
    found: dict[int, Likeness] = {}
    numbers = [number for number in phones if number]
    if numbers:
        for owner in everybody.filter(_has_phone(numbers))[:LIMIT]:
            found[owner.pk] = Likeness(owner, SAME_PHONE)
    names = [_fold(name) for name in pets if len(name) >= SHORTEST_NAME]
    if len(last_name) >= SHORTEST_LAST_NAME and names:
        namesakes = _named_like(everybody, _fold(last_name), names)
        if len(first_name) >= SHORTEST_NAME:
            namesakes = namesakes.annotate(first=Fold("first_name")).filter(first__trigram_similar=_fold(first_name))
        for owner in namesakes[:LIMIT]:
            found.setdefault(owner.pk, Likeness(owner, SIMILAR_NAMES))
    return list(found.values())[:LIMIT]


def _has_phone(numbers: list[str]) -> Q:
    """Equality with each number: what the trigram indexes of the two columns answer."""
    wanted = Q()
    for number in numbers:
        wanted |= Q(phone=number) | Q(secondary_phone=number)
    return wanted


def _named_like(owners: QuerySet[PetOwner], last_name: str, pets: list[str]) -> QuerySet[PetOwner]:
    similar = Q()
    for name in pets:
        similar |= Q(folded__trigram_similar=name)
    namesakes = Pet.objects.annotate(folded=Fold("name")).filter(similar, pet_owner=OuterRef("pk"), is_active=True)
    return owners.annotate(last=Fold("last_name")).filter(Exists(namesakes), last__trigram_similar=last_name)


def _clean(text: str) -> str:
    """What is typed is not checked yet: PostgreSQL takes no NUL."""
    return text.replace("\0", "").strip()


def _fold(text: str) -> str:
    """The same folding as the database's search_fold() does to Cyrillic and Latin letters."""
    return text.lower().replace("ё", "е")
