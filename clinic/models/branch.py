import zoneinfo

from django.db import models
from django.utils.translation import gettext_lazy as _


class Branch(models.Model):
    """A place where the clinic works, with its own clock."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=50)

    class Meta:
        db_table = "branch"
        verbose_name = _("branch")
        verbose_name_plural = _("branches")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)
