from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.enums import StatusType


class Status(models.Model):
    """A state of an appointment or an invoice. Ids and codes belong to programs, names to people."""

    name = models.CharField(_("name"), max_length=50)
    type = models.CharField(_("type"), max_length=20, choices=StatusType.choices)
    code = models.CharField(_("code"), max_length=20)

    class Meta:
        db_table = "status"
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        constraints = [
            models.UniqueConstraint(fields=["type", "code"], name="status_code_is_unique_within_type"),
            models.CheckConstraint(condition=models.Q(type__in=StatusType.values), name="status_type_is_known"),
        ]

    def __str__(self) -> str:
        return self.name
