from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedRow(models.Model):
    """A row of a public file that has become one of ours: why an import run twice changes nothing.

    `digest` identifies the row by its content, `occurrence` tells identical rows of one file apart.
    It is written in the same transaction as the row that it stands for.
    """

    source = models.CharField(_("source"), max_length=30)
    digest = models.CharField(_("digest"), max_length=64)
    occurrence = models.IntegerField(_("occurrence"), default=1)
    object_id = models.IntegerField(_("our id"))

    class Meta:
        db_table = "imported_row"
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [
            models.UniqueConstraint(fields=["source", "digest", "occurrence"], name="imported_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.digest[:8]}"
