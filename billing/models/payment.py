import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("cash")
    CARD = "card", _("card")
    TRANSFER = "transfer", _("transfer")


# The invoice's row lock makes ten tills at once agree on what is still open.
SETTLE = """
    SELECT amount, status_id INTO billed, state FROM invoice WHERE id = NEW.invoice_id FOR UPDATE;
    IF state NOT IN (12, 13) THEN
        RAISE EXCEPTION 'only an issued, unpaid invoice takes payments'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_needs_an_open_invoice';
    END IF;
    SELECT COALESCE(SUM(amount), 0) + NEW.amount INTO paid FROM payment WHERE invoice_id = NEW.invoice_id;
    IF paid > billed THEN
        RAISE EXCEPTION 'payments would exceed the invoice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_within_balance';
    END IF;
    UPDATE invoice SET status_id = CASE WHEN paid = billed THEN 14 ELSE 13 END WHERE id = NEW.invoice_id;
    RETURN NEW;
"""


class Payment(models.Model):
    """Money received for an invoice, in the clinic's currency. The database derives the invoice's state."""

    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod.choices, default=PaymentMethod.CARD)
    paid_at = models.DateTimeField(_("paid at"))
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "payment"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [models.Index(fields=["paid_at"], name="payment_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_is_known"),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="settles_its_invoice",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("billed", "numeric"), ("paid", "numeric"), ("state", "integer")],
                func=SETTLE,
            ),
            refuse("never_changes", "payment_never_changes", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.method}"
