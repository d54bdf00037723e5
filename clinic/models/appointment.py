import datetime as dt

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from clinic.enums import NEXT_STATUSES, AppointmentStatus
from vetclinic.audit.models import Change
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse


class TsTzRange(Func):
    """tstzrange(start, end, bounds): half open, so that 10:00–10:30 and 10:30–11:00 only touch."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


HOLDS_A_SLOT = Q(status__in=AppointmentStatus.holding_a_slot(), squeezed_in=False)
LEGAL_STEPS = ", ".join(
    f"({before.value}, {after.value})" for before, following in NEXT_STATUSES.items() for after in sorted(following)
)

# Nobody expects an animal that has died; a visit that has begun goes on to its end.
EXPECTS_THE_DEAD = f"""
    NEW.status_id IN ({AppointmentStatus.SCHEDULED.value}, {AppointmentStatus.CONFIRMED.value})
    AND NEW.date > now() AND EXISTS (SELECT FROM pet WHERE id = NEW.pet_id AND deceased_at IS NOT NULL)
"""


class AppointmentQuerySet(models.QuerySet):
    def for_vet(self, vet):
        return self.filter(vet=vet)

    def between(self, start: dt.datetime, end: dt.datetime):
        return self.filter(date__gte=start, date__lt=end)

    def overlapping(self, start: dt.datetime, end: dt.datetime):
        return self.filter(date__lt=end, ends_at__gt=start)

    def holding_a_slot(self):
        return self.filter(HOLDS_A_SLOT)

    def expected_after(self, moment: dt.datetime):
        return self.filter(date__gt=moment, status__in=AppointmentStatus.expected())

    def visible_to(self, user):
        """Everybody at work sees the schedule; what a person may do with a visit is asked of rules.py."""
        return self if user.may("see_board") else self.none()

    def with_people(self):
        return self.select_related("pet__pet_owner", "vet__branch", "vet__specialization", "status")


class Appointment(models.Model):
    """A visit: a pet and a vet in one place from `date` until `ends_at`."""

    pet = models.ForeignKey(
        "clinic.Pet", models.PROTECT, related_name="appointments", verbose_name=_("pet"), db_index=False
    )
    vet = models.ForeignKey(
        "clinic.Veterinarian", models.PROTECT, related_name="appointments", verbose_name=_("vet"), db_index=False
    )
    date = models.DateTimeField(_("date and time"))
    reason = models.CharField(_("reason"), max_length=255)
    status = models.ForeignKey(
        "clinic.Status",
        models.PROTECT,
        default=AppointmentStatus.SCHEDULED,
        related_name="+",
        verbose_name=_("status"),
        db_index=False,
    )
    notes = models.TextField(_("notes"), blank=True, db_default="")
    ends_at = models.DateTimeField(_("ends at"))
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    cancelled_reason = models.CharField(_("reason of cancelling"), max_length=255, blank=True, db_default="")
    squeezed_in = models.BooleanField(_("squeezed in"), default=False, db_default=False)
    squeezed_in_reason = models.CharField(_("reason of squeezing in"), max_length=255, blank=True, db_default="")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("booked by"),
        db_index=False,
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)
    change: Change | None = None  # no column: what the action that gives this visit has just changed

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "appointment"
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        indexes = [
            models.Index(fields=["date"], name="appointment_by_day"),
            models.Index(fields=["pet", "-date"], name="appointment_by_pet"),
            models.Index(fields=["vet", "date"], name="appointment_by_vet"),
        ]
        constraints = [
            ExclusionConstraint(
                name="appointment_vet_not_double_booked",
                expressions=[
                    ("vet", RangeOperators.EQUAL),
                    (TsTzRange("date", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=HOLDS_A_SLOT,
            ),
            ExclusionConstraint(
                name="appointment_pet_not_double_booked",
                expressions=[
                    ("pet", RangeOperators.EQUAL),
                    (TsTzRange("date", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=HOLDS_A_SLOT,
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("date")), name="appointment_ends_after_start"),
            models.CheckConstraint(
                condition=Q(status__in=AppointmentStatus.values), name="appointment_status_is_its_own"
            ),
            models.CheckConstraint(
                condition=Q(squeezed_in=False) | ~Q(squeezed_in_reason=""),
                name="appointment_squeeze_has_reason",
            ),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="ends_by_default",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="NEW.ends_at = COALESCE(NEW.ends_at, NEW.date + interval '30 minutes'); RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="status_steps",
                operation=pgtrigger.UpdateOf("status_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
                func=f"""
                    IF (OLD.status_id, NEW.status_id) NOT IN ({LEGAL_STEPS}) THEN
                        RAISE EXCEPTION 'an appointment cannot go from status % to %', OLD.status_id, NEW.status_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_status_follows_the_table';
                    END IF;
                    RETURN NEW;
                """,
            ),
            refuse(
                "cancelled_for_a_reason",
                "appointment_cancelled_for_a_reason",
                pgtrigger.UpdateOf("status_id"),
                condition=pgtrigger.Q(
                    old__status__df=pgtrigger.F("new__status"),
                    new__status=AppointmentStatus.CANCELLED.value,
                    new__cancelled_reason="",
                ),
            ),
            refuse(
                "pet_lives",
                "appointment_pet_lives",
                pgtrigger.Insert | pgtrigger.UpdateOf("pet_id", "status_id", "date"),
                only_if=EXPECTS_THE_DEAD,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pet} {self.date:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> AppointmentStatus:
        return AppointmentStatus(self.status_id)

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.date).total_seconds() // 60)
