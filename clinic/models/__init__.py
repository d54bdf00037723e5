from clinic.models.appointment import Appointment
from clinic.models.branch import Branch
from clinic.models.breed import Breed
from clinic.models.imported_row import ImportedRow
from clinic.models.letter import ReminderState
from clinic.models.owner_merge import OwnerMerge
from clinic.models.pet import Pet
from clinic.models.pet_alert import PetAlert
from clinic.models.pet_owner import PetOwner
from clinic.models.pet_ownership import PetOwnership
from clinic.models.price_change import PriceChange, PriceChangeLine
from clinic.models.reminder import Reminder, ReminderAnswer, ReminderKind
from clinic.models.service import Service
from clinic.models.specialization import Specialization
from clinic.models.status import Status
from clinic.models.veterinarian import Veterinarian
from clinic.models.waiting_entry import WaitingEntry
from clinic.models.working_exception import WorkingException
from clinic.models.working_hours import WorkingHours

__all__ = [
    "Appointment",
    "Branch",
    "Breed",
    "ImportedRow",
    "OwnerMerge",
    "Pet",
    "PetAlert",
    "PetOwner",
    "PetOwnership",
    "PriceChange",
    "PriceChangeLine",
    "Reminder",
    "ReminderAnswer",
    "ReminderKind",
    "ReminderState",
    "Service",
    "Specialization",
    "Status",
    "Veterinarian",
    "WaitingEntry",
    "WorkingException",
    "WorkingHours",
]
