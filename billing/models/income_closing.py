from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.income_sum import Span


class IncomeClosing(models.Model):
    """A day or month whose sums in `income_sum` are those of the facts. A fact that comes late deletes the row."""

    pk = models.CompositePrimaryKey("span", "since")
    span = models.CharField(_("span"), max_length=5, choices=Span.choices)
    since = models.DateField(_("first day"))
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        db_table = "income_closing"
        verbose_name = _("closed day of the income")
        verbose_name_plural = _("closed days of the income")

    def __str__(self) -> str:
        return f"{self.span} {self.since}"
