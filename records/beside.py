"""What a visit's page shows beside its text, in one statement: part by part, asking was half of the page's time."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connections, router

from clinic.alerts import in_order
from clinic.models import Appointment, PetAlert
from records.actions import zone_of
from records.bill_forms import Done
from records.models import MedicalRecord, RecordDraft, Vital
from records.shelf import FILED, PEOPLE, Filed
from records.vaccinations import LASTS, Last, lasts_of
from records.weights import WINDOW, Weight

LOOKED_BACK = 40  # visits whose diagnoses are offered again
LONGEST_CHIP, LONGEST_FOLDED = (
    300,
    1000,
)  # letters of an earlier diagnosis that is offered, of a prescription that is shown

# Each part is JSON; what this person does not see, or the page does not offer, is not looked for.
QUERY = f"""
    SELECT
    (SELECT json_agg(json_build_array(id, day, reason, diagnosis, prescription)) FROM (
        SELECT visit.id, timezone(%(zone)s, visit.date)::date AS day, reason,
            left(diagnosis, {LONGEST_CHIP + 1}) AS diagnosis, left(prescription, {LONGEST_FOLDED}) AS prescription
        FROM appointment visit JOIN medical_record record ON record.appointment_id = visit.id
        WHERE visit.pet_id = %(pet)s AND visit.date < %(date)s ORDER BY visit.date DESC LIMIT {LOOKED_BACK}
    ) past),
    (SELECT json_agg(json_build_array(treatment.id, quantity::text, unit_price::text, discount::text, total::text,
                                      service.name, service.unit, category, discount_reason) ORDER BY treatment.id)
     FROM treatment JOIN service ON service.id = service_id WHERE appointment_id = %(visit)s),
    (SELECT json_agg(json_build_array(kind, value::text, taken_at, appointment_id) ORDER BY taken_at, id)
     FROM measurement WHERE appointment_id = %(visit)s
        OR (pet_id = %(pet)s AND kind = 'weight' AND taken_at BETWEEN %(weighed_since)s AND %(date)s)),
    (SELECT json_agg(json_build_array(kind, text) ORDER BY id) FROM pet_alert
     WHERE pet_id = %(pet)s AND ended_at IS NULL),
    ({LASTS}),
    (SELECT {FILED} FROM attachment file {PEOPLE} WHERE file.appointment_id = %(visit)s
     AND file.pet_id = %(pet)s AND %(sees_files)s),
    (SELECT json_agg(json_build_array(addendum.text, created_at, concat_ws(' ', author.last_name, author.first_name))
                     ORDER BY addendum.id)
     FROM record_addendum addendum JOIN veterinarian author ON author.id = author_id WHERE record_id = %(record)s),
    (SELECT json_agg(json_build_array(id, "window", version, fields, kept_at) ORDER BY kept_at DESC) FROM record_draft
     WHERE record_id = %(record)s AND writer_id = %(user)s AND %(mine)s),
    (SELECT json_agg(json_build_array(id, title, json_build_object('complaint', complaint, 'diagnosis', diagnosis,
                                      'prescription', prescription, 'notes', notes)::text) ORDER BY title)
     FROM record_template WHERE is_active AND species IN ('', %(species)s) AND %(writable)s),
    (SELECT json_agg(json_build_array(category, id, code, name, cost::text, unit) ORDER BY category, name, id)::text
     FROM service WHERE is_active AND valid_from <= %(day)s AND valid_to > %(day)s AND %(writable)s)
"""  # noqa: S608 (all of it is ours)


class Past(NamedTuple):
    """An earlier visit. `diagnosis` and `prescription` may be cut."""

    visit: int
    day: dt.date
    reason: str
    diagnosis: str
    prescription: str


class Added(NamedTuple):
    """An addendum."""

    text: str
    at: dt.datetime
    author: str


class Chip(NamedTuple):
    """A text template as a button; its texts (JSON) ride along, so that a click needs no answer of the server."""

    pk: int
    title: str
    texts: str


@dataclass(frozen=True)
class Beside:
    """`measured`: of the visit; `weights`: its own and those of the time before it, the oldest first."""

    past: list[Past]
    treatments: list[Done]
    measured: dict[str, Decimal]
    weights: list[Weight]
    alerts: list[PetAlert]
    lasts: list[Last]
    files: list[Filed]
    addenda: list[Added]
    drafts: list[RecordDraft]
    templates: list[Chip]
    prices: str  # JSON


def beside(
    visit: Appointment, record: MedicalRecord | None, user, *, day: dt.date, mine: bool, writable: bool
) -> Beside:
    """`day`: the one whose prices hold. `mine`: it is this person's to write; `writable`: the record is open, too."""
    values = {
        "visit": visit.pk, "pet": visit.pet_id, "date": visit.date, "zone": str(zone_of(visit)), "day": day,
        "weighed_since": visit.date - WINDOW - dt.timedelta(days=1), "species": visit.pet.species.strip().lower(),
        "record": record and record.pk, "user": user.pk, "mine": mine, "writable": writable,
        "sees_files": user.may("see_files"),
    }  # fmt: skip
    with connections[router.db_for_read(Appointment)].cursor() as cursor:
        cursor.execute(QUERY, values)
        parts = (part or [] for part in cursor.fetchone())
    past, treatments, measured, alerts, kinds, files, addenda, drafts, templates, prices = parts
    return Beside(
        past=[Past(pk, dt.date.fromisoformat(on), *texts) for pk, on, *texts in past],
        treatments=[Done.of_row(row) for row in treatments],
        measured={kind: Decimal(value) for kind, value, _at, visit_pk in measured if visit_pk == visit.pk},
        weights=[Weight(_moment(at), Decimal(kg)) for kind, kg, at, _visit in measured if kind == Vital.WEIGHT],
        alerts=in_order(PetAlert(kind=kind, text=text) for kind, text in alerts),
        lasts=lasts_of(kinds, values["species"], day),
        files=[Filed.of_row(row) for row in files],
        addenda=[Added(text, _moment(at), author) for text, at, author in addenda],
        drafts=[_draft(*row) for row in drafts],
        templates=[Chip(*row) for row in templates],
        prices=prices or "",
    )


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _draft(pk: int, window: str, version: int, fields: dict[str, str], kept_at: str) -> RecordDraft:
    return RecordDraft(pk=pk, window=UUID(window), version=version, fields=fields, kept_at=_moment(kept_at))
