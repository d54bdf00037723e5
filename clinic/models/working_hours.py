from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import Func
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept

ISO_WEEKDAYS = [(number + 1, name) for number, name in WEEKDAYS.items()]  # 1 is Monday


class Seconds(Func):
    """int4range of two times, in seconds of the day: PostgreSQL has no range of times."""

    template = "int4range(EXTRACT(EPOCH FROM %(expressions)s)::int)"
    arg_joiner = ")::int, EXTRACT(EPOCH FROM "
    output_field = IntegerRangeField()


class WorkingHours(models.Model):
    """One stretch of a vet's working week, on the branch's clock; a break is the gap between two."""

    vet = models.ForeignKey(
        "clinic.Veterinarian", models.CASCADE, related_name="working_hours", verbose_name=_("vet"), db_index=False
    )
    weekday = models.SmallIntegerField(_("weekday"), choices=ISO_WEEKDAYS)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"))

    class Meta:
        db_table = "working_hours"
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        triggers = [kept()]
        ordering = ["vet", "weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__range=(1, 7)), name="working_hours_weekday_is_iso"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="working_hours_end_after_start",
                violation_error_message=_("Working hours must end after they start."),
            ),
            ExclusionConstraint(
                name="working_hours_do_not_overlap",
                expressions=[
                    ("vet", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (Seconds("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(fields=["vet", "weekday", "starts_at"], name="working_hours_start_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    @property
    def short_weekday(self):
        return WEEKDAYS_ABBR[self.weekday - 1]
