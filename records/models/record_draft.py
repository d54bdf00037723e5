from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RecordDraft(models.Model):
    """What somebody has typed into a record and not saved yet: one row for each open page that it is typed in.

    Not in the log of changes: it is written every second or so, and it is nobody's record. What counts is what is
    saved from it, and that is in the log.
    """

    record = models.ForeignKey(
        "records.MedicalRecord", models.PROTECT, related_name="drafts", verbose_name=_("medical record"), db_index=False
    )
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by"))
    window = models.UUIDField(_("open page"))
    version = models.IntegerField(_("version"))  # of the record, as the writer saw it
    fields = models.JSONField(_("fields"))  # name of the form's field → what is in it
    kept_at = models.DateTimeField(_("kept at"), db_default=Now())

    class Meta:
        db_table = "record_draft"
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["record", "writer", "window"], name="record_draft_once_a_page"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kept_at}"
