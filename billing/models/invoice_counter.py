from django.db import models
from django.utils.translation import gettext_lazy as _


class InvoiceCounter(models.Model):
    """The last invoice number of a year. Its row lock makes the numbers gapless: a rollback gives one back."""

    year = models.IntegerField(_("year"), primary_key=True)
    last_number = models.IntegerField(_("last number"), default=0)

    class Meta:
        db_table = "invoice_counter"
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"
