import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from vetclinic.monitoring.words import in_words
from vetclinic.triggers import refuse


class BackupRun(models.Model):
    """How one job of deploy/backup went. Written by those programs, read by the operations page."""

    class Kind(models.TextChoices):
        BASE = "base", _("physical backup")
        DUMP = "dump", _("logical export")
        WAL = "wal", _("archived log")
        PROVE = "prove", _("proven restore")
        RESTORE = "restore", _("restore")
        BRING_BACK = "bring_back", _("rows brought back")

    class State(models.TextChoices):
        OK = "ok", _("done")
        FAILED = "failed", _("failed")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    size = models.BigIntegerField(_("size"), default=0)
    lsn = models.CharField(_("position in the log"), max_length=20, blank=True)
    said = models.JSONField(_("what it says"), default=list)  # as deploy/backup/words.py makes it

    class Meta:
        db_table = "backup_run"
        verbose_name = _("backup run")
        verbose_name_plural = _("backup runs")
        indexes = [models.Index(fields=["kind", "state", "-id"], name="backup_run_newest_of_kind")]
        triggers = [refuse("final", "backup_run_is_final", pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at} {self.state}"

    @property
    def words(self) -> str:
        return in_words(self.said)
