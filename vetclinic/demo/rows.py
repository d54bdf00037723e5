"""Visits as rows of their tables: one generator a table, columns in the order of COLUMNS."""

import datetime as dt
from collections.abc import Iterable, Iterator

from vetclinic.demo.people import Pets
from vetclinic.demo.prices import money
from vetclinic.demo.visits import DAYS_TO_PAY, Visit

COLUMNS = {
    "branch": "id name time_zone",
    "specialization": "id name description",
    "veterinarian": "id specialization_id first_name last_name external_phone internal_phone email branch_id is_active",
    "working_hours": "vet_id weekday starts_at ends_at",
    "working_exception": "vet_id kind starts_at ends_at",
    "service": "id name description cost valid_to is_active code category unit valid_from cost_price",
    "pet_owner": "id first_name last_name phone secondary_phone email address",
    "pet": "id pet_owner_id name species breed birth_date gender color deceased_at is_neutered microchip",
    "appointment": "id pet_id vet_id date ends_at reason status_id arrived_at started_at finished_at cancelled_reason"
    " booked_by_id",
    "medical_record": "id appointment_id complaint diagnosis prescription notes created_at author_id signed_at version",
    "treatment": "id appointment_id service_id date quantity unit_price discount performed_by_id",
    "invoice": "id pet_owner_id record_id date amount status_id year number issued_at due_date"
    " branch_id vet_id specialization_id species",
    "invoice_line": "id invoice_id treatment_id service_id name quantity unit_price discount total category cost_price",
    "payment": "id invoice_id amount method branch_id paid_at day taken_by_id kind reason",
    "credit_note": "id invoice_id number date amount reason issued_at issued_by_id",
    "credit_line": "credit_note_id line_id amount",
    "deposit": "pet_owner_id kind amount method payment_id reason branch_id noted_at day noted_by_id",
    "invoice_counter": "year last_number",
    "record_template": "title species diagnosis prescription notes",
    "measurement": "pet_id appointment_id kind value unit taken_at",
    "pet_alert": "pet_id kind text noted_at",
    "vaccine_kind": "id name species every",
    "vaccination": "pet_id kind_id given_on valid_until batch appointment_id vet_id treatment_id",
}


def appointment_rows(visits: Iterable[Visit], booked_by: int) -> Iterator[tuple]:
    for visit in visits:
        booking = visit.booking
        yield (
            visit.id, booking.pet, booking.vet.id, visit.date, visit.ends_at, visit.reason, visit.status,
            visit.arrived_at, visit.started_at, visit.finished_at, visit.cancelled_reason, booked_by,
        )  # fmt: skip


def record_rows(visits: Iterable[Visit]) -> Iterator[tuple]:
    for visit in visits:
        if visit.record:
            version = 2 if visit.finished_at else 1
            yield (
                visit.record, visit.id, visit.reason, *visit.finding, visit.started_at, visit.booking.vet.id,
                visit.finished_at, version,
            )  # fmt: skip


def treatment_rows(visits: Iterable[Visit]) -> Iterator[tuple]:
    for visit in visits:
        day = dt.date.fromordinal(visit.day)
        for id_, billed in enumerate(visit.treatments, visit.first_treatment):
            yield (
                id_, visit.id, billed.price.id, day, thousandths(billed.quantity), money(billed.price.cost),
                money(billed.discount), visit.booking.vet.id,
            )  # fmt: skip


def invoice_rows(visits: Iterable[Visit], pets: Pets) -> Iterator[tuple]:
    for visit in visits:
        if not visit.bill:
            continue
        day = due = None
        if visit.bill.number:
            day = dt.date.fromordinal(visit.day)
            due = dt.date.fromordinal(visit.day + DAYS_TO_PAY)
        yield (
            visit.bill.id, pets.owner[visit.booking.pet - 1], visit.record, day, money(visit.bill.amount),
            visit.bill.status, day and day.year, visit.bill.number, visit.bill.issued_at, due,
            visit.booking.vet.branch, visit.booking.vet.id, visit.booking.vet.specialization,
            pets.species_of(visit.booking.pet),
        )  # fmt: skip


def line_rows(visits: Iterable[Visit], names: dict[str, str]) -> Iterator[tuple]:
    """A line has the id of its treatment: a credit note can name it."""
    for visit in visits:
        if not visit.bill:
            continue
        for id_, billed in enumerate(visit.treatments, visit.first_treatment):
            yield (
                id_, visit.bill.id, id_, billed.price.id, names[billed.price.code], thousandths(billed.quantity),
                money(billed.price.cost), money(billed.discount), money(billed.total), billed.price.category,
                billed.price.paid,
            )  # fmt: skip


def payment_rows(visits: Iterable[Visit], taken_by: int, zone: dt.tzinfo) -> Iterator[tuple]:
    for visit in visits:
        if visit.bill:
            for id_, amount, method, paid_at in visit.bill.payments:
                yield (
                    id_, visit.bill.id, money(amount), method, visit.booking.vet.branch, paid_at,
                    paid_at.astimezone(zone).date(), taken_by, "payment", "",
                )  # fmt: skip


def thousandths(quantity: int) -> str:
    return f"{quantity // 1000}.{quantity % 1000:03}"
