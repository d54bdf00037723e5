from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.enums import Species
from vetclinic.audit.triggers import kept


class RecordTemplateQuerySet(models.QuerySet):
    def offered_for(self, species: str):
        """Those in use, for every species or for this one."""
        return self.filter(is_active=True, species__in=["", species.strip().lower()]).order_by("title")


class RecordTemplate(models.Model):
    """The usual text of a usual diagnosis: a vet takes it over with one click and writes on."""

    title = models.CharField(_("title"), max_length=40, help_text=_("Stands on the button: a word or two."))
    species = models.CharField(
        _("species"),
        max_length=50,
        choices=Species.choices,
        blank=True,
        db_default="",
        help_text=_("Empty: for all animals."),
    )
    complaint = models.TextField(_("complaint"), blank=True, db_default="")
    diagnosis = models.TextField(_("diagnosis"), blank=True, db_default="")
    prescription = models.TextField(_("prescription"), blank=True, db_default="")
    notes = models.TextField(_("notes"), blank=True, db_default="")
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)

    objects = RecordTemplateQuerySet.as_manager()

    class Meta:
        db_table = "record_template"
        verbose_name = _("text template")
        verbose_name_plural = _("text templates")
        constraints = [
            models.UniqueConstraint(
                fields=["title", "species"],
                name="record_template_title_once",
                violation_error_message=_("There is a template of this title already."),
            ),
            models.CheckConstraint(
                condition=~Q(complaint="", diagnosis="", prescription="", notes=""),
                name="record_template_has_text",
                violation_error_message=_("Write at least one of the texts."),
            ),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        return self.title
