from records.models.medical_record import MedicalRecord
from records.models.treatment import Treatment

__all__ = ["MedicalRecord", "Treatment"]
