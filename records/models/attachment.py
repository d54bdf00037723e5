"""Files of an animal: pictures and results of laboratories. The file lies in the storage, its row here."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
EXTENSIONS = {JPEG: ".jpg", PNG: ".png", WEBP: ".webp", PDF: ".pdf"}
LONGEST_NAME = 120
VISIT_OF_ANOTHER = (
    "NEW.appointment_id IS NOT NULL AND NOT EXISTS"
    " (SELECT FROM appointment a WHERE a.id = NEW.appointment_id AND a.pet_id = NEW.pet_id)"
)
FILE_COLUMNS = ("name", "content_type", "size", "sha256", "storage_key", "has_small", "uploaded_at", "uploaded_by_id")
FILE_CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FILE_COLUMNS)


class AttachmentKind(models.TextChoices):
    LAB = "lab", _("laboratory result")
    XRAY = "xray", _("X-ray")
    ULTRASOUND = "ultrasound", _("ultrasound")
    PHOTO = "photo", _("photo")
    DOCUMENT = "document", _("other document")


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self if user.may("see_files") else self.none()

    def current(self):
        return self.filter(withdrawn_at=None)


class Attachment(models.Model):
    """A picture or PDF of an animal, perhaps of one visit. It never changes and is never deleted: it is withdrawn."""

    pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="attachments", verbose_name=_("pet"))
    appointment = models.ForeignKey(
        "clinic.Appointment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("visit"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=AttachmentKind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True, db_default="")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    content_type = models.CharField(_("content type"), max_length=20)
    size = models.IntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    storage_key = models.CharField(_("key in the storage"), max_length=40, unique=True, editable=False)
    has_small = models.BooleanField(_("has a small picture"), default=False, db_default=False)
    uploaded_at = models.DateTimeField(_("uploaded at"), db_default=Now())
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        db_table = "attachment"
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AttachmentKind.values), name="attachment_kind_is_known"),
            models.CheckConstraint(condition=Q(content_type__in=list(EXTENSIONS)), name="attachment_type_is_served"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_is_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="attachment_has_its_sha256"),
            models.CheckConstraint(
                condition=Q(storage_key__regex="^[0-9a-f]{2}/[0-9a-f]{32}$"), name="attachment_key_is_random"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason=""),
                name="attachment_withdrawn_by_someone_for_a_reason",
            ),
        ]
        triggers = [
            kept(),
            refuse(
                "visit_is_of_its_animal",
                "attachment_visit_is_of_its_animal",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=VISIT_OF_ANOTHER,
            ),
            refuse("file_is_final", "attachment_file_is_final", pgtrigger.Update, only_if=FILE_CHANGED),
            refuse("never_deleted", "attachment_never_deleted", pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def small_key(self) -> str:
        return f"{self.storage_key}-small"

    @property
    def is_picture(self) -> bool:
        return self.content_type != PDF


class AttachmentMove(models.Model):
    """A file was with the wrong animal: who moved it, when, from where, why."""

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="moves", verbose_name=_("file"))
    from_pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="+", verbose_name=_("from"))
    from_appointment = models.ForeignKey(
        "clinic.Appointment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("visit")
    )
    to_pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="+", verbose_name=_("to"))
    reason = models.CharField(_("reason"), max_length=200)
    moved_at = models.DateTimeField(_("moved at"), db_default=Now())
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("moved by"))

    class Meta:
        db_table = "attachment_move"
        verbose_name = _("move of a file")
        verbose_name_plural = _("moves of files")
        constraints = [
            models.CheckConstraint(condition=~Q(from_pet=F("to_pet")), name="attachment_move_is_between_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="attachment_move_has_reason"),
        ]
        triggers = [
            kept(),
            refuse("final", "attachment_move_is_final", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.attachment}: {self.from_pet} → {self.to_pet}"
