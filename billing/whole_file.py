"""All that the clinic keeps of an owner, as one archive: tables as CSV, each animal's history as PDF, files.

What people at work note for each other stays out: private notes of a record, notes of a visit. Why an archive that is
sent while it is made: docs/decisions/0014-papers.md.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from django.core.files import File
from django.db.models import Prefetch, QuerySet
from zipstream import ZIP_DEFLATED, ZipStream

from billing.models import CreditLine, CreditNote, Deposit, Invoice, InvoiceLine, Payment
from clinic.models import Appointment, Pet, PetAlert, PetOwner, PetOwnership, Reminder, WaitingEntry
from clinic.models.pet_owner import language_of
from records.drawing import drawn_history
from records.files import open_file
from records.models import (
    Attachment,
    Measurement,
    MedicalRecord,
    RecordAddendum,
    Treatment,
    Vaccination,
    VaccinationLetter,
)
from vetclinic.ui.csv import csv_lines
from vetclinic.ui.names import file_name
from vetclinic.ui.pdf import joined

BATCH = 2000
MISSING = "files_missing.csv"
log = logging.getLogger("vetclinic.files")
# file → its columns, named as in docs/tables.md; what leads to another table stands with its path
COLUMNS = {
    "owner": "id last_name first_name phone secondary_phone email email_reminders language address is_active",
    "pets": "id name species breed birth_date gender is_neutered color microchip description is_active deceased_at",
    "ownerships": "id pet_id pet__name pet_owner_id from_at until_at",
    "alerts": "id pet_id kind text noted_at ended_at",
    "waiting": "id pet_id vet__last_name specialization__name minutes since until created_at closed_at appointment_id",
    "visits": "id pet_id pet__name date ends_at vet__last_name vet__first_name reason status__code cancelled_reason",
    "records": "id appointment_id created_at signed_at author__last_name author__first_name"
    " complaint diagnosis prescription",
    "addenda": "id record_id record__appointment_id created_at author__last_name author__first_name text",
    "measurements": "id pet_id appointment_id kind value unit taken_at",
    "vaccinations": "id pet_id kind__name appointment_id vet__last_name vet__first_name given_on valid_until batch",
    "letters": "id appointment_id kind visit_at due_at state sent_at answer answered_at",
    "vaccination_letters": "id pet_id due_on due_at state sent_at",
    "files": "id pet_id appointment_id kind note name content_type size sha256 uploaded_at",
    "treatments": "id appointment_id date service__name description quantity service__unit unit_price discount total",
    "invoices": "id record__appointment_id date year number amount status__code issued_at due_date"
    " voided_at void_reason",
    "invoice_lines": "id invoice_id name quantity unit_price discount total",
    "payments": "id invoice_id kind amount method paid_at reason",
    "credit_notes": "id invoice_id number date amount reason",
    "credit_lines": "id credit_note_id line_id amount",
    "deposits": "id kind amount method payment_id noted_at reason",
}


@dataclass(frozen=True)
class Part:
    """One file of the archive. `content` is called, and read, when it is its turn to be sent.

    Called, it raises OSError when what it would bring is not there.
    """

    name: str
    content: Callable[[], Iterable[bytes]]


def tables_of(owner: PetOwner) -> dict[str, QuerySet]:
    """The rows of each table. Invoices stay with the record of the person to whom they were issued: merged ones too."""
    people = PetOwner.objects.filter(pk__in=[owner.pk, *owner.merged.values_list("pk", flat=True)])
    bills = Invoice.objects.filter(pet_owner__in=people)
    return {
        "owner": people,
        "pets": owner.pets.all(),
        "ownerships": PetOwnership.objects.filter(pet_owner__in=people),
        "alerts": PetAlert.objects.filter(pet__pet_owner=owner),
        "waiting": WaitingEntry.objects.filter(pet__pet_owner=owner),
        "visits": Appointment.objects.filter(pet__pet_owner=owner),
        "records": MedicalRecord.objects.filter(appointment__pet__pet_owner=owner),
        "addenda": RecordAddendum.objects.filter(record__appointment__pet__pet_owner=owner),
        "measurements": Measurement.objects.filter(pet__pet_owner=owner),
        "vaccinations": Vaccination.objects.filter(pet__pet_owner=owner),
        "letters": Reminder.objects.filter(appointment__pet__pet_owner=owner),
        "vaccination_letters": VaccinationLetter.objects.filter(pet__pet_owner=owner),
        "files": Attachment.objects.current().filter(pet__pet_owner=owner),
        "treatments": Treatment.objects.filter(appointment__pet__pet_owner=owner),
        "invoices": bills,
        "invoice_lines": InvoiceLine.objects.filter(invoice__in=bills),
        "payments": Payment.objects.filter(invoice__in=bills),
        "credit_notes": CreditNote.objects.filter(invoice__in=bills),
        "credit_lines": CreditLine.objects.filter(credit_note__invoice__in=bills),
        "deposits": Deposit.objects.filter(pet_owner__in=people),
    }


def parts_of(owner: PetOwner, *, now: dt.datetime) -> list[Part]:
    """The tables first: they are quick, so that the first byte is sent at once."""
    language = language_of(owner)
    parts = [
        Part(f"{name}.csv", lambda name=name, rows=rows: _csv(rows, COLUMNS[name].split(), language))
        for name, rows in tables_of(owner).items()
    ]
    files = Prefetch("attachments", Attachment.objects.current().order_by("pk"))
    for pet in owner.pets.select_related("pet_owner").prefetch_related(files).order_by("pk"):
        folder = f"{pet.pk} {file_name(pet.name)}"
        parts.append(Part(f"{folder}/history.pdf", lambda pet=pet: _whole(drawn_history(pet, now=now))))
        parts += [Part(f"{folder}/files/{name}", content) for name, content in files_of(pet)]
    return parts


def files_of(pet: Pet) -> Iterator[tuple[str, Callable[[], Iterable[bytes]]]]:
    """Name and content of each file of an animal, `pet.attachments` being those that are to go with it."""
    for attachment in pet.attachments.all():
        name = PurePosixPath(attachment.name)
        yield f"{attachment.pk} {file_name(name.stem)}{name.suffix}", partial(_stored, attachment)


def archive(parts: Iterable[Part]) -> Iterator[bytes]:
    """The ZIP, made while it is read: no more than one part is in memory.

    A file that the storage does not give is named in MISSING, so that the owner gets all the others.
    """
    made, missing = ZipStream(compress_type=ZIP_DEFLATED), []
    for part in parts:
        try:
            content = part.content()
        except OSError:
            log.exception("A file is not in the archive: %s", part.name)
            missing.append(part.name)
            continue
        made.add(content, part.name)
        yield from made.file()
    if missing:
        made.add(_lines([["file"], *([name] for name in missing)], None), MISSING)
    yield from made.finalize()


def _stored(attachment: Attachment) -> Iterator[bytes]:
    """Opened at once, so that a file that is not there is noticed before a part is begun for it; closed at the end."""
    return _chunks(open_file(attachment))


def _chunks(file: File) -> Iterator[bytes]:
    with file:
        yield from file.chunks()


def _csv(rows: QuerySet, columns: list[str], language: str) -> Iterator[bytes]:
    def table() -> Iterator[list]:
        yield columns
        for row in rows.order_by("pk").values_list(*columns).iterator(BATCH):
            yield ["" if cell is None else cell for cell in row]

    return _lines(table(), language)


def _lines(table: Iterable[list], language: str | None) -> Iterator[bytes]:
    for line in csv_lines(table, language):
        yield line.encode()


def _whole(parts: Iterable[bytes]) -> Iterator[bytes]:
    yield joined(parts)
