"""Tables of text, CSV or TSV, line by line.

One line is one row: a quote that is never closed spoils its own line, and not all that follow it.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from clinic.imports.accounting import Row

TSV = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}


def head(path: Path, **dialect) -> list[str]:
    """The names in the first line; none if that is no line of a table."""
    for _line, text in _lines(path):
        return _cells(text, **dialect)[0]
    return []


def read(path: Path, **dialect) -> Iterator[Row]:
    """The rows below the first line, with their cells by the names in it. Empty lines are no rows."""
    names = head(path, **dialect)
    for line, text in _lines(path):
        if line == 1 or not text:
            continue
        cells, fault = _cells(text, **dialect)
        if not fault and len(cells) != len(names):
            fault = f"{len(cells)} columns instead of {len(names)}"
        values = {"row": text} if fault else dict(zip(names, cells, strict=True))
        yield Row(line, values, fault, place=line)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
        for line, text in enumerate(file, start=1):
            yield line, text.rstrip("\r\n")


def _cells(text: str, **dialect) -> tuple[list[str], str]:
    try:
        return next(csv.reader([text], strict=True, **dialect), []), ""
    except csv.Error as error:
        return [], f"not a line of a table: {error}"
