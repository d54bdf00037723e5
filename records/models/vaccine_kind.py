import calendar
import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.enums import Species
from vetclinic.audit.triggers import kept

LONGEST = 3660  # days; as many months are a long life as well


class IntervalUnit(models.TextChoices):
    DAY = "day", _("days")
    MONTH = "month", _("months")


class VaccineKindQuerySet(models.QuerySet):
    def offered_for(self, species: str):
        """Those in use, for every species or for this one."""
        return self.filter(is_active=True, species__in=["", species.strip().lower()])


class VaccineKind(models.Model):
    """Against what an animal is vaccinated, and how long one dose protects."""

    name = models.CharField(_("name"), max_length=60)
    species = models.CharField(
        _("species"),
        max_length=50,
        choices=Species.choices,
        blank=True,
        db_default="",
        help_text=_("Empty: for all animals."),
    )
    every = models.SmallIntegerField(
        _("again after"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)], default=12, db_default=12
    )
    unit = models.CharField(
        _("unit"),
        max_length=5,
        choices=IntervalUnit.choices,
        default=IntervalUnit.MONTH,
        db_default=IntervalUnit.MONTH,
    )
    is_active = models.BooleanField(
        _("in use"),
        default=True,
        db_default=True,
        help_text=_("Of a kind that is not in use, nobody is due or reminded. Doses that were given stay."),
    )

    objects = VaccineKindQuerySet.as_manager()

    class Meta:
        db_table = "vaccine_kind"
        verbose_name = _("kind of vaccine")
        verbose_name_plural = _("kinds of vaccine")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "species"],
                name="vaccine_kind_name_once",
                violation_error_message=_("There is a vaccine of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(every__gte=1, every__lte=LONGEST), name="vaccine_kind_interval_is_possible"
            ),
            models.CheckConstraint(condition=Q(unit__in=IntervalUnit.values), name="vaccine_kind_unit_is_known"),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        return self.name

    def valid_until(self, given_on: dt.date) -> dt.date:
        """The day on which the next dose is due."""
        return later(given_on, self.every, self.unit)


def later(day: dt.date, every: int, unit: str) -> dt.date:
    """A day so much later, as PostgreSQL adds intervals: the 31st of a month that has none is that month's last day."""
    if unit == IntervalUnit.DAY:
        return day + dt.timedelta(days=every)
    years, month = divmod(day.month - 1 + every, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
