from django.db import models
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept


class Specialization(models.Model):
    """What a vet is trained in."""

    name = models.CharField(_("name"), max_length=50)
    description = models.TextField(_("description"), blank=True, db_default="")

    class Meta:
        db_table = "specialization"
        verbose_name = _("specialization")
        verbose_name_plural = _("specializations")
        triggers = [kept()]

    def __str__(self) -> str:
        return self.name
