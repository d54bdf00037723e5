import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.fold import Fold


class PetOwner(models.Model):
    """A person who brings animals. Phones are stored one way: + and digits."""

    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=15, blank=True, db_default="")
    secondary_phone = models.CharField(_("second phone"), max_length=15, blank=True, db_default="")
    email = models.EmailField(_("e-mail"), max_length=100, blank=True, db_default="")
    address = models.CharField(_("address"), max_length=255, blank=True, db_default="")
    email_reminders = models.BooleanField(_("reminders of visits by e-mail"), default=True, db_default=True)
    email_reminders_since = models.DateTimeField(_("said so at"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "pet_owner"
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        indexes = [
            GinIndex(OpClass(Fold("last_name"), "gin_trgm_ops"), name="pet_owner_last_name_trgm"),
            GinIndex(OpClass(Fold("first_name"), "gin_trgm_ops"), name="pet_owner_first_name_trgm"),
            GinIndex(OpClass("phone", "gin_trgm_ops"), name="pet_owner_phone_trgm"),
            GinIndex(OpClass("secondary_phone", "gin_trgm_ops"), name="pet_owner_phone_2_trgm"),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="email_reminders_said",
                operation=pgtrigger.UpdateOf("email_reminders"),
                when=pgtrigger.Before,
                condition=pgtrigger.Q(old__email_reminders__df=pgtrigger.F("new__email_reminders")),
                func="NEW.email_reminders_since = clock_timestamp(); RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()
