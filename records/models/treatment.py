from decimal import Decimal

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Round
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

VISIT_IS_SIGNED = (
    "EXISTS (SELECT FROM medical_record r WHERE r.signed_at IS NOT NULL AND r.appointment_id = {row}.appointment_id)"
)

# FOR SHARE waits for who changes the price at this moment, and then sees it as it became.
PRICE_DOES_NOT_HOLD = """
    NOT EXISTS (
        SELECT FROM service s
        WHERE s.id = NEW.service_id AND s.valid_from <= NEW.date AND s.valid_to > NEW.date FOR SHARE
    )
"""
# As records.rules.discount_of() rounds a tenth of the line.
WITHOUT_A_REASON = "NEW.discount > round(NEW.quantity * NEW.unit_price / 10, 2) AND NEW.discount_reason = ''"


class Treatment(models.Model):
    """A service carried out at a visit, at the price of its day: a copy, so that prices may change."""

    appointment = models.ForeignKey(
        "clinic.Appointment", models.PROTECT, related_name="treatments", verbose_name=_("visit")
    )
    service = models.ForeignKey(
        "clinic.Service", models.PROTECT, related_name="+", db_index=False, verbose_name=_("service")
    )
    date = models.DateField(_("date"), db_default=Now())
    description = models.TextField(_("description"), blank=True, db_default="")
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=10,
        decimal_places=3,
        default=Decimal(1),
        db_default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.001"))],
    )
    unit_price = models.DecimalField(_("unit price"), max_digits=10, decimal_places=2)
    discount = models.DecimalField(
        _("discount"), max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    discount_reason = models.CharField(_("reason of the discount"), max_length=255, blank=True, db_default="")
    performed_by = models.ForeignKey(
        "clinic.Veterinarian",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("performed by"),
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)
    # PostgreSQL rounds numeric half away from zero: for sums that are never negative, half up.
    total = models.GeneratedField(
        expression=Round(F("quantity") * F("unit_price") - F("discount"), precision=2),
        output_field=models.DecimalField(max_digits=12, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        db_table = "treatment"
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="treatment_quantity_is_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="treatment_price_not_negative"),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("quantity") * F("unit_price")),
                name="treatment_discount_within_price",
            ),
        ]
        indexes = [models.Index(fields=["service", "date"], name="treatment_of_a_price")]
        triggers = [
            kept(),
            refuse(
                "price_holds",
                "treatment_price_holds_on_its_day",
                pgtrigger.Insert | pgtrigger.UpdateOf("service_id", "date"),
                only_if=PRICE_DOES_NOT_HOLD,
            ),
            refuse(
                "discount_has_reason",
                "treatment_discount_has_reason",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=WITHOUT_A_REASON,
            ),
            refuse(
                "signed_visit_takes_no_more",
                "treatment_of_signed_visit_is_final",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=VISIT_IS_SIGNED.format(row="NEW"),
            ),
            refuse(
                "signed_visit_loses_none",
                "treatment_of_signed_visit_is_final",
                pgtrigger.Update | pgtrigger.Delete,
                only_if=VISIT_IS_SIGNED.format(row="OLD"),
                row="COALESCE(NEW, OLD)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} × {self.quantity.normalize():f}"
