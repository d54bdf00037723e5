"""Reads INSERT statements of literals from a file, as data: nothing of it is ever run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

INSERT = re.compile(r"INSERT\s+INTO\s+(\w+)\s*(?:\(([^)]*)\))?\s*(?:SELECT|VALUES)\s*\(?", re.IGNORECASE)
LITERAL = re.compile(r"\s*(?:'((?:[^']|'')*)'|(-?\d+)|(NULL))\s*", re.IGNORECASE)
COMMENT = re.compile(r"^\s*--[^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Insert:
    """One statement: where it begins, its table, the columns it names (or none), its values; or why it is unread."""

    line: int
    table: str
    columns: list[str]
    values: list[str | None]
    fault: str = ""


def inserts(text: str) -> Iterator[Insert]:
    for line, statement in _statements(text):
        match = INSERT.match(statement)
        if not match:
            yield Insert(line, "", [], [statement[:200]], "not an INSERT of plain values")
            continue
        columns = [name.strip() for name in (match[2] or "").split(",") if name.strip()]
        values, fault = _literals(statement, match.end())
        if columns and len(columns) != len(values):
            fault = fault or f"{len(values)} values for {len(columns)} columns"
        yield Insert(line, match[1].lower(), columns, values, fault)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """(line, statement) for each text between semicolons that stand outside of quotes."""
    start, quoted = 0, False
    for place, letter in enumerate(text + ";"):
        if letter == "'":
            quoted = not quoted
        elif (letter == ";" and not quoted) or place == len(text):
            statement = COMMENT.sub("", text[start:place])
            if statement.strip():
                blank = len(text[start:place]) - len(text[start:place].lstrip())
                yield text.count("\n", 0, start + blank) + 1, statement.strip()
            start = place + 1


def _literals(statement: str, place: int) -> tuple[list[str | None], str]:
    values: list[str | None] = []
    while match := LITERAL.match(statement, place):
        text, number, _null = match.groups()
        values.append(text.replace("''", "'") if text is not None else number)
        place = match.end()
        if statement[place : place + 1] != ",":
            break
        place += 1
    rest = statement[place:].lstrip(") \n").upper()
    if not values or (rest and not rest.startswith(("WHERE NOT EXISTS", "ON CONFLICT"))):
        return values, "values other than texts and whole numbers"
    return values, ""
