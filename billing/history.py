"""An animal's whole life, entry by entry, newest first: visits with what was found, done and billed; files; weights.

Rows of two statements and no objects: 500 visits with all that belongs to them are one page.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections, router

from clinic.alerts import in_order
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, PetAlert
from clinic.search import fold, literal
from records.record_query import MOST_WORDS, PIECE
from records.weights import Weight
from records.word_forms import in_any_case

VISITS_SHOWN = 500
KINDS = ("visit", "file", "weight", "dose")


def _says(text: str) -> str:
    """An SQL condition: the expression has what was typed, or its words in any case."""
    return f"(search_fold({text}) LIKE %(like)s OR case_words({text}) @@ to_tsquery('record_words', %(cases)s))"


# What may be searched: everybody who sees the page by reason, vet and services; by the record who may read records.
TEXT_OF_VISIT = f"""
    {_says("concat_ws(' ', reason, vet.last_name)")}
    OR EXISTS (SELECT FROM treatment JOIN service ON service.id = service_id
               WHERE appointment_id = visit.id AND {_says("service.name")})
    OR (%(reads)s AND {_says("concat_ws(' ', complaint, diagnosis, prescription, record.notes)")})
    OR (%(reads)s AND EXISTS (SELECT FROM record_addendum addendum
                              WHERE record_id = record.id AND {_says("addendum.text")}))
"""  # noqa: S608 (all of it is ours)
VISITS = f"""
    SELECT visit.id, timezone(COALESCE(branch.time_zone, %(zone)s), visit.date), visit.date, reason, visit.status_id,
        concat_ws(' ', vet.last_name, vet.first_name),
        complaint, diagnosis, prescription, record.notes,
        (SELECT json_agg(json_build_array(service.name, quantity::text, category) ORDER BY treatment.id)
         FROM treatment JOIN service ON service.id = service_id WHERE appointment_id = visit.id),
        (SELECT json_agg(json_build_array(kind, value::text) ORDER BY id) FROM measurement
         WHERE appointment_id = visit.id AND %(reads)s),
        (SELECT json_agg(json_build_array(concat_ws(' ', writer.last_name, writer.first_name), addendum.text)
                         ORDER BY addendum.id)
         FROM record_addendum addendum JOIN veterinarian writer ON writer.id = addendum.author_id
         WHERE addendum.record_id = record.id AND %(reads)s),
        invoice.id, invoice.year, invoice.number, invoice.amount, invoice.status_id
    FROM appointment visit JOIN veterinarian vet ON vet.id = vet_id LEFT JOIN branch ON branch.id = vet.branch_id
    LEFT JOIN medical_record record ON record.appointment_id = visit.id
    LEFT JOIN invoice ON invoice.record_id = record.id AND invoice.status_id <> {InvoiceStatus.VOID}
        AND (%(all_bills)s OR vet.user_id = %(user)s)
    WHERE visit.pet_id = %(pet)s AND (%(before)s::timestamptz IS NULL OR visit.date <= %(before)s)
        AND (%(like)s::text IS NULL OR {TEXT_OF_VISIT})
    ORDER BY visit.date DESC, visit.id DESC LIMIT {VISITS_SHOWN + 1}
"""  # noqa: S608 (all of it is ours)
# All weights and alerts, for the card beside the history, and files. What does not belong into it is left out below.
OTHERS = f"""
    SELECT 'weight', timezone(%(zone)s, taken_at), id, value::text, '', taken_at, appointment_id FROM measurement
    WHERE pet_id = %(pet)s AND kind = 'weight'
    UNION ALL
    SELECT 'alert', timezone(%(zone)s, noted_at), id, text, kind, noted_at, NULL FROM pet_alert
    WHERE pet_id = %(pet)s AND ended_at IS NULL
    UNION ALL
    SELECT 'file', timezone(%(zone)s, uploaded_at), id, name, concat_ws(' · ', kind, NULLIF(note, '')),
        uploaded_at, NULL
    FROM attachment WHERE pet_id = %(pet)s AND withdrawn_at IS NULL AND %(files)s
        AND (%(like)s::text IS NULL OR {_says("concat_ws(' ', name, note)")})
    UNION ALL
    SELECT 'dose', given_on::timestamp, dose.id, vaccine.name, batch, timezone(%(zone)s, given_on::timestamp),
        appointment_id
    FROM vaccination dose JOIN vaccine_kind vaccine ON vaccine.id = kind_id WHERE pet_id = %(pet)s
        AND (%(like)s::text IS NULL OR {_says("concat_ws(' ', vaccine.name, batch)")})
    ORDER BY 6, 3
"""  # noqa: S608 (all of it is ours)


class Visit(NamedTuple):
    """A visit as VISITS selects it. `starts` is naive, on the clock of its branch; record columns None if not read."""

    id: int
    starts: dt.datetime
    date: dt.datetime
    reason: str
    status: int
    vet: str
    complaint: str | None
    diagnosis: str | None
    prescription: str | None
    notes: str | None
    treatments: list[tuple[str, str, str]] | None  # name, quantity, category
    measurements: list[tuple[str, str]] | None  # kind, value
    addenda: list[tuple[str, str]] | None  # author, text
    invoice: int | None
    year: int | None
    number: int | None
    amount: Decimal | None
    invoice_status: int | None


class Other(NamedTuple):
    """An entry that belongs to no visit. `starts` is naive, on the clinic's clock."""

    kind: str
    starts: dt.datetime
    id: int
    title: str
    detail: str
    at: dt.datetime  # aware
    visit: int | None  # that it belongs to


@dataclass
class History:
    """`older`: the aware time from which the next part goes on, if there is one."""

    alerts: list[PetAlert]
    weights: list[Weight]
    entries: list[Visit | Other] = field(default_factory=list)
    coming: list[Visit] = field(default_factory=list)
    older: str = ""

    @property
    def years(self) -> list[int]:
        return list(dict.fromkeys(entry.starts.year for entry in self.entries))


def history_of(
    pet: int, user, now: dt.datetime, *, before: dt.datetime | None = None, kind: str = "", text: str = ""
) -> History:
    """What this person may see of an animal, 500 visits at most. Two queries, and one for the words of a `text`."""
    reads, text = user.may("see_records"), fold(text)
    values: dict[str, Any] = {
        "pet": pet,
        "zone": settings.TIME_ZONE,
        "before": before,
        "like": f"%{literal(text)}%" if text else None,
        "cases": in_any_case(PIECE.findall(text)[:MOST_WORDS]) if text else "",
        "reads": reads,
        "files": user.may("see_files"),
        "all_bills": user.may("issue_invoices") or user.may("see_income"),
        "user": user.pk,
    }
    rows = [Visit._make(row) for row in _ask(VISITS, values)] if kind in ("", "visit") else []
    others = [Other._make(row) for row in _ask(OTHERS, values)]
    shown = rows[:VISITS_SHOWN] if reads else [_without_record(visit) for visit in rows[:VISITS_SHOWN]]
    since = rows[VISITS_SHOWN].date if len(rows) > VISITS_SHOWN else None
    history = History(
        alerts=in_order(PetAlert(kind=each.detail, text=each.title) for each in others if each.kind == "alert"),
        weights=[Weight(each.at, Decimal(each.title), each.id, each.visit) for each in others if each.kind == "weight"],
        coming=[visit for visit in shown[::-1] if visit.date > now and visit.status in AppointmentStatus.expected()],
        older=since.isoformat() if since else "",
    )
    history.entries += [visit for visit in shown if visit not in history.coming]
    history.entries += [
        each
        for each in others
        if (each.kind == kind or (not kind and each.kind in KINDS))
        and not ((each.visit and kind != "dose") or (text and each.kind == "weight"))
        and (before is None or each.at <= before)
        and (since is None or each.at > since)
    ]
    history.entries.sort(key=lambda entry: entry.starts, reverse=True)
    return history


def _without_record(visit: Visit) -> Visit:
    return visit._replace(complaint=None, diagnosis=None, prescription=None, notes=None)


def _ask(query: str, values: dict) -> list[tuple]:
    with connections[router.db_for_read(Appointment)].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
