import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models.fold import Fold
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

# A merge leads to the person's one record at once: no reader has to follow a chain, and none can be a circle.
LEADS_ON = """
    EXISTS (SELECT FROM pet_owner WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
    OR EXISTS (SELECT FROM pet_owner WHERE merged_into_id = NEW.id)
"""


class PetOwnerQuerySet(models.QuerySet):
    def not_merged(self):
        """The records that people work with: those merged away only point to them."""
        return self.filter(merged_into__isnull=True)


class PetOwner(models.Model):
    """A person who brings animals. Phones are stored one way: + and digits."""

    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=15, blank=True, db_default="")
    secondary_phone = models.CharField(_("second phone"), max_length=15, blank=True, db_default="")
    email = models.EmailField(_("e-mail"), max_length=100, blank=True, db_default="")
    address = models.CharField(_("address"), max_length=255, blank=True, db_default="")
    email_reminders = models.BooleanField(
        _("reminders of visits and vaccinations by e-mail"), default=True, db_default=True
    )
    email_reminders_since = models.DateTimeField(_("said so at"), null=True, blank=True, editable=False)
    language = models.CharField(
        _("language of letters and papers"), max_length=10, choices=settings.LANGUAGES, blank=True, db_default=""
    )
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    objects = PetOwnerQuerySet.as_manager()

    class Meta:
        db_table = "pet_owner"
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        indexes = [
            GinIndex(OpClass(Fold("last_name"), "gin_trgm_ops"), name="pet_owner_last_name_trgm"),
            GinIndex(OpClass(Fold("first_name"), "gin_trgm_ops"), name="pet_owner_first_name_trgm"),
            GinIndex(OpClass("phone", "gin_trgm_ops"), name="pet_owner_phone_trgm"),
            GinIndex(OpClass("secondary_phone", "gin_trgm_ops"), name="pet_owner_phone_2_trgm"),
            models.Index(Fold("last_name"), Fold("first_name"), "id", name="pet_owner_by_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(is_active=False), name="pet_owner_merged_is_not_active"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="pet_owner_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(language__in=["", *dict(settings.LANGUAGES)]), name="pet_owner_language_is_known"
            ),
        ]
        triggers = [
            kept(),
            pgtrigger.Trigger(
                name="email_reminders_said",
                operation=pgtrigger.UpdateOf("email_reminders"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(
                    old__email_reminders__df=pgtrigger.F("new__email_reminders"),
                    # a merge writes both: what was said to another record of the person
                    old__email_reminders_since__ndf=pgtrigger.F("new__email_reminders_since"),
                ),
                func="NEW.email_reminders_since = clock_timestamp(); RETURN NEW;",
            ),
            refuse(
                "merged_into_a_last_record",
                "pet_owner_merged_into_a_last_record",
                pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(new__merged_into__isnull=False),
                only_if=LEADS_ON,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()


def language_of(owner: PetOwner | None) -> str:
    """In which language the clinic writes to an owner: the one noted, else its own."""
    return (owner and owner.language) or settings.LANGUAGE_CODE
