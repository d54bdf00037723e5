"""Owners, pets, vets and visits of the Spring Petclinic sample's SQL file, read as data.

Rows refer to each other by their place in the file, as serial ids would number them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.imports.accounting import Account, Row, RowRefused, clean_text, import_rows
from clinic.imports.sql import Insert, inserts
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
VISIT_HOUR = dt.time(12)
VISIT_LENGTH = dt.timedelta(minutes=30)


class Petclinic:
    """One file, table by table in the order of their references."""

    def __init__(self, path: Path, account: Account, progress: Callable[[int], object]):
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        self.account, self.progress = account, progress
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.references = 0  # rows that only say how others belong together
        for statement in inserts(text):
            self._sort(statement)

    def run(self) -> None:
        self.types = [clean_text(row.values["name"]) for row in self.rows["types"]]
        self.references = len(self.types) + len(self.rows["vet_specialties"])
        self.specialties = self._import("specialties", self._specialty)
        self._import("vets", self._vet)
        self.owners = self._import("owners", self._owner)
        self.pets = self._import("pets", self._pet)
        if self.rows["visits"]:
            self.unknown_vet = self._unknown_vet()
            self._import("visits", self._visit)

    def _sort(self, statement: Insert) -> None:
        names = COLUMNS.get(statement.table)
        fault = statement.fault or ("" if names else f"unknown table {statement.table}")
        if names and not fault and (statement.columns or names) != names:
            fault = f"columns {', '.join(statement.columns)} instead of {', '.join(names)}"
        if names and not fault and len(statement.values) != len(names):
            fault = f"{len(statement.values)} values for {len(names)} columns"
        padded = [*statement.values, *[None] * 9]
        row = Row(statement.line, dict(zip(names or ["statement"], padded, strict=False)), fault)
        if fault and statement.table not in ("vets", "owners", "pets", "visits", "specialties"):
            self.account.refuse(row, fault)
        else:
            self.rows[statement.table].append(row)

    def _import(self, table: str, build) -> dict[int, int]:
        return import_rows(
            self.rows[table], build, source=f"petclinic.{table}", account=self.account, progress=self.progress
        )

    def _specialty(self, row: Row) -> Specialization:
        return Specialization(name=clean_text(row.values["name"]))

    def _vet(self, row: Row) -> Veterinarian:
        """A vet with several specialties has the first; one with none practises generally."""
        place = str(self.rows["vets"].index(row) + 1)
        links = [link.values["specialty_id"] for link in self.rows["vet_specialties"] if link.values["vet_id"] == place]
        known = self.specialties.get(_place(links[0])) if links else None
        specialization = known or Specialization.objects.get_or_create(name="general practice")[0].pk
        return Veterinarian(specialization_id=specialization, **_names(row))

    def _owner(self, row: Row) -> PetOwner:
        """The file's phones are ten digits of the United States."""
        digits = clean_text(row.values["telephone"])
        if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
            raise RowRefused("telephone: not ten digits")
        address = ", ".join(filter(None, (clean_text(row.values[name]) for name in ("address", "city"))))
        return PetOwner(phone=f"+1{digits}", address=address, **_names(row))

    def _pet(self, row: Row) -> Pet:
        owner = self.owners.get(_place(row.values["owner_id"]))
        kind = _place(row.values["type_id"])
        if owner is None or not 0 <= kind < len(self.types):
            raise RowRefused("its owner or its type is not in the file, or was refused")
        return Pet(
            pet_owner_id=owner,
            name=clean_text(row.values["name"]),
            birth_date=_day(row.values["birth_date"]),
            species=self.types[kind],
        )

    def _visit(self, row: Row) -> Appointment:
        """Past visits name a day and no vet: they stand at noon, and hold no slot against each other."""
        pet = self.pets.get(_place(row.values["pet_id"]))
        if pet is None:
            raise RowRefused("its pet is not in the file, or was refused")
        start = dt.datetime.combine(_day(row.values["visit_date"]), VISIT_HOUR, timezone.get_default_timezone())
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

    def _unknown_vet(self) -> Veterinarian:
        """Who saw the animals at the imported visits: the file does not say."""
        return Veterinarian.objects.get_or_create(
            first_name="Imported",
            last_name="Unknown vet",
            is_active=False,
            defaults={"specialization": Specialization.objects.get_or_create(name="general practice")[0]},
        )[0]


def _names(row: Row) -> dict[str, str]:
    return {name: clean_text(row.values[name]) for name in ("first_name", "last_name")}


def _place(number: str | None) -> int:
    """Place in the file of a serial id; -1 for what is no id."""
    return int(number) - 1 if number and number.isascii() and number.isdigit() else -1


def _day(text: str | None) -> dt.date:
    try:
        return dt.date.fromisoformat(clean_text(text))
    except ValueError as error:
        raise RowRefused(f"not a date: {text}") from error
