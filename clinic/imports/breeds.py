"""Lists of breeds: dogs of the FCI (CSV), cats of the Vertebrate Breed Ontology (TSV)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from clinic.enums import Species
from clinic.imports import tables
from clinic.imports.accounting import AlreadyThere, Row, RowRefused, WrongFormat
from clinic.imports.text import clean_text
from clinic.models import Breed

FCI_COLUMNS = {"id", "name", "group"}
VBO_COLUMNS = {"vbo_id", "term_label", "breed_name_to_be_used_for_label", "species_to_be_used_for_label"}
ONTOLOGY_HEADER = "ID"  # the second line of the ontology's table describes its columns


def read(path: Path) -> tuple[str, Iterator[Row]]:
    """The name of the register, and its rows: `species` and `name`."""
    if set(tables.head(path)) >= FCI_COLUMNS:
        return "FCI", map(_dog, tables.read(path))
    if set(tables.head(path, **tables.TSV)) >= VBO_COLUMNS:
        rows = tables.read(path, **tables.TSV)
        return "VBO", (_of_the_ontology(row) for row in rows if row.values.get("vbo_id") != ONTOLOGY_HEADER)
    raise WrongFormat("The file is neither the FCI's list (id,name,group,…) nor the ontology's (vbo_id …).")


def _dog(row: Row) -> Row:
    if row.fault:
        return row
    return Row(row.line, {"species": str(Species.DOG), "name": row.values["name"]}, place=row.place)


def _of_the_ontology(row: Row) -> Row:
    """A term that the ontology gave up is labelled so, or has lost its label to the one that it was merged into."""
    if row.fault:
        return row
    label, fault = row.values["term_label"], ""
    if not label or label.startswith("obsolete"):
        fault = "the ontology calls it obsolete" if label else "the ontology has no label for it"
    values = {
        "species": row.values["species_to_be_used_for_label"].lower(),
        "name": row.values["breed_name_to_be_used_for_label"],
    }
    return Row(row.line, values, fault, place=row.place)


def build(register: str) -> Callable[[Row], Breed]:
    """Makes breeds of a register's rows. One that somebody has typed in, or another register has, stays as it is."""
    listed = set(Breed.objects.values_list("species", "name"))

    def make(row: Row) -> Breed:
        species, name = clean_text(row.values["species"]), clean_text(row.values["name"])
        if not name:
            raise RowRefused("the name is empty")
        name = name.title() if name.isupper() else name
        if (species, name) in listed:
            raise AlreadyThere
        listed.add((species, name))
        return Breed(species=species, name=name, source=register)

    return make
