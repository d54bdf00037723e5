import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.income_triggers import reopens_income
from billing.models.till_money import TillMoney
from billing.places import is_day_of
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refusal, refuse


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("cash")
    CARD = "card", _("card")
    TRANSFER = "transfer", _("transfer")
    DEPOSIT = "deposit", _("deposit")


class PaymentKind(models.TextChoices):
    PAYMENT = "payment", _("payment")
    REFUND = "refund", _("refund")


# The invoice's row lock makes ten tills at once agree on what is still open. What stands in other rows is asked by a
# statement of its own: the one that waits for the lock sees them as they were before it waited.
SETTLE = f"""
    SELECT amount, status_id INTO billed, state FROM invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    due := billed - invoice_credited(NEW.invoice_id);
    IF NEW.kind = 'refund' THEN
        paid := invoice_paid(NEW.invoice_id) - NEW.amount;
        IF paid < 0 THEN {refusal("refund_within_payments")} END IF;
    ELSE
        IF state NOT IN (12, 13) THEN {refusal("payment_needs_an_open_invoice")} END IF;
        paid := invoice_paid(NEW.invoice_id) + NEW.amount;
        IF paid > due THEN {refusal("payment_within_balance")} END IF;
    END IF;
    UPDATE invoice SET status_id = invoice_state(due, paid) WHERE id = NEW.invoice_id;
    RETURN NEW;
"""  # noqa: S608 (all of it is ours)
# What is paid from a deposit, or refunded to it, changes the deposit in the same statement.
USE_DEPOSIT = """
    INSERT INTO deposit (pet_owner_id, kind, amount, payment_id, branch_id, noted_at, day, noted_by_id)
    SELECT pet_owner_id, CASE NEW.kind WHEN 'refund' THEN 'restored' ELSE 'used' END,
        NEW.amount, NEW.id, NEW.branch_id, NEW.paid_at, NEW.day, NEW.taken_by_id
    FROM invoice WHERE id = NEW.invoice_id;
    RETURN NULL;
"""


class Payment(TillMoney):
    """Money received for an invoice or given back, in the clinic's currency. The invoice's state follows from it."""

    invoice = models.ForeignKey("billing.Invoice", models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    method = models.CharField(_("method"), max_length=10, choices=PaymentMethod.choices, default=PaymentMethod.CARD)
    kind = models.CharField(
        _("kind"), max_length=10, choices=PaymentKind.choices, default=PaymentKind.PAYMENT, db_default="payment"
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True, db_default="")
    paid_at = models.DateTimeField(_("paid at"))
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "payment"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [models.Index(fields=["day"], name="payment_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_is_known"),
            models.CheckConstraint(condition=Q(kind__in=PaymentKind.values), name="payment_kind_is_known"),
            models.CheckConstraint(condition=~Q(kind="refund", reason=""), name="refund_has_reason"),
            is_day_of("day", "paid_at", name="payment_has_the_day_of_its_time"),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="settles_its_invoice",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("billed", "numeric"), ("due", "numeric"), ("paid", "numeric"), ("state", "integer")],
                func=SETTLE,
            ),
            pgtrigger.Trigger(
                name="uses_the_deposit",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                condition=pgtrigger.Q(new__method="deposit"),
                func=USE_DEPOSIT,
            ),
            reopens_income(pgtrigger.Insert, day="NEW.day"),
            refuse("never_changes", "payment_never_changes", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.method}"

    @property
    def moment(self) -> dt.datetime:
        return self.paid_at

    @property
    def is_refund(self) -> bool:
        return self.kind == PaymentKind.REFUND
