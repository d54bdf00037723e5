from django.db import models
from django.utils.translation import gettext_lazy as _


class Span(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")


class IncomeSum(models.Model):
    """Money of one closed day, or of one month whose days are all closed, of one key of a dimension, at one branch or
    at all: a report of the whole clinic does not read the sums of each branch.

    `income_closing` says which of them count: a day that was opened again keeps its rows until it is closed anew.
    """

    pk = models.CompositePrimaryKey("dimension", "span", "since", "place", "key")
    dimension = models.CharField(_("dimension"), max_length=20)
    span = models.CharField(_("span"), max_length=5, choices=Span.choices)
    since = models.DateField(_("first day"))
    place = models.IntegerField(_("branch"), help_text=_("0: none. −1: all of them together."))
    key = models.CharField(_("key"), max_length=50)
    billed = models.DecimalField(_("billed"), max_digits=16, decimal_places=2)
    credited = models.DecimalField(_("credited"), max_digits=16, decimal_places=2)
    received = models.DecimalField(_("received"), max_digits=16, decimal_places=2)
    invoices = models.IntegerField(_("invoices"))
    quantity = models.DecimalField(_("quantity"), max_digits=16, decimal_places=3)
    costed = models.DecimalField(_("billed where the cost price is known"), max_digits=16, decimal_places=2)
    cost = models.DecimalField(_("cost price"), max_digits=16, decimal_places=2)

    class Meta:
        db_table = "income_sum"
        verbose_name = _("sum of income")
        verbose_name_plural = _("sums of income")

    def __str__(self) -> str:
        return f"{self.since} {self.dimension} {self.key}: {self.billed}"
