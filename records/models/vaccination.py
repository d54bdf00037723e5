import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from records.models.measurement import OTHER_ANIMAL
from records.models.treatment import VISIT_IS_SIGNED
from vetclinic.audit.triggers import kept
from vetclinic.triggers import refuse

OTHER_VISIT = (
    "NEW.treatment_id IS NOT NULL AND NOT EXISTS (SELECT FROM treatment t"
    " WHERE t.id = NEW.treatment_id AND t.appointment_id = NEW.appointment_id)"
)
NOT_IN_THE_LIFE = (
    "EXISTS (SELECT FROM pet p WHERE p.id = NEW.pet_id"
    " AND (NEW.given_on < p.birth_date OR NEW.given_on > p.deceased_at))"
)
# Nowhere on Earth is it that day yet: of the branch's own day the rule knows, the database does not.
IN_THE_FUTURE = "NEW.given_on > (clock_timestamp() AT TIME ZONE 'Etc/GMT-14')::date"
# The animal is locked first: of two who change its doses at once the second sees what the first did.
KEEP_DUE = """
    PERFORM FROM pet WHERE id IN (OLD.pet_id, NEW.pet_id) ORDER BY id FOR NO KEY UPDATE;
    -- Its row goes before others come: a dose that moves to a kind may be the last one there and no more where it was.
    DELETE FROM vaccination_due WHERE vaccination_id = OLD.id;
    FOR touched IN
        SELECT DISTINCT pet_id, kind_id
        FROM (VALUES (OLD.pet_id, OLD.kind_id), (NEW.pet_id, NEW.kind_id)) AS pairs (pet_id, kind_id)
        WHERE pet_id IS NOT NULL
    LOOP
        DELETE FROM vaccination_due WHERE (pet_id, kind_id) = (touched.pet_id, touched.kind_id);
        INSERT INTO vaccination_due (vaccination_id, pet_id, kind_id, due_on)
            SELECT id, pet_id, kind_id, valid_until FROM vaccination
            WHERE (pet_id, kind_id) = (touched.pet_id, touched.kind_id) ORDER BY given_on DESC LIMIT 1;
    END LOOP;
    RETURN NULL;
"""


class Vaccination(models.Model):
    """A dose that an animal was given: at a visit here, final once that is signed, or elsewhere, without a visit."""

    pet = models.ForeignKey(
        "clinic.Pet", models.PROTECT, related_name="vaccinations", verbose_name=_("pet"), db_index=False
    )
    kind = models.ForeignKey(
        "records.VaccineKind", models.PROTECT, related_name="vaccinations", verbose_name=_("vaccine")
    )
    appointment = models.ForeignKey(
        "clinic.Appointment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="vaccinations",
        verbose_name=_("visit"),
    )
    vet = models.ForeignKey(
        "clinic.Veterinarian", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("vet")
    )
    treatment = models.ForeignKey(
        "records.Treatment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="vaccinations",
        verbose_name=_("billed as"),
    )
    given_on = models.DateField(_("given on"))
    valid_until = models.DateField(_("valid until"))
    batch = models.CharField(_("batch"), max_length=40, blank=True, db_default="")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted at"), db_default=Now())
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    class Meta:
        db_table = "vaccination"
        verbose_name = _("vaccination")
        verbose_name_plural = _("vaccinations")
        constraints = [
            models.UniqueConstraint(fields=["pet", "kind", "given_on"], name="vaccination_once_a_day"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("given_on")), name="vaccination_valid_after_given"),
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, vet__isnull=False)
                | Q(appointment__isnull=True, vet__isnull=True, treatment__isnull=True),
                name="vaccination_here_has_its_vet",
            ),
        ]
        triggers = [
            kept(),
            refuse(
                "of_the_visits_animal",
                "vaccination_of_the_visits_animal",
                pgtrigger.Insert | pgtrigger.UpdateOf("pet_id", "appointment_id"),
                only_if=OTHER_ANIMAL,
            ),
            refuse(
                "treatment_of_its_visit",
                "vaccination_treatment_of_its_visit",
                pgtrigger.Insert | pgtrigger.UpdateOf("treatment_id", "appointment_id"),
                only_if=OTHER_VISIT,
            ),
            refuse(
                "in_the_life",
                "vaccination_in_the_life",
                pgtrigger.Insert | pgtrigger.UpdateOf("pet_id", "given_on"),
                only_if=NOT_IN_THE_LIFE,
            ),
            refuse(
                "not_in_the_future",
                "vaccination_not_in_the_future",
                pgtrigger.Insert | pgtrigger.UpdateOf("given_on"),
                only_if=IN_THE_FUTURE,
            ),
            refuse(
                "signed_visit_takes_no_more",
                "vaccination_of_signed_visit_is_final",
                pgtrigger.Insert | pgtrigger.Update,
                only_if=VISIT_IS_SIGNED.format(row="NEW"),
            ),
            refuse(
                "signed_visit_loses_none",
                "vaccination_of_signed_visit_is_final",
                pgtrigger.Update | pgtrigger.Delete,
                only_if=VISIT_IS_SIGNED.format(row="OLD"),
                row="COALESCE(NEW, OLD)",
            ),
            pgtrigger.Trigger(
                name="keep_due",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                declare=[("touched", "record")],
                func=KEEP_DUE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.given_on}"
