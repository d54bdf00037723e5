"""May it be done? Rules of the medical record and of treatments. No writes here."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Service
from records.models import Attachment, MedicalRecord
from vetclinic.refusals import RuleViolation

LARGEST_SUM = Decimal("99999999.99")  # what numeric(10,2) holds
FINEST_QUANTITY = Decimal("0.001")  # what numeric(10,3) holds
NOT_ON_SALE = _("This service is not in the price list of that day. Choose another one.")
STARTABLE = (
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_PROGRESS,  # taken in elsewhere than on the visit's page, it still needs a record
)


def can_write_record_of(user, visit: Appointment) -> bool:
    """A vet writes the records of own visits, nobody else's."""
    return user.may("write_records") and visit.vet.user_id == user.pk


def can_start(user, visit: Appointment, record: MedicalRecord | None) -> bool:
    return record is None and visit.state in STARTABLE and can_write_record_of(user, visit)


def check_may_write_record_of(user, visit: Appointment) -> None:
    if not can_write_record_of(user, visit):
        raise RuleViolation("record_of_another_vet", _("Only the vet of the visit writes its record."))


def check_not_signed(record: MedicalRecord) -> None:
    if record.is_signed:
        raise RuleViolation("medical_record_signed_never_changes", _("This record is signed: it never changes."))


def check_version(record: MedicalRecord, version: int) -> None:
    """The record must still be as the writer saw it."""
    if record.version != version:
        raise RuleViolation(
            "medical_record_stale",
            _("Somebody saved this record meanwhile. Both texts are below: keep what is right and save again."),
        )


def check_in_progress(visit: Appointment) -> None:
    if visit.state != AppointmentStatus.IN_PROGRESS:
        raise RuleViolation(
            "visit_in_progress", _("Treatments are added while the visit is in progress. Start the visit first.")
        )


def check_on_sale(service: Service, day: dt.date) -> None:
    if not (service.is_active and service.valid_from <= day < service.valid_to):
        raise RuleViolation("service_on_sale", NOT_ON_SALE, "service")


def check_quantity(quantity: Decimal, unit_price: Decimal) -> None:
    if quantity <= 0:
        raise RuleViolation("treatment_quantity_is_positive", _("Enter a quantity above zero."), "quantity")
    if quantity % FINEST_QUANTITY:
        raise RuleViolation("treatment_quantity_too_fine", _("Enter at most three decimals."), "quantity")
    if quantity * unit_price > LARGEST_SUM:
        raise RuleViolation("treatment_sum_too_large", _("This quantity makes the sum too large."), "quantity")


def check_may_upload(user) -> None:
    if not user.may("upload_files"):
        raise RuleViolation("attachment_upload_not_allowed", _("Only reception and vets add files."))


def check_may_correct_files(user) -> None:
    if not user.may("correct_files"):
        raise RuleViolation("attachment_correction_not_allowed", _("Only vets and managers move or withdraw files."))


def check_file_is_still_with(attachment: Attachment, pet_id: int) -> None:
    """The file must still be with the animal that the mover saw."""
    if attachment.pet_id != pet_id:
        raise RuleViolation("attachment_moved_meanwhile", _("Somebody moved this file meanwhile. Look at it again."))


def check_not_withdrawn(attachment: Attachment) -> None:
    if attachment.withdrawn_at:
        raise RuleViolation("attachment_withdrawn", _("This file was withdrawn: it stays where it is."))
