import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

RECORD_IS_OPEN = "NOT EXISTS (SELECT FROM medical_record r WHERE r.signed_at IS NOT NULL AND r.id = NEW.record_id)"


class RecordAddendum(models.Model):
    """What a vet adds under a record after signing it. It stands as it was written, as the record does."""

    record = models.ForeignKey(
        "records.MedicalRecord", models.PROTECT, related_name="addenda", verbose_name=_("medical record")
    )
    author = models.ForeignKey("clinic.Veterinarian", models.PROTECT, related_name="+", verbose_name=_("author"))
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "record_addendum"
        verbose_name = _("addendum")
        verbose_name_plural = _("addenda")
        constraints = [
            models.CheckConstraint(condition=models.Q(text__regex=r"\S"), name="record_addendum_says_something"),
        ]
        triggers = [
            kept(),
            refuse("under_a_signature", "record_addendum_after_signing", pgtrigger.Insert, only_if=RECORD_IS_OPEN),
            refuse("never_changes", "record_addendum_never_changes", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.text[:50]
