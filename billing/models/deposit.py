import datetime as dt
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from billing.income_triggers import reopens_income
from billing.models.till_money import TillMoney
from billing.places import is_day_of
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refusal, refuse

# An owner who was merged into another one has one account with that one. The own row is locked before it is asked
# which: whoever merges or parts the two holds it.
WITHIN_BALANCE = f"""
    PERFORM FROM pet_owner WHERE id = NEW.pet_owner_id FOR NO KEY UPDATE;
    SELECT COALESCE(merged_into_id, id) INTO account FROM pet_owner WHERE id = NEW.pet_owner_id;
    PERFORM FROM pet_owner WHERE id = account FOR NO KEY UPDATE;
    IF NEW.kind IN ('used', 'returned') AND NEW.amount > account_balance(account)
    THEN {refusal("deposit_within_balance")} END IF;
    RETURN NEW;
"""  # noqa: S608 (all of it is ours)


class DepositKind(models.TextChoices):
    TAKEN = "taken", _("taken")
    RETURNED = "returned", _("returned")
    USED = "used", _("used for an invoice")
    RESTORED = "restored", _("put back from an invoice")


ADDING = (DepositKind.TAKEN, DepositKind.RESTORED)
BY_A_PAYMENT = (DepositKind.USED, DepositKind.RESTORED)


class DepositQuerySet(models.QuerySet):
    def of(self, owner):
        """Those of an owner and of all the records that were merged with this one: they have one account."""
        account = owner.merged_into_id or owner.pk
        return self.filter(Q(pet_owner=account) | Q(pet_owner__merged_into=account))

    def balance(self):
        """What is left, in the clinic's currency."""
        signed = Case(When(kind__in=ADDING, then=F("amount")), default=-F("amount"))
        return self.aggregate(sum=Sum(signed))["sum"] or Decimal(0)


class Deposit(TillMoney):
    """Money that an owner leaves for later invoices, one row a change. The database keeps it from going below zero."""

    pet_owner = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="deposits", verbose_name=_("owner"))
    kind = models.CharField(_("kind"), max_length=10, choices=DepositKind.choices)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    method = models.CharField(_("method"), max_length=10, blank=True, db_default="")
    payment = models.OneToOneField(
        "billing.Payment", models.PROTECT, null=True, blank=True, related_name="deposit", verbose_name=_("payment")
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True, db_default="")
    noted_at = models.DateTimeField(_("noted at"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("noted by"))
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    objects = DepositQuerySet.as_manager()

    class Meta:
        db_table = "deposit"
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        indexes = [models.Index(fields=["day"], name="deposit_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_is_positive"),
            models.CheckConstraint(condition=Q(kind__in=DepositKind.values), name="deposit_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=BY_A_PAYMENT, payment__isnull=False, method="")
                | Q(~Q(kind__in=BY_A_PAYMENT), payment__isnull=True, method__in=["cash", "card", "transfer"]),
                name="deposit_is_money_or_a_payment",
            ),
            models.CheckConstraint(condition=~Q(kind="returned", reason=""), name="deposit_return_has_reason"),
            is_day_of("day", "noted_at", name="deposit_has_the_day_of_its_time"),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="within_balance",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("account", "integer")],
                func=WITHIN_BALANCE,
            ),
            reopens_income(pgtrigger.Insert, day="NEW.day"),
            refuse("never_changes", "deposit_never_changes", pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"

    @property
    def moment(self) -> dt.datetime:
        return self.noted_at

    @property
    def is_added(self) -> bool:
        return self.kind in ADDING
