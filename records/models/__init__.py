from records.models.measurement import Measurement, Vital
from records.models.medical_record import MedicalRecord
from records.models.treatment import Treatment

__all__ = ["Measurement", "MedicalRecord", "Treatment", "Vital"]
