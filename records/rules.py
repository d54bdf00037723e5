"""May it be done? Rules of the medical record and of treatments. No writes here."""

import datetime as dt
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, Service, Veterinarian
from clinic.rules import has_day_come
from records.models import Attachment, Measurement, MedicalRecord, Vaccination, VaccineKind
from records.vitals import write
from vetclinic.refusals import RuleViolation, Text

LARGEST_SUM = Decimal("99999999.99")  # what numeric(10,2) holds
LONGEST_DRAFT = 200_000  # characters of all fields together: ten full texts
MOST_DRAFT_FIELDS = 100
FINEST_QUANTITY = Decimal("0.001")  # what numeric(10,3) holds
KOPECK = Decimal("0.01")
FREE_DISCOUNT = Decimal(10)  # percent of a line, given by anybody who treats
EARLIEST_WEIGHING = dt.date(1950, 1, 1)
NOT_ON_SALE = _("This service is not in the price list of that day. Choose another one.")
VALID_AFTER_GIVEN = _("A dose is valid until a day after the one on which it is given.")
STARTABLE = (
    AppointmentStatus.SCHEDULED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_PROGRESS,  # taken in elsewhere than on the visit's page, it still needs a record
)


def can_write_record_of(user, visit: Appointment) -> bool:
    """A vet writes the records of own visits, nobody else's."""
    return user.may("write_records") and visit.vet.user_id == user.pk


def can_start(user, visit: Appointment, record: MedicalRecord | None, now: dt.datetime) -> bool:
    startable = visit.state in STARTABLE and has_day_come(visit, now)
    return record is None and startable and can_write_record_of(user, visit)


def check_can_be_started(visit: Appointment) -> None:
    if visit.state not in STARTABLE:
        raise RuleViolation("visit_can_be_started", why_not_open(visit))


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


def check_cell_is_as_seen(stored: Decimal | None, seen: Decimal | None, cell: str) -> None:
    """A number that somebody changed since the page was made is not overwritten unseen."""
    if stored != seen:
        message = _("Somebody noted %(value)s here meanwhile. Keep what is right and save again.")
        raise RuleViolation("cell_changed_meanwhile", message % {"value": write(stored) or "—"}, cell)


def why_not_open(visit: Appointment) -> Text:
    """What keeps a visit from having treatments and a record that is written, and what can be done about it."""
    if visit.state == AppointmentStatus.CANCELLED:
        return _("This visit was cancelled: it has no record. Book a new one when the animal comes.")
    if visit.state == AppointmentStatus.NO_SHOW:
        return _("Nobody came to this visit: it has no record. Book a new one when the animal comes.")
    if visit.state == AppointmentStatus.COMPLETED:
        return _("This visit is finished: its record and its treatments stay as they are.")
    return _("This visit has not begun. Its vet starts it first.")


def check_in_progress(visit: Appointment) -> None:
    if visit.state != AppointmentStatus.IN_PROGRESS:
        raise RuleViolation("visit_in_progress", why_not_open(visit))


def can_hand_over(user, visit: Appointment) -> bool:
    return user.may("hand_over_visits") and visit.state == AppointmentStatus.IN_PROGRESS


def check_may_hand_over(user) -> None:
    if not user.may("hand_over_visits"):
        raise RuleViolation("visit_handed_over_by_right", _("Only a manager hands an open visit to another vet."))


def check_can_take_over(vet: Veterinarian, visit: Appointment) -> None:
    """Another vet, of the branch where the animal is, who can sign in and write."""
    if vet.pk == visit.vet_id:
        raise RuleViolation("visit_taken_over_by_another", _("This vet has the visit already."), "vet")
    if vet.user_id is None or visit.vet.branch_id not in (None, vet.branch_id):
        raise RuleViolation("visit_taken_over_here", _("Choose a vet of this branch who has a login."), "vet")


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


def check_is_signed(record: MedicalRecord) -> None:
    if not record.is_signed:
        raise RuleViolation(
            "record_addendum_after_signing", _("Addenda stand under a signed record. This one is open.")
        )


def check_draft_fits(fields: dict[str, str]) -> None:
    """A draft is kept however it is filled in, but it is a form's text and not a heap of data."""
    if len(fields) > MOST_DRAFT_FIELDS or sum(len(name) + len(value) for name, value in fields.items()) > LONGEST_DRAFT:
        raise RuleViolation("record_draft_too_long", _("Not kept: the text is too long."))
    if any("\x00" in text for pair in fields.items() for text in pair):
        raise RuleViolation("record_draft_has_nul", _("Not kept: the text has characters that are no text."))


def check_weighed_on(pet: Pet, day: dt.date, today: dt.date) -> None:
    """An animal is weighed in its life, and not tomorrow."""
    if day > today:
        raise RuleViolation("weight_not_in_the_future", _("This day is yet to come."), "day")
    if (pet.birth_date and day < pet.birth_date) or (pet.deceased_at and day > pet.deceased_at):
        raise RuleViolation("weight_in_the_life", _("The animal did not live on this day."), "day")
    if day < EARLIEST_WEIGHING:
        raise RuleViolation("weight_in_the_life", _("Enter a day since 1950."), "day")


def check_weight_stands_alone(measurement: Measurement) -> None:
    if measurement.appointment_id:
        raise RuleViolation("weight_of_a_visit", _("This weight belongs to a visit: change it there."))


def check_may_discount(user, visit: Appointment) -> None:
    """The vet of the visit, and who may give any discount."""
    if not (can_write_record_of(user, visit) or user.may("give_any_discount")):
        raise RuleViolation("discount_of_another_visit", _("Only the vet of the visit or a manager gives a discount."))


def check_discount(user, discount: Decimal, line: Decimal, granted: Decimal = Decimal(0)) -> None:
    """A tenth of the line (quantity × price) by anybody; more by right, or as much (percent) as a manager granted."""
    if discount < 0 or discount > line:
        raise RuleViolation("treatment_discount_within_price", _("A discount is between 0 and 100 percent."), "percent")
    if not user.may("give_any_discount") and discount > discount_of(line, max(FREE_DISCOUNT, granted)):
        raise RuleViolation("discount_by_right", _("More than 10 % is given by a manager."), "percent")


def check_discount_has_reason(reason: str, discount: Decimal, line: Decimal) -> None:
    if not reason and discount > discount_of(line, FREE_DISCOUNT):
        raise RuleViolation(
            "treatment_discount_has_reason", _("A discount above 10 % has a reason: say why."), "reason"
        )


def discount_of(line: Decimal, percent: Decimal) -> Decimal:
    """The sum, rounded half up to the kopeck, never above the line."""
    sum_ = (line * percent / 100).quantize(KOPECK, ROUND_HALF_UP)
    return min(sum_, line.quantize(KOPECK, ROUND_DOWN))


def percent_of(line: Decimal, discount: Decimal) -> Decimal:
    """The percent of a line that a discount is, to two decimals."""
    return (discount * 100 / line).quantize(KOPECK, ROUND_HALF_UP) if line else Decimal(0)


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


def check_kind_suits(kind: VaccineKind, pet: Pet) -> None:
    if not kind.is_active or kind.species not in ("", pet.species.strip().lower()):
        raise RuleViolation("vaccine_kind_suits", _("This vaccine is not in use for this animal."), "kind")


def check_dose_dates(pet: Pet, given_on: dt.date, valid_until: dt.date, today: dt.date) -> None:
    """A dose is given in the animal's life, not tomorrow, and protects from then on."""
    if given_on > today:
        raise RuleViolation("vaccination_not_in_the_future", _("This day is yet to come."), "given_on")
    if (pet.birth_date and given_on < pet.birth_date) or (pet.deceased_at and given_on > pet.deceased_at):
        raise RuleViolation("vaccination_in_the_life", _("The animal did not live on this day."), "given_on")
    if valid_until <= given_on:
        raise RuleViolation("vaccination_valid_after_given", VALID_AFTER_GIVEN, "valid_until")


def check_dose_stands_alone(dose: Vaccination) -> None:
    if dose.appointment_id:
        raise RuleViolation("vaccination_of_a_visit", _("This dose belongs to a visit: it is changed there."))
