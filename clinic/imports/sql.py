"""Reads INSERT statements of literals from a file, as data: nothing of it is ever run.

A text ends on the line on which it begins. So a quote that somebody forgot to double spoils its own line, and
not all statements that follow it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
      | '(?P<text>(?:[^'\n]|'')*)'
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign>[^\w\s'])""",
    re.VERBOSE | re.DOTALL,
)
NOTHING = ("NULL", "DEFAULT")


@dataclass(frozen=True)
class Insert:
    """One row: where it begins, its table, the columns it names (or none), its values; or why it is unread."""

    line: int
    table: str
    columns: list[str]
    values: list[str | None]
    fault: str = ""
    statement: str = ""


class NotPlain(Exception):  # noqa: N818 (said of a statement)
    """The statement is not an INSERT of literals; the message says where that shows."""


@dataclass
class _Statement:
    """The tokens of one statement, read from left to right: (kind, text, line)."""

    tokens: list[tuple[str, str, int]] = field(default_factory=list)
    text: str = ""
    fault: str = ""
    place: int = 0

    def next(self) -> tuple[str, str, int]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "", 0)

    def take(self, *words: str) -> bool:
        """Step over one of these words or signs if it comes next."""
        kind, text, _line = self.next()
        found = kind in ("word", "sign") and text.upper() in words
        self.place += found
        return found

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            raise NotPlain(f"{' or '.join(words)} expected, not {self.next()[1][:40] or 'the end'!r}")

    def take_kind(self, *kinds: str) -> str:
        kind, text, _line = self.next()
        if kind not in kinds:
            raise NotPlain(f"a {' or a '.join(kinds)} expected, not {text[:40] or 'the end'!r}")
        self.place += 1
        return text


def inserts(text: str) -> Iterator[Insert]:
    """The rows of all statements. A statement that cannot be read is one row with its fault."""
    for statement in _statements(text):
        try:
            yield from _rows(statement)
        except NotPlain as error:
            yield Insert(statement.tokens[0][2], _table(statement), [], [], str(error), statement.text.strip())


def _statements(text: str) -> Iterator[_Statement]:
    place, line, statement = 0, 1, _Statement()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:  # a quote without its end: the rest of its line is lost
            rest = text[place:].partition("\n")[0]
            statement.tokens.append(("quote", rest, line))
            statement.fault = "a quote is not closed or not doubled"
        elif match.lastgroup != "blank" and match[0] != ";":
            statement.tokens.append((match.lastgroup, match[match.lastgroup].replace("''", "'"), line))
        read = match[0] if match else rest
        statement.text += read
        line += read.count("\n")
        place += len(read)
        if statement.tokens and (statement.fault or read == ";" or place == len(text)):
            yield statement
            statement = _Statement()


def _rows(statement: _Statement) -> list[Insert]:
    if statement.fault:
        raise NotPlain(statement.fault)
    statement.expect("INSERT")
    statement.expect("INTO")
    table = statement.take_kind("word").lower()
    columns = _listed(statement, lambda: statement.take_kind("word").lower()) if statement.take("(") else []
    line, rows = statement.next()[2], []
    if statement.take("SELECT"):
        rows.append((line, _literals(statement)))
    else:
        statement.expect("VALUES")
        while not rows or statement.take(","):
            line = statement.next()[2]
            statement.expect("(")
            rows.append((line, _listed(statement, lambda: _literal(statement))))
    if statement.next()[0] != "end":
        statement.expect("WHERE", "ON")  # guards against a second run: ours is ImportedRow
    first = statement.tokens[0][2]
    return [Insert(line if len(rows) > 1 else first, table, columns, values) for line, values in rows]


def _listed(statement: _Statement, item) -> list:
    """The items up to the closing bracket; the opening one is behind us."""
    items = [item()]
    while statement.take(","):
        items.append(item())
    statement.expect(")")
    return items


def _literals(statement: _Statement) -> list[str | None]:
    values = [_literal(statement)]
    while statement.take(","):
        values.append(_literal(statement))
    return values


def _literal(statement: _Statement) -> str | None:
    return None if statement.take(*NOTHING) else statement.take_kind("text", "number")


def _table(statement: _Statement) -> str:
    """The table of a faulty statement, as far as one can see: its row keeps its place among the others."""
    words = [text for kind, text, _line in statement.tokens[:3] if kind == "word"]
    return words[2].lower() if [word.upper() for word in words[:2]] == ["INSERT", "INTO"] and len(words) == 3 else ""
