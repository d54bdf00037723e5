"""What stands on paper for an owner: pure data. How it looks is templates/print/. Private notes are never in it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, Veterinarian
from clinic.models.pet_owner import language_of
from records.measurement_forms import SHORT_UNITS
from records.models import Measurement, MedicalRecord, RecordAddendum, Treatment, Vaccination, Vital
from vetclinic.refusals import Text

BEGUN = (AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED)


class Measured(NamedTuple):
    """Label and unit are said in the language of the paper, which is known when it is drawn."""

    label: Text
    value: Decimal
    unit: Text


class GivenDose(NamedTuple):
    """A vaccine given at the visit."""

    name: str
    batch: str
    valid_until: dt.date


class Addendum(NamedTuple):
    """What a vet added under the signed record."""

    written: dt.datetime
    author: str
    text: str


@dataclass(frozen=True)
class VisitPaper:
    """One visit. Times are naive, on the branch's clock: templates would move aware ones to the site's zone.

    `vet`: who signed; of a record that is open, whose visit it is.
    """

    visit: Appointment
    vet: Veterinarian
    starts: dt.datetime
    is_written: bool
    signed: dt.datetime | None
    complaint: str
    diagnosis: str
    prescription: str
    treatments: list[Treatment]
    measured: list[Measured]
    doses: list[GivenDose]
    addenda: list[Addendum]


@dataclass(frozen=True)
class Sheet:
    """One visit on a sheet of its own; `coming` is the animal's next booked visit."""

    paper: VisitPaper
    coming: Appointment | None
    coming_starts: dt.datetime | None

    @property
    def language(self) -> str:
        return language_of(self.paper.visit.pet.pet_owner)

    @property
    def context(self) -> dict:
        visit = self.paper.visit
        return about(visit.pet) | {
            "paper": self.paper,
            "coming": self.coming,
            "coming_starts": self.coming_starts,
            "branch": visit.vet.branch,
            "phone": visit.vet.external_phone,
        }


def sheet_of(visit: Appointment, *, now: dt.datetime) -> Sheet | None:
    """The sheet of a visit that has a record; None before it has one. Seven queries at most."""
    (paper,) = papers_of([visit])
    if not paper.is_written:
        return None
    ahead = Appointment.objects.filter(pet=visit.pet_id).expected_after(max(now, visit.date))
    coming = ahead.select_related("vet__branch").order_by("date").first()
    return Sheet(paper, coming, coming and _starts(coming))


def about(pet: Pet) -> dict:
    """What the head of each sheet names."""
    return {"clinic_name": settings.CLINIC_NAME, "pet": pet, "owner": pet.pet_owner}


def weights_of(pet: Pet) -> list[tuple[dt.date, Decimal]]:
    """Every weight, at a visit or by itself, the oldest first: day and kilograms. One query."""
    rows = Measurement.objects.filter(pet=pet, kind=Vital.WEIGHT).order_by("taken_at", "pk")
    return [(timezone.localdate(at), kg) for at, kg in rows.values_list("taken_at", "value")]


def visits_of(pet: Pet):
    """The visits that took place, the oldest first: a history on paper is read from its beginning."""
    visits = Appointment.objects.filter(Q(status__in=BEGUN) | Q(medical_record__isnull=False), pet=pet)
    return visits.select_related("vet__branch").order_by("date", "pk")


def papers_of(visits: Iterable[Appointment]) -> list[VisitPaper]:
    """Five queries, whatever the number of visits. They bring their vet and branch."""
    visits = list(visits)
    ids = [visit.pk for visit in visits]
    # Only what may be printed is fetched: a template cannot show private notes that are not there.
    texts = MedicalRecord.objects.filter(appointment__in=ids).defer("notes").select_related("author")
    records = {record.appointment_id: record for record in texts}
    treatments = defaultdict(list)
    for treatment in Treatment.objects.filter(appointment__in=ids).select_related("service").order_by("id"):
        treatments[treatment.appointment_id].append(treatment)
    measured, doses, addenda = _measured_at(ids), _doses_at(ids), _addenda_of(visits)
    return [
        _paper(
            visit,
            records.get(visit.pk),
            treatments=treatments[visit.pk],
            measured=measured[visit.pk],
            doses=doses[visit.pk],
            addenda=addenda[visit.pk],
        )
        for visit in visits
    ]


def _measured_at(ids: list[int]) -> dict[int, list[Measured]]:
    """Visit → what was measured at it, in the order in which a vet examines."""
    order, found = list(Vital), defaultdict(list)
    rows = Measurement.objects.filter(appointment__in=ids).values_list("appointment_id", "kind", "value")
    for visit, kind, value in sorted(rows, key=lambda row: order.index(row[1])):
        found[visit].append(Measured(Vital(kind).label, value, SHORT_UNITS[Vital(kind)]))
    return found


def _doses_at(ids: list[int]) -> dict[int, list[GivenDose]]:
    """Visit → the vaccines given at it."""
    found = defaultdict(list)
    rows = Vaccination.objects.filter(appointment__in=ids).order_by("pk")
    for visit, *dose in rows.values_list("appointment_id", "kind__name", "batch", "valid_until"):
        found[visit].append(GivenDose(*dose))
    return found


def _addenda_of(visits: list[Appointment]) -> dict[int, list[Addendum]]:
    """Visit → what was added under its record, the earliest first."""
    zones, found = {visit.pk: visit.vet.zone for visit in visits}, defaultdict(list)
    rows = RecordAddendum.objects.filter(record__appointment__in=zones).annotate(visit=F("record__appointment"))
    for each in rows.select_related("author").order_by("id"):
        written = timezone.make_naive(each.created_at, zones[each.visit])
        found[each.visit].append(Addendum(written, str(each.author), each.text))
    return found


def _paper(visit: Appointment, record: MedicalRecord | None, **parts: list) -> VisitPaper:
    """`parts`: the treatments, measurements, doses and addenda of the visit."""
    signed_at = record and record.signed_at
    return VisitPaper(
        visit=visit,
        vet=record.author if record and record.is_signed else visit.vet,
        starts=_starts(visit),
        is_written=record is not None,
        signed=signed_at and timezone.make_naive(signed_at, visit.vet.zone),
        complaint=record.complaint if record else "",
        diagnosis=record.diagnosis if record else "",
        prescription=record.prescription if record else "",
        **parts,
    )


def _starts(visit: Appointment) -> dt.datetime:
    return timezone.make_naive(visit.date, visit.vet.zone)
