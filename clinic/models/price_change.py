from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models.service import ServiceCategory
from clinic.rounding import Measure, Rounding
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

NO_BREAK = "\u00a0"
WHAT_IT_SAYS = "OLD.made_at, OLD.made_by_id, OLD.reason, OLD.since, OLD.terms"


class PriceChange(models.Model):
    """Prices that somebody changed together, for one reason, from one day on. Undone, it stays as what was meant."""

    since = models.DateField(_("from day"))
    reason = models.CharField(_("reason"), max_length=200)
    # Of a bulk change what was asked for, of an import {"file": its name}, of a single price nothing.
    terms = models.JSONField(_("what was asked for"), default=dict, db_default={}, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "price_change"
        verbose_name = _("change of prices")
        verbose_name_plural = _("changes of prices")
        constraints = [
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="price_change_has_reason"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="price_change_undone_by_someone",
            ),
        ]
        triggers = [
            kept(),
            refuse(
                "says_what_was_done",
                "price_change_is_final",
                pgtrigger.Update | pgtrigger.Delete,
                only_if="TG_OP = 'DELETE' OR OLD.undone_at IS NOT NULL"
                f" OR ({WHAT_IT_SAYS}) IS DISTINCT FROM ({WHAT_IT_SAYS.replace('OLD', 'NEW')})",
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def what(self) -> str:
        """What was asked for, in words: “+7 %, to 10 up, surgery”, or the name of a file."""
        if "by" not in self.terms:
            return self.terms.get("file", "")
        by, step = Decimal(self.terms["by"]), number_format(Decimal(self.terms["step"]))
        sign = "%" if self.terms["measure"] == Measure.PERCENT else ""
        labels = dict(ServiceCategory.choices)
        categories = [str(labels.get(name, name)) for name in self.terms["categories"]] or [gettext("all categories")]
        rounding = Rounding(self.terms["rounding"]).label
        told = gettext("%(by)s, rounded to %(step)s (%(rounding)s), %(categories)s")
        amount = f"{'+' if by > 0 else '−'}{number_format(abs(by))}{NO_BREAK + sign if sign else ''}"
        return told % {"by": amount, "step": step, "rounding": rounding, "categories": ", ".join(categories)}


class PriceChangeLine(models.Model):
    """One service of a change: the row of its old price, and until when that would have held; the row of its new one.

    A new service closes nothing. Undone, a line names no rows any more: others may undo what stood before it.
    """

    change = models.ForeignKey(
        PriceChange, models.PROTECT, related_name="lines", verbose_name=_("change of prices"), db_index=False
    )
    code = models.CharField(_("code"), max_length=40)
    closed = models.ForeignKey(
        "clinic.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("old price")
    )
    closed_until = models.DateField(_("the old price would have held until"), null=True, blank=True)
    opened = models.ForeignKey(
        "clinic.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("new price")
    )
    old_cost = models.DecimalField(_("old price"), max_digits=10, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(
        _("new price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        db_table = "price_change_line"
        verbose_name = _("changed price")
        verbose_name_plural = _("changed prices")
        constraints = [
            models.UniqueConstraint(fields=["change", "code"], name="price_change_names_a_service_once"),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        return self.code
