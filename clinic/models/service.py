import datetime as dt
from decimal import Decimal

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

OPEN_END = dt.date(2099, 12, 31)  # "until further notice": the brief requires a last day

ENDS_TOO_EARLY = _("A price must end after it starts.")

# What a treatment took stays what it was, and holds on the treatment's day. How a service is called may be corrected.
USED = """
    (OLD.code, OLD.cost, OLD.valid_from) IS DISTINCT FROM (NEW.code, NEW.cost, NEW.valid_from)
        AND EXISTS (SELECT FROM treatment t WHERE t.service_id = OLD.id)
    OR NEW.valid_to < OLD.valid_to
        AND EXISTS (SELECT FROM treatment t WHERE t.service_id = OLD.id AND t.date >= NEW.valid_to)
"""


class ServiceCategory(models.TextChoices):
    VISIT = "visit", _("visits")
    VACCINE = "vaccine", _("vaccination")
    LAB = "lab", _("laboratory")
    IMAGING = "imaging", _("imaging")
    SURGERY = "surgery", _("surgery")
    THERAPY = "therapy", _("therapy")
    DENTAL = "dental", _("dentistry")
    GROOMING = "grooming", _("grooming")
    DRUG = "drug", _("drugs")
    OTHER = "other", _("other")


class DateRange(Func):
    """daterange(from, to, bounds): half open, so that a price ends on the day the next one starts."""

    function = "DATERANGE"
    output_field = DateRangeField()


class ServiceQuerySet(models.QuerySet):
    def on_sale(self, day: dt.date):
        """Prices that a treatment of `day` may take."""
        return self.filter(is_active=True, valid_from__lte=day, valid_to__gt=day)

    def in_list_order(self):
        return self.order_by("category", "name", "id")


class Service(models.Model):
    """One price of one service: `code` says which service, [valid_from, valid_to) when it holds."""

    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True, db_default="")
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    valid_to = models.DateField(
        _("valid until"), default=OPEN_END, help_text=_("The day on which the price stops being valid.")
    )
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    code = models.SlugField(
        _("code"), max_length=40, help_text=_("Says which service it is; its next price has the same code.")
    )
    category = models.CharField(
        _("category"),
        max_length=20,
        choices=ServiceCategory.choices,
        default=ServiceCategory.OTHER,
        db_default="other",
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True, db_default="")
    valid_from = models.DateField(_("valid from"))
    cost_price = models.DecimalField(
        _("cost price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("What one unit costs the clinic itself. Empty where nobody knows."),
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        db_table = "service"
        verbose_name = _("service")
        verbose_name_plural = _("price list")
        triggers = [
            kept(),
            refuse("used_price_stays", "service_used_price_is_final", pgtrigger.Update, only_if=USED),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__gte=0),
                name="service_cost_not_negative",
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(cost_price__gte=0),
                name="service_cost_price_not_negative",
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")),
                name="service_ends_after_start",
                violation_error_message=ENDS_TOO_EARLY,
            ),
            ExclusionConstraint(
                name="service_one_price_a_day",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This service already has a price in that time."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Before the constraints are asked: PostgreSQL makes no range that ends before it starts."""
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValidationError({"valid_to": ENDS_TOO_EARLY})
