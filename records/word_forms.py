"""Words as they are looked for in records: in all their cases, and those that a misspelt one may have meant."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connections, router

from records.models import RecordWord

SHORTEST_SLIP, SHORTEST_OF_TWO_SLIPS = 4, 9  # letters
SHORTEST_BEGINNING, MOST_BEGINNING = 3, 200  # letters with which other words may begin instead; words that do
MOST_ALIKE, MOST_MEANT = 20, 6  # words that are looked at for two slips; stems that one word may have meant
VOWELS = set("аеиоуыэюяaeiouy")
LETTERS = {"latin": "abcdefghijklmnopqrstuvwxyz", "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}

ASKED = "unnest(%(words)s::text[]) WITH ORDINALITY AS asked (word, n)"
CASES = f"""
    SELECT n, known.word FROM {ASKED} JOIN record_word known ON known.forms && word_forms(asked.word)
    UNION ALL
    SELECT n, longer.word FROM {ASKED} CROSS JOIN LATERAL (
        SELECT word FROM record_word WHERE word LIKE asked.word || '%%' ORDER BY length(word) LIMIT %(most)s
    ) longer WHERE length(asked.word) >= %(shortest)s
    UNION ALL
    SELECT n, NULL FROM {ASKED} WHERE to_tsvector('record_words', asked.word) = ''
"""  # noqa: S608 (all of it is ours)
FORMS = f"SELECT word_forms(asked.word) FROM {ASKED} ORDER BY n"  # noqa: S608
# Stems one slip away are made from the word's own and looked up one by one: of a short word's letters two or three are
# left, by which half of all words would have to be compared. Two slips in a long word leave letters enough.
MEANT = f"""
    WITH stems AS MATERIALIZED (SELECT n, (word_forms(word))[1] AS stem FROM {ASKED}),
    letters AS (
        SELECT n, stem, place, letter FROM stems CROSS JOIN generate_series(0, length(stem)) place
        CROSS JOIN unnest(string_to_array(CASE WHEN stem ~ '^[a-z]' THEN %(latin)s ELSE %(cyrillic)s END, NULL)) letter
        WHERE length(stem) >= %(shortest)s
    ), slips AS (
        SELECT n, left(stem, place) || letter || substr(stem, place + 1) AS form FROM letters
        UNION ALL SELECT n, left(stem, place) || letter || substr(stem, place + 2) FROM letters
        UNION ALL SELECT DISTINCT n, left(stem, place) || substr(stem, place + 2) FROM letters
        UNION ALL SELECT DISTINCT n, left(stem, place) || substr(stem, place + 2, 1) || substr(stem, place + 1, 1)
            || substr(stem, place + 3) FROM letters
    )
    SELECT n, stem, forms[1], word FROM (SELECT n, array_agg(form) AS near FROM slips GROUP BY n) one_away
    JOIN record_word ON forms && near JOIN stems USING (n)
    UNION ALL
    SELECT n, stem, alike.forms[1], alike.word FROM stems CROSS JOIN LATERAL (
        SELECT word, forms FROM record_word WHERE word %% stem ORDER BY word <-> stem LIMIT %(most)s
    ) alike WHERE length(stem) >= %(long)s
"""  # noqa: S608 (all of it is ours)


def cases_of(words: Sequence[str]) -> dict[str, set[str]]:
    """Folded word → the words of the records that are its cases, or begin with it. Without stop words. One query."""
    cases: dict[str, set[str]] = {word: set() for word in words}
    values = {"words": list(words), "shortest": SHORTEST_BEGINNING, "most": MOST_BEGINNING}
    for number, word in _rows(CASES, values):
        if word is None:
            del cases[words[number - 1]]
        else:
            cases[words[number - 1]].add(word)
    return cases


def meant_by(words: Sequence[str]) -> dict[str, set[str]]:
    """Folded word → the words of the records that it may be a slip of, in all their cases. One query."""
    values = {"words": list(words), "shortest": SHORTEST_SLIP, "long": SHORTEST_OF_TWO_SLIPS, "most": MOST_ALIKE}
    likely: dict[str, dict[str, set[str]]] = {word: defaultdict(set) for word in words}
    for number, typed, meant, word in _rows(MEANT, values | LETTERS):
        if typed != meant and is_likely(typed, meant):
            likely[words[number - 1]][meant].add(word)
    return {
        word: set().union(*(stems[stem] for stem in sorted(stems, key=lambda stem: slips(word, stem))[:MOST_MEANT]))
        for word, stems in likely.items()
    }


def in_any_case(words: Sequence[str]) -> str:
    """All of these folded words, in any case, as to_tsquery reads it: for the database's case_words(). One query."""
    rows = _rows(FORMS, {"words": list(words)})
    return " & ".join(f"({' | '.join(map(_asked, filter(None, forms)))})" for (forms,) in rows)


def _asked(form: str) -> str:
    """What is left of an English word is the beginning of its cases; Russian stems are among the case words."""
    return f"'{form}':*" if form.isascii() and form.isalpha() else f"'{form}'"


def is_likely(typed: str, meant: str) -> bool:
    """Few slips, and the word begins as it should, but for a vowel that sounds like another one."""
    heads = typed[:2], meant[:2]
    begins = heads[0][0] in heads[1] or heads[1][0] in heads[0] or {typed[0], meant[0]} <= VOWELS
    return begins and slips(typed, meant) <= (2 if len(typed) >= SHORTEST_OF_TWO_SLIPS else 1)


def slips(typed: str, meant: str) -> int:
    """How many letters were left out, added, mistaken, or exchanged with their neighbour."""
    before: list[int] = []
    above = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other)))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                row[-1] = min(row[-1], before[j - 2] + 1)
        before, above = above, row
    return above[-1]


def _rows(query: str, values: dict) -> list[tuple]:
    with connections[router.db_for_read(RecordWord)].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
