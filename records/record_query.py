"""What somebody typed into the search in records, as a question to PostgreSQL's text search."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from clinic.search import fold
from records.word_forms import cases_of, meant_by

TERM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<chunk>[^\s"]+))')
PIECE = re.compile(r"[^\W_]+(?:\.\d+)*")  # 0.5 is one piece, as it is for PostgreSQL
MOST_WORDS = 12  # that are looked for in other cases; further ones stand for themselves


class Term(NamedTuple):
    """Words in a row, mostly one."""

    words: tuple[str, ...]
    is_out: bool
    is_quoted: bool

    @property
    def is_plain(self) -> bool:
        return len(self.words) == 1 and not (self.is_out or self.is_quoted)


@dataclass(frozen=True)
class Question:
    """`cases`: word → the words of the records that are looked for in its place. One that has none is in no record.

    Stop words are in it only beside others in a row, where PostgreSQL counts them as places.
    """

    terms: tuple[Term, ...]
    cases: dict[str, set[str]]

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if not term.is_out]

    @property
    def can_be_answered(self) -> bool:
        """PostgreSQL would look at every record for a word that it does not expect to be so rare."""
        return bool(self.wanted) and all(self.cases.get(word, True) for term in self.wanted for word in term.words)

    def __str__(self) -> str:
        """As to_tsquery reads it."""
        return " & ".join(map(self._asked, self.terms))

    @property
    def words(self) -> set[str]:
        """What is to be marked: all words that are looked for."""
        asked = {word for term in self.wanted for word in term.words}
        return asked.union(*(self.cases.get(word, ()) for word in asked))

    def _asked(self, term: Term) -> str:
        # Pieces have neither quotes nor backslashes, and PostgreSQL takes stop words out by itself.
        row = [sorted({word} | self.cases.get(word, set())) for word in term.words]
        words_in_a_row = " <-> ".join(f"""('{"' | '".join(words)}')""" for words in row)
        return f"!({words_in_a_row})" if term.is_out else words_in_a_row


def question(text: str) -> Question:
    """All words in any case, or beginning so; "…" for words in a row, - for one that is not to be there. One query."""
    terms = tuple(dict.fromkeys(_terms(fold(text.replace("\0", " ")))))
    words = list(dict.fromkeys(word for term in terms for word in term.words if word.isalpha()))[:MOST_WORDS]
    cases = cases_of(words) if words else {}
    stop_words = set(words) - set(cases)
    return Question(tuple(term for term in terms if not stop_words.issuperset(term.words)), cases)


def widened(asked: Question) -> Question | None:
    """The question with words that are like those asked for as well; None when no record has any. One query."""
    words = [word for word in asked.cases if any(term.is_plain and word in term.words for term in asked.terms)]
    meant = meant_by(words) if words else {}
    if not any(meant.values()):
        return None
    return replace(asked, cases={word: cases | meant.get(word, set()) for word, cases in asked.cases.items()})


def _terms(text: str) -> Iterator[Term]:
    for match in TERM.finditer(text):
        phrase, chunk = match["phrase"], match["chunk"]
        if words := tuple(PIECE.findall(phrase or chunk or "")):
            yield Term(words, is_out=bool(match["minus"]), is_quoted=phrase is not None)
