"""Pets of the City of Seattle's register of licences: name, species, breed; owners are not in it."""

from collections.abc import Iterator
from pathlib import Path

from clinic.imports import tables
from clinic.imports.accounting import Row, RowRefused, WrongFormat
from clinic.imports.text import clean_text
from clinic.models import Pet

SOURCE = "seattle_pets"
COLUMNS = ["issue_date", "pet_name", "species", "breed"]


def read(path: Path) -> Iterator[Row]:
    head = tables.head(path)
    if head != COLUMNS:
        found = ",".join(head)[:100]
        raise WrongFormat(f"The first line must be {','.join(COLUMNS)}, not {found!r}")
    return tables.read(path)


def build(row: Row) -> Pet:
    name = clean_text(row.values["pet_name"])
    if not name:
        raise RowRefused("the name is empty")
    species = clean_text(row.values["species"]).lower()
    return Pet(name=name, species=species, breed=clean_text(row.values["breed"]))
