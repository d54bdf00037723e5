import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept


class WaitingEntryQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)

    def still_possible(self, today: dt.date):
        return self.open().filter(until__gte=today)

    def that_could_take(self, vet, start: dt.datetime, end: dt.datetime):
        """Who waits for this vet or for one of the same specialization, on that day, for a visit that fits."""
        day, minutes = start.astimezone(vet.zone).date(), (end - start).total_seconds() // 60
        wanted = Q(vet=vet) | Q(vet=None, specialization=vet.specialization_id)
        return self.open().filter(wanted, since__lte=day, until__gte=day, minutes__lte=minutes)

    def in_turn(self):
        """Who has waited longest first."""
        return self.select_related("pet__pet_owner", "vet", "specialization").order_by("created_at", "id")


class WaitingEntry(models.Model):
    """A pet whose owner waits for a free time of a vet, or of any vet of a specialization."""

    pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="waiting", verbose_name=_("pet"))
    vet = models.ForeignKey(
        "clinic.Veterinarian", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("vet")
    )
    specialization = models.ForeignKey(
        "clinic.Specialization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("specialization"),
    )
    minutes = models.SmallIntegerField(
        _("length"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=255, blank=True, db_default="")
    created_at = models.DateTimeField(_("waits since"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    appointment = models.ForeignKey(
        "clinic.Appointment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("visit")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        db_table = "waiting_entry"
        verbose_name = _("waiting entry")
        verbose_name_plural = _("waiting list")
        indexes = [models.Index(fields=["until"], name="waiting_entry_open", condition=Q(closed_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(vet=None) ^ Q(specialization=None), name="waiting_for_a_vet_or_a_specialization"
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="waiting_ends_after_start"),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="waiting_for_a_usual_length"),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        return f"{self.pet}: {self.vet or self.specialization}"
