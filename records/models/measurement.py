from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from records.models.treatment import VISIT_IS_SIGNED
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

OTHER_ANIMAL = (
    "NEW.appointment_id IS NOT NULL AND NOT EXISTS (SELECT FROM appointment a"
    " WHERE a.id = NEW.appointment_id AND a.pet_id = NEW.pet_id)"
)


class Vital(models.TextChoices):
    WEIGHT = "weight", _("Weight")
    TEMPERATURE = "temperature", _("Temperature")
    PULSE = "pulse", _("Pulse")
    RESPIRATION = "respiration", _("Respiration")


# kind → unit as it is stored; and below what it must be in any animal that a clinic can hold: the heaviest bulls weigh
# 1.5 t, no blood is warmer than 50 °C, the smallest birds' hearts beat 1300 times a minute.
UNITS = {Vital.WEIGHT: "kg", Vital.TEMPERATURE: "°C", Vital.PULSE: "/min", Vital.RESPIRATION: "/min"}
IMPOSSIBLE = {Vital.WEIGHT: 2000, Vital.TEMPERATURE: 50, Vital.PULSE: 1500, Vital.RESPIRATION: 1000}


def one_of(conditions) -> Q:
    """Any of the conditions."""
    whole = Q()
    for condition in conditions:
        whole |= condition
    return whole


class Measurement(models.Model):
    """A number measured on an animal, at a visit or by itself (a weight at the desk)."""

    pet = models.ForeignKey(
        "clinic.Pet", models.PROTECT, related_name="measurements", verbose_name=_("pet"), db_index=False
    )
    appointment = models.ForeignKey(
        "clinic.Appointment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measurements",
        verbose_name=_("visit"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Vital.choices)
    value = models.DecimalField(_("value"), max_digits=8, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=5)
    taken_at = models.DateTimeField(_("taken at"), db_default=Now())
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("taken by")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "measurement"
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        indexes = [models.Index(fields=["pet", "kind", "taken_at"], name="measurement_of_a_pet")]
        constraints = [
            models.CheckConstraint(
                condition=one_of(Q(kind=kind.value, unit=unit) for kind, unit in UNITS.items()),
                name="measurement_unit_is_that_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0)
                & one_of(Q(kind=kind.value, value__lt=Decimal(most)) for kind, most in IMPOSSIBLE.items()),
                name="measurement_is_possible",
            ),
            models.UniqueConstraint(fields=["appointment", "kind"], name="measurement_once_a_visit"),
        ]
        triggers = [
            kept(),
            refuse(
                "of_the_visits_animal",
                "measurement_of_the_visits_animal",
                pgtrigger.Insert | pgtrigger.UpdateOf("pet_id", "appointment_id"),
                only_if=OTHER_ANIMAL,
            ),
            refuse(
                "signed_visit_takes_no_more",
                "measurement_of_signed_visit_is_final",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=VISIT_IS_SIGNED.format(row="NEW"),
            ),
            refuse(
                "signed_visit_loses_none",
                "measurement_of_signed_visit_is_final",
                pgtrigger.Update | pgtrigger.Delete,
                only_if=VISIT_IS_SIGNED.format(row="OLD"),
                row="COALESCE(NEW, OLD)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value.normalize():f} {self.unit}"
