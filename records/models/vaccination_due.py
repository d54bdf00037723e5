from django.db import models
from django.utils.translation import gettext_lazy as _

# For rows that were loaded past the triggers.
FILL = """
    INSERT INTO vaccination_due (vaccination_id, pet_id, kind_id, due_on)
    SELECT DISTINCT ON (pet_id, kind_id) id, pet_id, kind_id, valid_until
    FROM vaccination ORDER BY pet_id, kind_id, given_on DESC
"""


class VaccinationDueQuerySet(models.QuerySet):
    def to_be_told(self):
        """Of animals that live and come here, with an owner who does, of kinds that are in use."""
        return self.filter(
            kind__is_active=True,
            pet__is_active=True,
            pet__deceased_at=None,
            pet__pet_owner__is_active=True,  # a record that was merged away never is
        )


class VaccinationDue(models.Model):
    """When an animal's next dose of a kind is due: of its last one. Kept by the trigger `keep_due` of vaccination."""

    vaccination = models.OneToOneField(
        "records.Vaccination", models.DO_NOTHING, primary_key=True, related_name="+", verbose_name=_("last dose")
    )
    pet = models.ForeignKey("clinic.Pet", models.DO_NOTHING, related_name="+", verbose_name=_("pet"), db_index=False)
    kind = models.ForeignKey("records.VaccineKind", models.DO_NOTHING, related_name="dues", verbose_name=_("vaccine"))
    due_on = models.DateField(_("due on"))

    objects = VaccinationDueQuerySet.as_manager()

    class Meta:
        db_table = "vaccination_due"
        verbose_name = _("vaccination that is due")
        verbose_name_plural = _("vaccinations that are due")
        indexes = [models.Index(fields=["due_on", "vaccination"], name="vaccination_due_by_day")]
        constraints = [models.UniqueConstraint(fields=["pet", "kind"], name="vaccination_due_once")]

    def __str__(self) -> str:
        return f"{self.pet_id} {self.due_on}"
