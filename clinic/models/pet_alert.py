from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept

LONGEST_ALERT = 120  # it stands in one line beside the name


class PetAlert(models.Model):
    """What everybody must know before touching an animal. Never deleted: what is over is ended."""

    class Kind(models.TextChoices):
        ALLERGY = "allergy", _("Allergy")
        BITES = "bites", _("Bites")
        CHRONIC = "chronic", _("Chronic")
        OTHER = "other", _("Attention")

    pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="alerts", verbose_name=_("pet"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("text"), max_length=LONGEST_ALERT, blank=True, db_default="")
    noted_at = models.DateTimeField(_("noted at"), db_default=Now())
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "pet_alert"
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [models.Index(fields=["pet"], condition=Q(ended_at=None), name="pet_alert_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["allergy", "bites", "chronic", "other"]), name="pet_alert_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(kind="bites") | ~Q(text=""), name="pet_alert_says_what"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("noted_at")), name="pet_alert_ends_after_start"
            ),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        label = self.Kind(self.kind).label
        return f"{label}: {self.text}" if self.text else str(label)
