import datetime as dt
import functools
import operator
from decimal import Decimal

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.income_triggers import reopens_income
from billing.places import is_day_of
from clinic.enums import InvoiceStatus
from clinic.models.branch import clock_of
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refusal, refuse

ZERO = Value(Decimal("0.00"), output_field=models.DecimalField(max_digits=10, decimal_places=2))
# In lists drafts, which have no date yet, stand with the newest.
NEWEST = Coalesce("date", Value(dt.date.max))
OWED = (InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID)
NOT_DRAFT = [status.value for status in InvoiceStatus if status != InvoiceStatus.DRAFT]
COPIED = ("branch", "vet", "specialization", "species")  # where it was done, by whom, and on what
FINAL_COLUMNS = ("pet_owner", "record", "date", "amount", "year", "number", "issued_at", "due_date", *COPIED)
VOID_COLUMNS = ("void_reason", "voided_at", "voided_on", "voided_by")
NOT_VOIDED = ("voided_at__isnull", "voided_on__isnull", "voided_by__isnull")
WAS_ISSUED = pgtrigger.Q(old__status__in=NOT_DRAFT)
WAS_VOID = pgtrigger.Q(old__status=InvoiceStatus.VOID.value)
NUMBER_IS_NOT_THE_NEXT = "NEW.number IS DISTINCT FROM (SELECT last_number FROM invoice_counter WHERE year = NEW.year)"


def _changes(*columns: str) -> pgtrigger.Q:
    """One of the columns gets another value."""
    return functools.reduce(
        operator.or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in columns)
    )


# At the end of the transaction: lines follow their invoice, and a payment or a credit changes the state just before its
# own row is there. Of a new invoice OLD is NULL.
ADDS_UP = f"""
    SELECT * INTO now FROM invoice WHERE id = NEW.id;
    paid := invoice_paid(NEW.id);
    credited := invoice_credited(NEW.id);
    IF now.amount <> (SELECT COALESCE(sum(total), 0) FROM invoice_line WHERE invoice_id = NEW.id)
    THEN {refusal("invoice_amount_is_its_lines")} END IF;
    IF now.status_id = 15 AND (credited > 0 OR EXISTS (SELECT FROM payment WHERE invoice_id = NEW.id))
    THEN {refusal("invoice_void_only_without_payments")} END IF;
    IF (OLD.status_id = 15 AND now.status_id <> 15) OR (OLD.status_id <> 11 AND now.status_id = 11)
        OR (now.status_id IN (12, 13, 14) AND now.status_id <> invoice_state(now.amount - credited, paid))
    THEN {refusal("invoice_state_follows_its_balance")} END IF;
    RETURN NULL;
"""  # noqa: S608 (all of it is ours)


def _adds_up(name: str, operation, condition=None) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        condition=condition,
        timing=pgtrigger.Deferred,
        declare=[("now", "invoice%ROWTYPE"), ("paid", "numeric"), ("credited", "numeric")],
        func=ADDS_UP,
    )


class InvoiceQuerySet(models.QuerySet):
    def unpaid(self):
        return self.filter(status__in=OWED)

    def live(self):
        return self.exclude(status=InvoiceStatus.VOID)

    def with_balance(self):
        """Adds `paid`, `credited` and `balance`, all in the clinic's currency. A void invoice owes nothing."""
        paid = self._sum_of("Payment", Case(When(kind="refund", then=-F("amount")), default=F("amount")))
        sums = self.annotate(paid=paid, credited=self._sum_of("CreditNote", F("amount")))
        owed = F("amount") - F("credited") - F("paid")
        return sums.annotate(balance=Case(When(status=InvoiceStatus.VOID, then=ZERO), default=owed))

    @staticmethod
    def _sum_of(model: str, amount) -> Coalesce:
        """Of the rows of another table that belong to the invoice: joins would multiply one table by the other."""
        rows = apps.get_model("billing", model).objects.filter(invoice=OuterRef("pk")).order_by()
        return Coalesce(Subquery(rows.values("invoice").annotate(sum=Sum(amount)).values("sum")), ZERO)

    def with_people(self):
        return self.select_related("pet_owner", "status", "record__appointment__pet", "record__appointment__vet")

    def visible_to(self, user):
        """Reception and managers see all invoices; a vet those of own visits."""
        if user.may("issue_invoices") or user.may("see_income"):
            return self
        if user.may("see_invoices"):
            return self.filter(record__appointment__vet__user=user)
        return self.none()


class Invoice(models.Model):
    """A bill for one medical record. Its lines are copies, and so is what it is added up by (COPIED): a vet who moves
    to another branch takes no income along. Once issued, nothing of it changes.
    """

    pet_owner = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="invoices", verbose_name=_("owner"))
    record = models.ForeignKey(
        "records.MedicalRecord", models.PROTECT, related_name="invoices", verbose_name=_("medical record")
    )
    date = models.DateField(_("date"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    branch = models.ForeignKey(
        "clinic.Branch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("branch"),
    )
    vet = models.ForeignKey(
        "clinic.Veterinarian", models.PROTECT, related_name="+", db_index=False, verbose_name=_("vet")
    )
    specialization = models.ForeignKey(
        "clinic.Specialization", models.PROTECT, related_name="+", db_index=False, verbose_name=_("specialization")
    )
    species = models.CharField(_("species"), max_length=50, blank=True, db_default="")
    status = models.ForeignKey(
        "clinic.Status",
        models.PROTECT,
        default=InvoiceStatus.DRAFT,
        related_name="+",
        verbose_name=_("status"),
    )
    year = models.IntegerField(_("year"), null=True, blank=True)
    number = models.IntegerField(_("number"), null=True, blank=True)
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    due_date = models.DateField(_("due date"), null=True, blank=True)
    void_reason = models.CharField(_("reason to void"), max_length=255, blank=True, db_default="")
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    voided_on = models.DateField(_("voided on"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("voided by")
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        db_table = "invoice"
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            models.Index(fields=["date"], name="invoice_by_day"),
            models.Index(NEWEST, "id", name="invoice_by_newest"),
            models.Index(fields=["voided_on"], name="invoice_by_void", condition=Q(status=InvoiceStatus.VOID)),
            models.Index(fields=["date"], name="invoice_unpaid", condition=Q(status__in=OWED)),
            models.Index(fields=["id"], name="invoice_drafts", condition=Q(status=InvoiceStatus.DRAFT)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=~Q(status=InvoiceStatus.VOID),
                name="invoice_one_live_for_a_record",
            ),
            models.UniqueConstraint(fields=["year", "number"], name="invoice_number_once_a_year"),
            models.CheckConstraint(condition=Q(status__in=InvoiceStatus.values), name="invoice_status_is_its_own"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="invoice_amount_not_negative"),
            models.CheckConstraint(
                condition=~Q(status=InvoiceStatus.VOID) | ~Q(void_reason=""), name="invoice_void_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(status=InvoiceStatus.VOID, voided_at__isnull=False, voided_on__isnull=False)
                | Q(~Q(status=InvoiceStatus.VOID), **dict.fromkeys(NOT_VOIDED, True), void_reason=""),
                name="invoice_voided_when_void",
            ),
            is_day_of("voided_on", "voided_at", name="invoice_void_has_the_day_of_its_time"),
            models.CheckConstraint(
                condition=Q(status=InvoiceStatus.DRAFT, date__isnull=True, number__isnull=True, year__isnull=True)
                | Q(status=InvoiceStatus.VOID)
                | Q(status__in=NOT_DRAFT, date__isnull=False, number__isnull=False, year__isnull=False),
                name="invoice_dated_and_numbered_when_issued",
            ),
        ]
        triggers = [
            kept(),
            refuse(
                "issued_never_changes",
                "invoice_issued_never_changes",
                pgtrigger.Update,
                condition=(WAS_ISSUED & _changes(*FINAL_COLUMNS)) | (WAS_VOID & _changes(*VOID_COLUMNS)),
            ),
            _adds_up("new_adds_up", pgtrigger.Insert),
            _adds_up("adds_up", pgtrigger.Update, _changes("status", "amount")),
            refuse(
                "new_number_is_the_next",
                "invoice_number_follows_the_last",
                pgtrigger.Insert,
                condition=pgtrigger.Q(new__number__isnull=False),
                only_if=NUMBER_IS_NOT_THE_NEXT,
            ),
            refuse(
                "number_is_the_next",
                "invoice_number_follows_the_last",
                pgtrigger.Update,
                condition=pgtrigger.Q(new__number__isnull=False) & _changes("year", "number"),
                only_if=NUMBER_IS_NOT_THE_NEXT,
            ),
            reopens_income(pgtrigger.Insert, day="NEW.date", name="new_reopens_income"),
            reopens_income(
                pgtrigger.Update,
                day="NEW.date",
                condition=pgtrigger.Q(old__date__df=pgtrigger.F("new__date")),
            ),
            reopens_income(
                pgtrigger.Update,
                day="NEW.voided_on",
                name="void_reopens_income",
                condition=pgtrigger.Q(new__status=InvoiceStatus.VOID.value),
            ),
            refuse("issued_never_deleted", "invoice_issued_never_deleted", pgtrigger.Delete, condition=WAS_ISSUED),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:05d}" if self.number else f"#{self.pk}"

    @property
    def state(self) -> InvoiceStatus:
        return InvoiceStatus(self.status_id)

    @property
    def is_owed(self) -> bool:
        return self.state in OWED

    @property
    def zone(self) -> dt.tzinfo:
        """The clock of its branch."""
        return clock_of(self.branch)
