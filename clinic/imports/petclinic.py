"""Owners, pets, vets and visits of the Spring Petclinic sample's SQL file, read as data.

Rows refer to each other by their place in the file, as serial ids would number them.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.imports.accounting import Account, AlreadyThere, Row, RowRefused, WrongFormat, import_rows
from clinic.imports.sql import Insert, inserts
from clinic.imports.text import clean_text, past_day
from clinic.models import Appointment, Pet, PetOwner, Specialization, Veterinarian

COLUMNS = {
    "specialties": ["name"],
    "types": ["name"],
    "vets": ["first_name", "last_name"],
    "vet_specialties": ["vet_id", "specialty_id"],
    "owners": ["first_name", "last_name", "address", "city", "telephone"],
    "pets": ["name", "birth_date", "type_id", "owner_id"],
    "visits": ["pet_id", "visit_date", "description"],
}
NOON = dt.time(12)
VISIT_LENGTH = dt.timedelta(minutes=30)

Tables = dict[str, list[Row]]


def read(path: Path) -> Tables:
    """The rows by table, in the order of the file; under "" what is of none of our tables."""
    tables: Tables = defaultdict(list)
    for insert in inserts(path.read_text(encoding="utf-8-sig", errors="surrogateescape")):
        table = insert.table if insert.table in COLUMNS else ""
        tables[table].append(replace(_row(insert), place=len(tables[table])))
    if not any(table in COLUMNS for table in tables):
        raise WrongFormat("The file has no INSERT INTO owners, pets, vets or visits.")
    return tables


def _row(insert: Insert) -> Row:
    names = COLUMNS.get(insert.table, [])
    columns = insert.columns or names
    fault = insert.fault
    if not fault and not names:
        fault = f"unknown table {insert.table}"
    elif not fault and sorted(columns) != sorted(names):
        fault = f"columns {', '.join(columns)} instead of {', '.join(names)}"
    elif not fault and len(insert.values) != len(columns):
        fault = f"{len(insert.values)} values for {len(columns)} columns"
    if fault:
        statement = insert.statement or ", ".join(value or "NULL" for value in insert.values)
        return Row(insert.line, {"statement": statement}, fault)
    cells = dict(zip(columns, insert.values, strict=True))
    return Row(insert.line, {name: cells[name] for name in names})


class Petclinic:
    """One file, table by table in the order of their references."""

    def __init__(self, tables: Tables, account: Account, progress: Callable[[int], object]):
        self.tables, self.account, self.progress = tables, account, progress
        self.references = 0  # rows that only say how others belong together
        self.species: dict[int, str] = {}
        self.specialty_of: dict[int, int] = {}
        self.taken: set[tuple[int, dt.datetime]] = set()  # pet and start of the visits made so far

    def run(self) -> None:
        for row in self.tables[""]:
            self.account.refuse(row, row.fault)
        self._follow("types", self._name_species)
        self.specialties = self._import("specialties", self._specialty)
        self._follow("vet_specialties", self._link_vet)
        self._import("vets", self._vet)
        self.owners = self._import("owners", self._owner)
        self.pets = self._import("pets", self._pet, self._pets_of_our_owners())
        self._import("visits", self._visit, self._visits_of_our_pets())

    def _import(self, table: str, build, rows: Iterable[Row] | None = None) -> dict[int, int]:
        return import_rows(
            self.tables[table] if rows is None else rows,
            build,
            source=f"petclinic.{table}",
            account=self.account,
            progress=self.progress,
        )

    def _follow(self, table: str, step: Callable[[Row], None]) -> None:
        for row in self.tables[table]:
            try:
                if row.fault:
                    raise RowRefused(row.fault)
                step(row)
                self.references += 1
            except RowRefused as refusal:
                self.account.refuse(row, str(refusal))

    def _name_species(self, row: Row) -> None:
        self.species[row.place] = clean_text(row.values["name"]).lower()

    def _link_vet(self, row: Row) -> None:
        """The first of a vet's specialties counts: the clinic's vets have one."""
        vet, specialty = _place(row.values["vet_id"]), self.specialties.get(_place(row.values["specialty_id"]))
        if specialty is None or not 0 <= vet < len(self.tables["vets"]):
            raise RowRefused("its vet or its specialty is not in the file, or was refused")
        self.specialty_of.setdefault(vet, specialty)

    def _specialty(self, row: Row) -> Specialization:
        name = clean_text(row.values["name"])
        there = Specialization.objects.filter(name__iexact=name).order_by("pk").first()
        if there:
            raise AlreadyThere(there.pk)
        return Specialization(name=name)

    def _vet(self, row: Row) -> Veterinarian:
        specialty = self.specialty_of.get(row.place) or self.general_practice.pk
        return Veterinarian(specialization_id=specialty, **_names(row))

    def _owner(self, row: Row) -> PetOwner:
        """The file's phones are ten digits of the United States, written without the country's +1."""
        digits = clean_text(row.values["telephone"])
        if not re.fullmatch("[0-9]{10}", digits):
            raise RowRefused("telephone: not ten digits")
        address = ", ".join(filter(None, (clean_text(row.values[name]) for name in ("address", "city"))))
        return PetOwner(phone=f"+1{digits}", address=address, **_names(row))

    def _pets_of_our_owners(self) -> Iterable[Row]:
        """Pets as we know their owners: "owner 1" is somebody else in another file."""
        for row in self.tables["pets"]:
            if not row.fault:
                owner = self.owners.get(_place(row.values["owner_id"]))
                species = self.species.get(_place(row.values["type_id"]))
                row = replace(row, identity=row.values | {"owner_id": owner, "type_id": species})
            yield row

    def _pet(self, row: Row) -> Pet:
        owner, species = row.identity["owner_id"], row.identity["type_id"]
        if owner is None or species is None:
            raise RowRefused("its owner or its type is not in the file, or was refused")
        name, born = clean_text(row.values["name"]), past_day(row.values["birth_date"])
        return Pet(pet_owner_id=owner, name=name, birth_date=born, species=species)

    def _visits_of_our_pets(self) -> Iterable[Row]:
        for row in self.tables["visits"]:
            if not row.fault:
                row = replace(row, identity=row.values | {"pet_id": self.pets.get(_place(row.values["pet_id"]))})
            yield row

    def _visit(self, row: Row) -> Appointment:
        """Past visits name a day and no vet: they stand at noon, squeezed in, as one vet has them all."""
        pet = row.identity["pet_id"]
        if pet is None:
            raise RowRefused("its pet is not in the file, or was refused")
        noon = dt.datetime.combine(past_day(row.values["visit_date"]), NOON, timezone.get_default_timezone())
        start = self._free_time(pet, noon)
        return Appointment(
            pet_id=pet,
            vet=self.unknown_vet,
            date=start,
            ends_at=start + VISIT_LENGTH,
            reason=clean_text(row.values["description"]),
            status_id=AppointmentStatus.COMPLETED,
            squeezed_in=True,
            squeezed_in_reason="imported",
        )

    def _free_time(self, pet: int, start: dt.datetime) -> dt.datetime:
        """The first half hour from `start` that no earlier visit of the pet has, stored or about to be."""
        stored = Appointment.objects.filter(pet=pet)
        while (pet, start) in self.taken or stored.overlapping(start, start + VISIT_LENGTH).exists():
            start += VISIT_LENGTH
        self.taken.add((pet, start))
        return start

    @cached_property
    def general_practice(self) -> Specialization:
        found = Specialization.objects.filter(name__iexact="general practice").order_by("pk").first()
        return found or Specialization.objects.create(name="general practice")

    @cached_property
    def unknown_vet(self) -> Veterinarian:
        """Who saw the animals at the imported visits: the file does not say."""
        names = {"first_name": "Imported", "last_name": "Unknown vet", "is_active": False}
        found = Veterinarian.objects.filter(**names).order_by("pk").first()
        return found or Veterinarian.objects.create(**names, specialization=self.general_practice)


def _names(row: Row) -> dict[str, str]:
    return {name: clean_text(row.values[name]) for name in ("first_name", "last_name")}


def _place(number: str | None) -> int:
    """Place in the file of a serial id; -1 for what is no id."""
    return int(number) - 1 if number and re.fullmatch("[0-9]{1,9}", number) else -1
