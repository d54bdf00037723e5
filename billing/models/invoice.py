import datetime as dt
import functools
import operator
from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.enums import InvoiceStatus
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

ZERO = Value(Decimal("0.00"), output_field=models.DecimalField(max_digits=10, decimal_places=2))
# In lists drafts, which have no date yet, stand with the newest.
NEWEST = Coalesce("date", Value(dt.date.max))
OWED = (InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID)
NOT_DRAFT = [status.value for status in InvoiceStatus if status != InvoiceStatus.DRAFT]
FINAL_COLUMNS = ("pet_owner", "record", "date", "amount", "year", "number", "issued_at", "due_date")
WAS_ISSUED = pgtrigger.Q(old__status__in=NOT_DRAFT)
SOMETHING_FINAL_CHANGES = functools.reduce(
    operator.or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in FINAL_COLUMNS)
)


class InvoiceQuerySet(models.QuerySet):
    def unpaid(self):
        return self.filter(status__in=OWED)

    def live(self):
        return self.exclude(status=InvoiceStatus.VOID)

    def with_balance(self):
        """Adds `paid` and `balance`, both in the clinic's currency."""
        paid = Coalesce(Sum("payments__amount"), ZERO)
        return self.annotate(paid=paid).annotate(balance=F("amount") - F("paid"))

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
    """A bill for one medical record. Its lines are copies; once issued, nothing of it changes."""

    pet_owner = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="invoices", verbose_name=_("owner"))
    record = models.ForeignKey(
        "records.MedicalRecord", models.PROTECT, related_name="invoices", verbose_name=_("medical record")
    )
    date = models.DateField(_("date"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
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

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        db_table = "invoice"
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes = [
            models.Index(fields=["date"], name="invoice_by_day"),
            models.Index(NEWEST, "id", name="invoice_by_newest"),
            models.Index(fields=["date"], name="invoice_unpaid", condition=Q(status__in=OWED)),
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
                condition=WAS_ISSUED & SOMETHING_FINAL_CHANGES,
            ),
            refuse("issued_never_deleted", "invoice_issued_never_deleted", pgtrigger.Delete, condition=WAS_ISSUED),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:05d}" if self.number else f"#{self.pk}"

    @property
    def state(self) -> InvoiceStatus:
        return InvoiceStatus(self.status_id)
