from records.models.attachment import Attachment, AttachmentKind, AttachmentMove
from records.models.measurement import Measurement, Vital
from records.models.medical_record import MedicalRecord
from records.models.record_addendum import RecordAddendum
from records.models.record_draft import RecordDraft
from records.models.record_template import RecordTemplate
from records.models.record_word import RecordWord
from records.models.signed_visit import SignedVisit
from records.models.treatment import Treatment
from records.models.vaccination import Vaccination
from records.models.vaccination_due import VaccinationDue
from records.models.vaccination_letter import VaccinationLetter
from records.models.vaccine_kind import IntervalUnit, VaccineKind

__all__ = [
    "Attachment",
    "AttachmentKind",
    "AttachmentMove",
    "IntervalUnit",
    "Measurement",
    "MedicalRecord",
    "RecordAddendum",
    "RecordDraft",
    "RecordTemplate",
    "RecordWord",
    "SignedVisit",
    "Treatment",
    "Vaccination",
    "VaccinationDue",
    "VaccinationLetter",
    "VaccineKind",
    "Vital",
]
