"""Values that code and database share. A status's id is its row's id in the table `status`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StatusType(models.TextChoices):
    APPOINTMENT = "appointment", _("appointment")
    INVOICE = "invoice", _("invoice")


class AppointmentStatus(models.IntegerChoices):
    SCHEDULED = 1, _("Scheduled")
    CONFIRMED = 2, _("Confirmed")
    ARRIVED = 3, _("Waiting")
    IN_PROGRESS = 4, _("With the vet")
    COMPLETED = 5, _("Completed")
    CANCELLED = 6, _("Cancelled")
    NO_SHOW = 7, _("No-show")

    @classmethod
    def holding_a_slot(cls) -> list[int]:
        """States in which a visit occupies its vet and its pet."""
        return [status for status in cls if status not in (cls.CANCELLED, cls.NO_SHOW)]

    @classmethod
    def expected(cls) -> list[int]:
        """States of a visit to which somebody is still to come."""
        return [cls.SCHEDULED, cls.CONFIRMED]

    def next(self) -> frozenset["AppointmentStatus"]:
        """The states that may follow this one."""
        return NEXT_STATUSES[self]


S = AppointmentStatus
NEXT_STATUSES: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    S.SCHEDULED: frozenset({S.CONFIRMED, S.ARRIVED, S.CANCELLED, S.NO_SHOW}),
    S.CONFIRMED: frozenset({S.ARRIVED, S.CANCELLED, S.NO_SHOW}),
    S.ARRIVED: frozenset({S.IN_PROGRESS, S.CANCELLED}),
    S.IN_PROGRESS: frozenset({S.COMPLETED}),
    S.COMPLETED: frozenset(),
    S.CANCELLED: frozenset({S.SCHEDULED}),
    S.NO_SHOW: frozenset({S.SCHEDULED}),
}


class InvoiceStatus(models.IntegerChoices):
    DRAFT = 11, _("Draft")
    ISSUED = 12, _("Issued")
    PART_PAID = 13, _("Part paid")
    PAID = 14, _("Paid")
    VOID = 15, _("Void")


class Species(models.TextChoices):
    """The species that forms offer. The column takes any text: imports bring goats and pigs."""

    CAT = "cat", _("cat")
    DOG = "dog", _("dog")
    RABBIT = "rabbit", _("rabbit")
    RODENT = "rodent", _("rodent")
    BIRD = "bird", _("bird")
    REPTILE = "reptile", _("reptile")


class Gender(models.TextChoices):
    MALE = "male", _("male")
    FEMALE = "female", _("female")


class VisitReason(models.TextChoices):
    """Usual reasons. Each sets the length of the visit (VISIT_MINUTES)."""

    CHECK_UP = "check_up", _("Check-up")
    VACCINE = "vaccine", _("Vaccination")
    RECHECK = "recheck", _("Recheck")
    LAB_TESTS = "lab_tests", _("Lab tests")
    ULTRASOUND = "ultrasound", _("Ultrasound")
    GROOMING = "grooming", _("Nails, grooming")
    SURGERY = "surgery", _("Surgery")
    OTHER = "other", _("Other")


VISIT_MINUTES: dict[str, int] = {
    VisitReason.CHECK_UP: 30,
    VisitReason.VACCINE: 15,
    VisitReason.RECHECK: 20,
    VisitReason.LAB_TESTS: 20,
    VisitReason.ULTRASOUND: 30,
    VisitReason.GROOMING: 15,
    VisitReason.SURGERY: 90,
    VisitReason.OTHER: 30,
}
