import datetime as dt

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.enums import Gender, Species
from clinic.models.fold import Fold
from vetclinic.audit.triggers import kept

# In lists an animal of unknown age stands with the youngest.
BORN = Coalesce("birth_date", Value(dt.date.max))


class Pet(models.Model):
    """An animal. It may have no owner yet: imported registers name none."""

    pet_owner = models.ForeignKey(
        "clinic.PetOwner", models.PROTECT, null=True, blank=True, related_name="pets", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=50)
    species = models.CharField(_("species"), max_length=50, blank=True, db_default="")
    breed = models.CharField(_("breed"), max_length=50, blank=True, db_default="")
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("sex"), max_length=10, choices=Gender.choices, blank=True, db_default="")
    color = models.CharField(_("colour"), max_length=50, blank=True, db_default="")
    description = models.TextField(_("notes"), blank=True, db_default="")
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    deceased_at = models.DateField(_("died on"), null=True, blank=True)
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "pet"
        verbose_name = _("pet")
        verbose_name_plural = _("pets")
        triggers = [kept()]
        indexes = [
            GinIndex(OpClass(Fold("name"), "gin_trgm_ops"), name="pet_name_trgm"),
            models.Index(Fold("name"), "id", name="pet_by_name"),
            models.Index(BORN, "id", name="pet_by_birth"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def species_name(self) -> str:
        """The species for people: translated when it is one of ours, else as it was written."""
        return Species(self.species).label if self.species in Species.values else self.species
