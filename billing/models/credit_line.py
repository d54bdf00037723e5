import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.credit_note import amount_is_its_lines
from vetclinic.triggers import refusal, refuse

# The invoice is locked by then: its credit note came first, in this transaction, as a note is the sum of its lines.
WITHIN_LINE = f"""
    IF NOT EXISTS (SELECT FROM invoice_line line JOIN credit_note note ON note.invoice_id = line.invoice_id
                   WHERE line.id = NEW.line_id AND note.id = NEW.credit_note_id
                   AND line.total >= NEW.amount + (SELECT COALESCE(sum(amount), 0) FROM credit_line other
                                                   WHERE other.line_id = line.id AND other.id <> NEW.id))
    THEN {refusal("credit_within_line")} END IF;
    RETURN NEW;
"""  # noqa: S608 (all of it is ours)


class CreditLine(models.Model):
    """What a credit note takes off one line of its invoice."""

    credit_note = models.ForeignKey(
        "billing.CreditNote", models.PROTECT, related_name="lines", verbose_name=_("credit note"), db_index=False
    )
    line = models.ForeignKey(
        "billing.InvoiceLine", models.PROTECT, related_name="credits", verbose_name=_("invoice line")
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)

    class Meta:
        db_table = "credit_line"
        verbose_name = _("line of a credit note")
        verbose_name_plural = _("lines of a credit note")
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "line"], name="credit_line_once_a_note"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_line_is_positive"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within_its_line", operation=pgtrigger.Insert, when=pgtrigger.Before, func=WITHIN_LINE
            ),
            refuse("never_changes", "credit_never_changes", pgtrigger.Update | pgtrigger.Delete),
            amount_is_its_lines(note="NEW.credit_note_id"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.amount}"
