import datetime as dt
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept


def check_time_zone(name: str) -> None:
    """A misspelt zone would break every page that shows a time of the branch."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. An example of one: Europe/Moscow."), params={"name": name})


class Branch(models.Model):
    """A place where the clinic works, with its own clock."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=50, validators=[check_time_zone])

    class Meta:
        db_table = "branch"
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        triggers = [kept()]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


def clock_of(branch: Branch | None) -> dt.tzinfo:
    """That of a branch; of the whole clinic where there is none."""
    return branch.zone if branch else timezone.get_default_timezone()


def latest_day(now: dt.datetime) -> dt.date:
    """Today where the clinic's clocks are furthest ahead: nothing that has happened is later. One query."""
    return max(_days_today(now))


def earliest_day(now: dt.datetime) -> dt.date:
    """Today where the clinic's clocks are furthest behind: every day before it is over. One query."""
    return min(_days_today(now))


def _days_today(now: dt.datetime) -> set[dt.date]:
    zones = [branch.zone for branch in Branch.objects.all()]
    return {timezone.localdate(now, zone) for zone in [timezone.get_default_timezone(), *zones]}
