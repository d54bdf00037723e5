import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.income_triggers import reopens_income
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refusal, refuse

# The invoice's row lock makes credits and tills at once agree on what is still open.
SETTLE = f"""
    SELECT amount, status_id INTO billed, state FROM invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    IF state NOT IN (12, 13, 14) THEN {refusal("credit_needs_an_issued_invoice")} END IF;
    credited := invoice_credited(NEW.invoice_id) + NEW.amount;
    IF credited > billed THEN {refusal("credit_within_invoice")} END IF;
    paid := invoice_paid(NEW.invoice_id);
    IF paid > billed - credited THEN {refusal("credit_needs_a_refund_first")} END IF;
    UPDATE invoice SET status_id = invoice_state(billed - credited, paid) WHERE id = NEW.invoice_id;
    RETURN NEW;
"""  # noqa: S608 (all of it is ours)
LINES_DIFFER = """
    EXISTS (SELECT FROM credit_note n WHERE n.id = {note}
            AND n.amount <> (SELECT COALESCE(sum(amount), 0) FROM credit_line WHERE credit_note_id = n.id))
"""


def amount_is_its_lines(*, note: str) -> pgtrigger.Trigger:
    """At the end of the transaction. `note`: the id of the credit note, as the new row has it."""
    differ = LINES_DIFFER.format(note=note)
    return pgtrigger.Trigger(
        name="amount_is_its_lines",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        func=f"IF {differ} THEN {refusal('credit_amount_is_its_lines')} END IF; RETURN NULL;",
    )


class CreditNote(models.Model):
    """What is taken off an issued invoice, with the reason; in the clinic's currency. Final, as the invoice is."""

    invoice = models.ForeignKey(
        "billing.Invoice", models.PROTECT, related_name="credits", verbose_name=_("invoice"), db_index=False
    )
    number = models.IntegerField(_("number"), help_text=_("Of the credit notes of this invoice, from 1."))
    date = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=255)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "credit_note"
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        indexes = [models.Index(fields=["date"], name="credit_note_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="credit_note_number_once_an_invoice"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_is_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_has_reason"),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="settles_its_invoice",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("billed", "numeric"), ("credited", "numeric"), ("paid", "numeric"), ("state", "integer")],
                func=SETTLE,
            ),
            reopens_income(pgtrigger.Insert, day="NEW.date"),
            refuse("never_changes", "credit_never_changes", pgtrigger.Update | pgtrigger.Delete),
            amount_is_its_lines(note="NEW.id"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}/{self.number}"
