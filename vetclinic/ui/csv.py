"""Tables as CSV for spreadsheets: UTF-8 with its mark, numbers as the language writes them, nothing of it a formula.

A Russian Excel separates by “;” and reads a decimal comma. Who opens the file has perhaps another one, so every cell is
quoted, and what would begin a formula after any separator gets an apostrophe there: one more than it had, so that
`plain` gives back exactly what was put in. A number is no formula: it stays one that can be added up.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.http import StreamingHttpResponse
from django.utils import translation

SIGNS = "=+\\-@＝＋－＠"
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")  # also a phone, with its plus
BEGINS = re.compile(rf"(^|[;,\t\r\n])(?=[\"']*[{SIGNS}])")
GUARDED = re.compile(rf"(^|[;,\t\r\n])'(?=[\"']*[{SIGNS}])")


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet of a language reads a file."""

    separator: str
    point: str


DIALECTS = {"ru": Dialect(";", ",")}
ENGLISH = Dialect(",", ".")


def csv_response(name: str, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """A download called `name`. `rows` are asked for one by one while the answer is sent."""
    return StreamingHttpResponse(
        csv_lines(rows, translation.get_language()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def csv_lines(rows: Iterable[Iterable], language: str | None) -> Iterator[str]:
    """The file, line by line, for spreadsheets of a language."""
    dialect = DIALECTS.get((language or "").partition("-")[0], ENGLISH)
    writer = csv.writer(_Echo(), delimiter=dialect.separator, quoting=csv.QUOTE_ALL)
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_written(cell, dialect) for cell in row])


def plain(cell: str) -> str:
    """A cell that was read back, as it was before it was guarded."""
    return GUARDED.sub(r"\1", cell)


class _Echo:
    """csv.writer writes to it and gets the line back."""

    def write(self, line: str) -> str:
        return line


def _written(cell, dialect: Dialect) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", dialect.point)
    text = str(cell)
    return text if NUMBER.fullmatch(text) else BEGINS.sub(r"\1'", text)
