"""Addenda: what is added under a record after it is signed."""

from uuid import UUID

from records import rules
from records.models import MedicalRecord, RecordAddendum
from vetclinic.locks import already_done
from vetclinic.refusals import action


@action
def append_addendum(*, record: MedicalRecord, text: str, request_key: UUID | None = None, by) -> RecordAddendum:
    """Add a text under a signed record. It never changes. The same request_key adds it once."""
    written = already_done(RecordAddendum, request_key, record=record, text=text)
    if written:
        return written
    visit = record.appointment
    rules.check_may_write_record_of(by, visit)
    rules.check_is_signed(record)
    return RecordAddendum.objects.create(record=record, author=visit.vet, text=text, request_key=request_key)
