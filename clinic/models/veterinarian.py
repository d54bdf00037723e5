import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.branch import clock_of
from vetclinic.audit.triggers import kept


class VeterinarianQuerySet(models.QuerySet):
    def working(self):
        return self.filter(is_active=True)

    def in_board_order(self):
        return self.select_related("specialization", "branch").order_by("last_name", "first_name", "id")


class Veterinarian(models.Model):
    """A vet. One who left stays, inactive: history points here."""

    specialization = models.ForeignKey("clinic.Specialization", models.PROTECT, verbose_name=_("specialization"))
    first_name = models.CharField(_("first name"), max_length=150)
    last_name = models.CharField(_("last name"), max_length=150)
    external_phone = models.CharField(_("external phone"), max_length=15, blank=True, db_default="")
    internal_phone = models.CharField(_("internal phone"), max_length=15, blank=True, db_default="")
    email = models.EmailField(_("e-mail"), max_length=100, blank=True, db_default="")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("user"),
        related_name="vet",
    )
    branch = models.ForeignKey("clinic.Branch", models.PROTECT, null=True, blank=True, verbose_name=_("branch"))
    calendar_key = models.UUIDField(_("calendar's key"), null=True, blank=True, editable=False, db_index=True)
    is_active = models.BooleanField(_("works here"), default=True, db_default=True)

    objects = VeterinarianQuerySet.as_manager()

    class Meta:
        db_table = "veterinarian"
        verbose_name = _("vet")
        verbose_name_plural = _("vets")
        triggers = [kept()]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def zone(self) -> dt.tzinfo:
        """The clock of the vet's branch; of the whole clinic for a vet without one."""
        return clock_of(self.branch)

    @property
    def initials(self) -> str:
        return (self.last_name[:1] + self.first_name[:1]).upper()
