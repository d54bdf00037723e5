from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.appointment import TsTzRange


class PetOwnership(models.Model):
    """Whose an animal was, and is. Written by a trigger of the table `pet`, so that SQL by hand is kept too."""

    pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="ownerships", verbose_name=_("pet"))
    pet_owner = models.ForeignKey("clinic.PetOwner", models.PROTECT, related_name="+", verbose_name=_("owner"))
    from_at = models.DateTimeField(_("from"), null=True, blank=True)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        db_table = "pet_ownership"
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        constraints = [
            ExclusionConstraint(
                name="pet_ownership_one_owner_at_a_time",
                expressions=[
                    ("pet", RangeOperators.EQUAL),
                    (TsTzRange("from_at", "until_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(until_at__gte=F("from_at")), name="pet_ownership_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.pet}: {self.pet_owner}"
