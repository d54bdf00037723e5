from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

NOT_YET = "NEW.day > (NEW.counted_at AT TIME ZONE (SELECT time_zone FROM branch WHERE id = NEW.branch_id))::date"


class TillCount(models.Model):
    """The cash of a branch's day as somebody counted it, in the clinic's currency. A recount is another row."""

    branch = models.ForeignKey(
        "clinic.Branch", models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    day = models.DateField(_("day"))
    opening_float = models.DecimalField(_("opening float"), max_digits=10, decimal_places=2)
    cash = models.DecimalField(
        _("cash taken"), max_digits=12, decimal_places=2, help_text=_("As the payments said when it was counted.")
    )
    counted = models.DecimalField(_("counted"), max_digits=10, decimal_places=2)
    difference = models.GeneratedField(
        expression=F("counted") - F("opening_float") - F("cash"),
        output_field=models.DecimalField(max_digits=12, decimal_places=2),
        db_persist=True,
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True, db_default="")
    counted_at = models.DateTimeField(_("counted at"))
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("counted by")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "till_count"
        verbose_name = _("count of the till")
        verbose_name_plural = _("counts of the till")
        indexes = [models.Index(fields=["branch", "day", "-id"], name="till_count_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(opening_float__gte=0, counted__gte=0), name="till_count_not_negative"),
            models.CheckConstraint(
                condition=Q(counted=F("opening_float") + F("cash")) | ~Q(reason=""),
                name="till_count_difference_has_reason",
            ),
        ]
        triggers = [
            kept(),
            refuse("day_has_come", "till_count_not_of_a_future_day", pgtrigger.Insert, only_if=NOT_YET),
            refuse("never_changes", "till_count_never_changes", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.counted}"

    @property
    def expected(self) -> Decimal:
        return self.opening_float + self.cash
