from records.models.attachment import Attachment, AttachmentKind, AttachmentMove
from records.models.measurement import Measurement, Vital
from records.models.medical_record import MedicalRecord
from records.models.record_addendum import RecordAddendum
from records.models.record_draft import RecordDraft
from records.models.record_template import RecordTemplate
from records.models.treatment import Treatment

__all__ = [
    "Attachment",
    "AttachmentKind",
    "AttachmentMove",
    "Measurement",
    "MedicalRecord",
    "RecordAddendum",
    "RecordDraft",
    "RecordTemplate",
    "Treatment",
    "Vital",
]
