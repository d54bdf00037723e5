from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext_lazy as _

from clinic.models.service import ServiceCategory
from vetclinic.triggers import refusal, refuse

# FOR SHARE waits for who issues the invoice at this moment, and then sees it as it became.
INVOICE_IS_ISSUED = "NOT EXISTS (SELECT FROM invoice i WHERE i.id = {row}.invoice_id AND i.status_id = 11 FOR SHARE)"
AMOUNT_DIFFERS = """
    EXISTS (SELECT FROM invoice i WHERE i.id = COALESCE(NEW.invoice_id, OLD.invoice_id)
            AND i.amount <> (SELECT COALESCE(sum(total), 0) FROM invoice_line WHERE invoice_id = i.id))
"""


class InvoiceLineQuerySet(models.QuerySet):
    def with_left(self):
        """Adds `left`: what is not credited of a line yet."""
        return self.annotate(left=F("total") - Coalesce(Sum("credits__amount"), Decimal(0)))


class InvoiceLine(models.Model):
    """A copy of one treatment as it was billed; total in the clinic's currency, rounded half up.

    What it is added up by, its category, and what a unit cost the clinic itself are copies too.
    """

    invoice = models.ForeignKey(
        "billing.Invoice", models.CASCADE, related_name="lines", verbose_name=_("invoice"), db_index=False
    )
    treatment = models.ForeignKey("records.Treatment", models.PROTECT, related_name="+", verbose_name=_("treatment"))
    service = models.ForeignKey("clinic.Service", models.PROTECT, related_name="+", verbose_name=_("service"))
    name = models.CharField(_("name"), max_length=100)
    category = models.CharField(_("category"), max_length=20, choices=ServiceCategory.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=10, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=10, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    cost_price = models.DecimalField(_("cost price"), max_digits=10, decimal_places=2, null=True, blank=True)

    objects = InvoiceLineQuerySet.as_manager()

    class Meta:
        db_table = "invoice_line"
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "treatment"], name="invoice_line_treatment_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="invoice_line_total_not_negative"),
            # PostgreSQL rounds numeric half away from zero: for sums that are never negative, half up.
            models.CheckConstraint(
                condition=Q(total=Round(F("quantity") * F("unit_price") - F("discount"), precision=2)),
                name="invoice_line_total_is_rounded_once",
            ),
        ]
        triggers = [
            refuse(
                "issued_takes_no_lines",
                "invoice_line_of_issued_invoice_is_final",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=INVOICE_IS_ISSUED.format(row="NEW"),
            ),
            refuse(
                "issued_keeps_its_lines",
                "invoice_line_of_issued_invoice_is_final",
                pgtrigger.Update | pgtrigger.Delete,
                only_if=INVOICE_IS_ISSUED.format(row="OLD"),
                row="COALESCE(NEW, OLD)",
            ),
            pgtrigger.Trigger(
                name="amount_is_its_lines",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=f"IF {AMOUNT_DIFFERS} THEN {refusal('invoice_amount_is_its_lines')} END IF; RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.name
