"""Lists of breeds: dogs of the FCI (CSV), cats of the Vertebrate Breed Ontology (TSV)."""

import csv
from collections.abc import Iterator
from pathlib import Path

from clinic.enums import Species
from clinic.imports.accounting import Row, RowRefused, clean_text
from clinic.imports.seattle import WrongFormat
from clinic.models import Breed

ONTOLOGY_HEADER = "ID"  # the second line of the ontology's table describes its columns


def read(path: Path) -> tuple[str, Iterator[Row]]:
    """The name of the register, and its rows: `species` and `name`."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        head = file.readline()
    if head.startswith("id,name,group"):
        return "FCI", _rows(path, ",", "name", lambda row: Species.DOG, lambda row: "")
    if head.startswith("vbo_id\t"):
        return "VBO", _rows(
            path,
            "\t",
            "breed_name_to_be_used_for_label",
            lambda row: (row["species_to_be_used_for_label"] or "").lower(),
            lambda row: "the ontology calls it obsolete" if row["term_label"].startswith("obsolete") else "",
        )
    raise WrongFormat("The file is neither the FCI's list (id,name,group,…) nor the ontology's (vbo_id …).")


def _rows(path: Path, delimiter: str, column: str, species, fault) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file, delimiter=delimiter)
        for row in reader:
            if row.get("vbo_id") != ONTOLOGY_HEADER:
                yield Row(reader.line_num, {"species": str(species(row)), "name": row[column]}, fault(row))


def build(source: str):
    def make(row: Row) -> Breed:
        name = clean_text(row.values["name"])
        if not name:
            raise RowRefused("the name is empty")
        return Breed(species=row.values["species"], name=name.title() if name.isupper() else name, source=source)

    return make
