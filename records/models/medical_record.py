import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from records.models.record_word import KEEP_WORDS
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse


class MedicalRecord(models.Model):
    """What the vet found and prescribed at one visit. Signed, it never changes."""

    appointment = models.OneToOneField(
        "clinic.Appointment", models.PROTECT, related_name="medical_record", verbose_name=_("visit")
    )
    diagnosis = models.TextField(_("diagnosis"), blank=True, db_default="")
    prescription = models.TextField(_("prescription"), blank=True, db_default="")
    notes = models.TextField(_("notes"), blank=True, db_default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    complaint = models.TextField(_("complaint"), blank=True, db_default="")
    author = models.ForeignKey(
        "clinic.Veterinarian",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    version = models.IntegerField(_("version"), default=1, db_default=1)

    class Meta:
        db_table = "medical_record"
        verbose_name = _("medical record")
        verbose_name_plural = _("medical records")
        triggers = [
            kept(without="words"),
            pgtrigger.Trigger(
                name="keep_words",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("diagnosis", "prescription"),
                when=pgtrigger.After,
                func=KEEP_WORDS,
            ),
            refuse(
                "signed_never_changes",
                "medical_record_signed_never_changes",
                pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(author__isnull=False),
                name="medical_record_signed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.diagnosis[:50]}"

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    @property
    def texts(self) -> list[tuple[str, str]]:
        """What was written, each part with its heading, in the order of the page."""
        names = ("complaint", "diagnosis", "prescription", "notes")
        return [(self._meta.get_field(name).verbose_name.capitalize(), getattr(self, name)) for name in names]
