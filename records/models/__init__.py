from records.models.attachment import Attachment, AttachmentKind, AttachmentMove
from records.models.medical_record import MedicalRecord
from records.models.treatment import Treatment

__all__ = ["Attachment", "AttachmentKind", "AttachmentMove", "MedicalRecord", "Treatment"]
