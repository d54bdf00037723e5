from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OwnerMerge(models.Model):
    """Two records of one person became one: `source` is closed, `target` stays.

    `cells` is what the merge wrote: [table, id, column, before, after] in the order of writing. Undoing goes
    through them backwards.
    """

    source = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="+", verbose_name=_("merged record"))
    target = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="merges", verbose_name=_("owner"))
    cells = models.JSONField(_("what was written"))
    merged_at = models.DateTimeField(_("merged at"), db_default=Now())
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("merged by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        db_table = "owner_merge"
        verbose_name = _("merge of owners")
        verbose_name_plural = _("merges of owners")
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at__isnull=True), name="owner_merge_once_until_undone"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="owner_merge_is_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="owner_merge_undone_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
