"""Finding an animal or its owner by what a receptionist hears on the phone: digits of a number, letters of a name.

PostgreSQL finds and ranks; only the twenty rows that are shown become objects.
"""

import re
from dataclasses import dataclass

from django.db import connections, router

from clinic.models import Pet, PetOwner

LIMIT = 20
CANDIDATES = 200
NAMESAKES = 5000  # of a common last name, when another word tells them apart
MIN_DIGITS = MIN_LETTERS = 3
MIN_CHIP_DIGITS = 6  # four are in many of them by chance
LONGEST_NAME = 20  # letters that are looked at for a slip
ANY_LETTER = "\uf8ff"  # of nobody's alphabet
# What comes out when a Russian word is typed in the Latin layout: <fhcbr instead of Барсик.
LATIN_KEYS, RUSSIAN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"
TO_RUSSIAN = str.maketrans(LATIN_KEYS + LATIN_KEYS.upper() + '{}:"<>~', (RUSSIAN_KEYS * 2) + "хъжэбюё")

NAMES = "search_fold(concat_ws(' ', pet.name, owner.last_name, owner.first_name))"
# A record that was merged away is found by its old phone and names, and leads to the one that stayed.
KNOWN = "(is_active OR merged_into_id IS NOT NULL)"
OWNER_NAMES = "search_fold(concat_ws(' ', owner.last_name, owner.first_name))"
# How a word is looked for in an indexed column, what every word has to do in all names, and who comes first.
EXACT = {
    "match": "search_fold({alias}.{column}) LIKE %(like)s",
    "every": "{} LIKE ALL (%(likes)s::text[])",
    "rank": "(SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE ' ' || names LIKE '%% ' || word || '%%') DESC",
}
# Trigrams of a short name are few, and one wrong letter is in most of them: so also what is one slip away (see slips).
SIMILAR = {
    # Found apart: with a LIMIT in sight the planner would rather read the table, hoping to be done early.
    "match": """{alias}.id = ANY (ARRAY(SELECT id FROM {table} WHERE search_fold({column}) %% %(longest)s
        OR search_fold({column}) LIKE ANY (%(near)s::text[])))""",
    "every": """NOT EXISTS (SELECT FROM unnest(%(words)s::text[], %(nears)s::text[]) AS typed(word, near)
        WHERE word_similarity(word, {0}) < 0.4 AND ' ' || {0} || ' ' !~ near)""",
    "rank": "(' ' || names || ' ' ~ %(nearest)s) DESC, word_similarity(%(longest)s, names) DESC",
}


@dataclass(frozen=True)
class Found:
    """`pets` with their owners, best first; `owners` who have no animal yet. `more`: there are others than these."""

    pets: list[Pet]
    owners: list[PetOwner]
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.pets or self.owners)

    @property
    def people(self) -> list[PetOwner]:
        """Every owner found, whether by an animal or alone."""
        owners = [pet.pet_owner for pet in self.pets if pet.pet_owner] + self.owners
        return list({owner.pk: owner for owner in owners}.values())


def of_owner(pk: int) -> Found:
    """The living animals of an owner; the owner alone, if there is none. Two queries."""
    pets = Pet.objects.select_related("pet_owner").filter(pet_owner=pk, is_active=True, deceased_at=None)
    found = list(pets.order_by("name", "id")[:LIMIT])
    return Found(found, [] if found else list(PetOwner.objects.filter(pk=pk, is_active=True)))


def find(text: str, *, living: bool = False) -> Found:
    """What matches `text`: digits of a phone in a row (three) or of a chip (six), or words of names in any case, ё = е.

    Every word has to match the pet's or the owner's name. When nothing does, the words are taken for Russian ones typed
    in the Latin layout, and then for misspelt ones: one slip away, or similar. At most LIMIT of each. `living`: no
    animal that has died.
    """
    text = text.replace("\0", " ")
    digits = re.sub(r"\D", "", text)
    if len(digits) >= MIN_DIGITS and not re.search(r"[^\W\d_]", text):
        return _find_phone(digits, living)
    words = fold(text).split()
    if len("".join(words)) < 2:
        return Found([], [])
    tries = [(EXACT, words)]
    if (in_russian := fold(text.translate(TO_RUSSIAN)).split()) != words:
        tries.append((EXACT, in_russian))
    if len(max(words, key=len)) >= MIN_LETTERS:
        tries.append((SIMILAR, words))
    found = Found([], [])
    for how, each in tries:
        found = found or _find_words(how, each, living)
    return found


def _find_words(how: dict[str, str], words: list[str], living: bool) -> Found:
    longest = max(words, key=len, default="")
    if not longest.strip("%_\\"):
        return Found([], [])
    # Fewer than three letters are looked for at the beginning only: that is what the trigram index can find.
    begin = "%" if len(longest) >= 3 else ""
    values = {
        "like": f"{begin}{literal(longest)}%",
        "likes": [f"%{literal(word)}%" for word in words],
        "words": [literal(word) for word in words] if how is EXACT else words,
        "longest": longest,
    }
    if how is SIMILAR:
        nears = [regex_of(slips(word)) for word in words]
        near = [literal(slip).replace(ANY_LETTER, "_") for slip in slips(longest)]
        values |= {"near": near, "nears": nears, "nearest": nears[words.index(longest)]}
    every, match = how["every"], how["match"].format
    names = (match(alias="owner", table="pet_owner", column=column) for column in ("last_name", "first_name"))
    limit = f"LIMIT {CANDIDATES if len(words) == 1 else NAMESAKES}"
    parts = {"pet": match(alias="pet", table="pet", column="name"), "owner": f"({' OR '.join(names)})"}
    parts |= {"every": every.format(NAMES), "limit": limit}
    return _found(_query(**parts, alone=every.format(OWNER_NAMES), rank=how["rank"], living=living), values)


def _find_phone(digits: str, living: bool) -> Found:
    """Of a phone; of a chip, when there are many. The number that ends so comes first: so people say them."""
    tail = without_trunk(digits)
    owner = "(owner.phone LIKE %(like)s OR owner.secondary_phone LIKE %(like)s)"
    pet = "pet.microchip LIKE %(chip)s" if len(digits) >= MIN_CHIP_DIGITS else "false"
    rank = "(owner_phone LIKE %(ends)s OR owner_phone_2 LIKE %(ends)s) DESC"
    query = _query(pet=pet, owner=owner, every="true", alone="true", rank=rank, living=living)
    return _found(query, {"like": f"%{tail}%", "ends": f"%{tail}", "chip": f"%{digits}%"})


def _query(*, pet: str, owner: str, every: str, alone: str, rank: str, living: bool, limit: str = "") -> str:
    """The query for ids of pets, best first (of those who match themselves, and of owners who do, `limit` of them at
    most), and for ids of owners who have no pet: those with pets are found with them.

    MATERIALIZED: owners are found by their trigram index first. With the outer LIMIT in sight the planner would rather
    read the whole table, hoping to be done early.
    """
    listed = "pet.is_active" + (" AND pet.deceased_at IS NULL" if living else "")
    columns = f"pet.id, {NAMES} AS names, owner.phone AS owner_phone, owner.secondary_phone AS owner_phone_2"
    return f"""
        WITH owner AS MATERIALIZED (SELECT * FROM pet_owner owner WHERE {owner} AND {KNOWN} {limit}),
        hit AS (
            (SELECT {columns} FROM pet LEFT JOIN pet_owner owner ON owner.id = pet_owner_id
             WHERE {pet} AND {listed} AND {every} LIMIT {CANDIDATES})
            UNION
            (SELECT {columns} FROM owner JOIN pet ON pet_owner_id = COALESCE(owner.merged_into_id, owner.id)
             WHERE {listed} AND {every} LIMIT {CANDIDATES})
        ),
        alone AS (SELECT COALESCE(merged_into_id, id) AS id FROM owner WHERE {alone} LIMIT {CANDIDATES})
        (SELECT true, id, row_number() OVER (ORDER BY {rank}, names, id) AS place
         FROM hit ORDER BY place LIMIT {LIMIT + 1})
        UNION ALL
        (SELECT false, id, row_number() OVER (ORDER BY last_name, first_name, id) AS place FROM pet_owner person
         WHERE id IN (SELECT id FROM alone) AND is_active
            AND NOT EXISTS (SELECT FROM pet WHERE pet_owner_id = person.id AND {listed})
         ORDER BY place LIMIT {LIMIT})
        ORDER BY place
    """  # noqa: S608 (parts of our own)


def _found(query: str, values: dict) -> Found:
    with connections[router.db_for_read(Pet)].cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    pet_ids = list(dict.fromkeys(pk for is_pet, pk, _place in rows if is_pet))
    owner_ids = [pk for is_pet, pk, _place in rows if not is_pet]
    by_id = Pet.objects.select_related("pet_owner").in_bulk(pet_ids[:LIMIT]) if pet_ids else {}
    people = PetOwner.objects.in_bulk(owner_ids) if owner_ids else {}
    found_pets = [by_id[pk] for pk in pet_ids[:LIMIT] if pk in by_id]
    return Found(found_pets, [people[pk] for pk in owner_ids if pk in people], len(pet_ids) > LIMIT)


def slips(word: str) -> list[str]:
    """What a word may have been before one slip of the hand: a letter too much, one wrong, one missing (ANY_LETTER
    stands for it), two exchanged."""
    if not MIN_LETTERS <= len(word) <= LONGEST_NAME:
        return [word]
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    shorter = [head + tail[1:] for head, tail in cuts if tail]
    wrong = [head + ANY_LETTER + tail[1:] for head, tail in cuts if tail]
    longer = [head + ANY_LETTER + tail for head, tail in cuts]
    swapped = [head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1]
    return [*shorter, *wrong, *longer, *swapped]


def regex_of(texts: list[str]) -> str:
    """One of these as a whole word, in names between spaces."""
    return f" ({'|'.join(re.escape(text).replace(ANY_LETTER, '.') for text in texts)}) "


def without_trunk(digits: str) -> str:
    """8 916 … and +7 916 … are the same number, so a leading trunk 8 of a whole number is left out."""
    return digits[1:] if len(digits) == 11 and digits[0] == "8" else digits


def literal(word: str) -> str:
    """A word without the meaning that LIKE gives to some signs."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def fold(text: str) -> str:
    """The same folding as the database's search_fold() does to Cyrillic and Latin letters."""
    return text.strip().lower().replace("ё", "е")
