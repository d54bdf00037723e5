import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from vetclinic.triggers import refusal, refuse

IS_NO_STEP = """
    TG_OP = 'DELETE' OR (TG_OP = 'INSERT' AND NEW.last_number <> 0)
    OR (TG_OP = 'UPDATE' AND (NEW.year, NEW.last_number) <> (OLD.year, OLD.last_number + 1))
"""
WAS_NOT_GIVEN = "NOT EXISTS (SELECT FROM invoice WHERE year = NEW.year AND number = NEW.last_number)"


class InvoiceCounter(models.Model):
    """The last invoice number of a year. Its row lock makes the numbers gapless: a rollback gives one back."""

    year = models.IntegerField(_("year"), primary_key=True)
    last_number = models.IntegerField(_("last number"), default=0)

    class Meta:
        db_table = "invoice_counter"
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")
        triggers = [
            refuse(
                "counts_one_by_one",
                "invoice_number_follows_the_last",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                only_if=IS_NO_STEP,
            ),
            pgtrigger.Trigger(
                name="number_is_given",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=f"IF {WAS_NOT_GIVEN} THEN {refusal('invoice_number_follows_the_last')} END IF; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"
