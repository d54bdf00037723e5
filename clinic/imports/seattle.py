"""Pets of the City of Seattle's register of licences: name, species, breed; owners are not in it."""

import csv
from collections.abc import Iterator
from pathlib import Path

from clinic.imports.accounting import Row, RowRefused, clean_text
from clinic.models import Pet

SOURCE = "seattle_pets"
COLUMNS = ["issue_date", "pet_name", "species", "breed"]


class WrongFormat(Exception):  # noqa: N818 (said of the file)
    """The file is not of the format that the command reads."""


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        if head != COLUMNS:
            raise WrongFormat(f"The first line must be {','.join(COLUMNS)}, not {','.join(head)[:100]}")
        for cells in reader:
            fault = "" if len(cells) == len(COLUMNS) else f"{len(cells)} columns instead of {len(COLUMNS)}"
            padded = [*cells, *[""] * len(COLUMNS)][: len(COLUMNS)]
            yield Row(reader.line_num, dict(zip(COLUMNS, padded, strict=True)), fault)


def build(row: Row) -> Pet:
    name = clean_text(row.values["pet_name"])
    if not name:
        raise RowRefused("the name is empty")
    species = clean_text(row.values["species"]).lower()
    return Pet(name=name, species=species, breed=clean_text(row.values["breed"]))
