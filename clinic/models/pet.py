import datetime as dt

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinic.enums import Gender, Species
from clinic.models.fold import Fold
from vetclinic.audit.triggers import kept

# In lists an animal of unknown age stands with the youngest.
BORN = Coalesce("birth_date", Value(dt.date.max))

# Nobody is given an animal under a record that was merged away. The row is locked first: a merge may be under way,
# and only a second look sees what it did. Undoing a merge moves animals back within one person: that is allowed.
OWNER_IS_NOT_MERGED = """
    IF TG_OP = 'INSERT' OR NEW.pet_owner_id IS DISTINCT FROM OLD.pet_owner_id THEN
        PERFORM FROM pet_owner WHERE id = NEW.pet_owner_id FOR SHARE;
        IF EXISTS (
            SELECT FROM pet_owner WHERE id = NEW.pet_owner_id AND merged_into_id IS NOT NULL
                AND (TG_OP = 'INSERT' OR merged_into_id IS DISTINCT FROM OLD.pet_owner_id)
        ) THEN
            RAISE EXCEPTION 'refused: pet_owner_is_not_merged' USING ERRCODE = 'check_violation',
                CONSTRAINT = 'pet_owner_is_not_merged', TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
    RETURN NEW;
"""
# Merging two records of one person changes no owner, so nothing is written. A row loaded in bulk has no history
# yet: its first change writes both stretches, the first from an unknown day. Time never runs back here.
KEEP_OWNERS = """
    moment := clock_timestamp();
    IF TG_OP = 'UPDATE' THEN
        IF NEW.pet_owner_id IS NOT DISTINCT FROM OLD.pet_owner_id OR EXISTS (
            SELECT FROM pet_owner WHERE (id, merged_into_id) IN
                ((OLD.pet_owner_id, NEW.pet_owner_id), (NEW.pet_owner_id, OLD.pet_owner_id))
        ) THEN
            RETURN NULL;
        END IF;
        moment := GREATEST(
            moment, (SELECT max(GREATEST(from_at, until_at)) FROM pet_ownership WHERE pet_id = NEW.id)
        );
        UPDATE pet_ownership SET until_at = moment WHERE pet_id = NEW.id AND until_at IS NULL;
        IF NOT FOUND AND OLD.pet_owner_id IS NOT NULL THEN
            INSERT INTO pet_ownership (pet_id, pet_owner_id, from_at, until_at) VALUES (
                NEW.id, OLD.pet_owner_id, (SELECT max(until_at) FROM pet_ownership WHERE pet_id = NEW.id), moment
            );
        END IF;
    END IF;
    IF NEW.pet_owner_id IS NOT NULL THEN
        INSERT INTO pet_ownership (pet_id, pet_owner_id, from_at) VALUES (NEW.id, NEW.pet_owner_id, moment);
    END IF;
    RETURN NULL;
"""


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
    is_neutered = models.BooleanField(_("neutered"), null=True, blank=True)
    microchip = models.CharField(_("microchip"), max_length=15, blank=True, db_default="")
    description = models.TextField(_("notes"), blank=True, db_default="")
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    deceased_at = models.DateField(_("died on"), null=True, blank=True)
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "pet"
        verbose_name = _("pet")
        verbose_name_plural = _("pets")
        indexes = [
            GinIndex(OpClass(Fold("name"), "gin_trgm_ops"), name="pet_name_trgm"),
            GinIndex(OpClass("microchip", "gin_trgm_ops"), name="pet_microchip_trgm"),
            models.Index(Fold("name"), "id", name="pet_by_name"),
            models.Index(BORN, "id", name="pet_by_birth"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(microchip__regex=r"^([0-9]{9,15})?$"), name="pet_microchip_is_digits"),
            models.UniqueConstraint(
                fields=["microchip"], condition=~Q(microchip=""), name="pet_microchip_of_one_animal"
            ),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="owner_is_not_merged",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("pet_owner_id"),
                when=pgtrigger.Before,
                func=OWNER_IS_NOT_MERGED,
            ),
            pgtrigger.Trigger(
                name="keep_owners",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("pet_owner_id"),
                when=pgtrigger.After,
                declare=[("moment", "timestamptz")],
                func=KEEP_OWNERS,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def species_name(self) -> str:
        """The species for people: translated when it is one of ours, else as it was written."""
        return Species(self.species).label if self.species in Species.values else self.species
