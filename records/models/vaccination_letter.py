import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models.letter import Letter, ReminderState
from vetclinic.triggers import refuse


class VaccinationLetter(Letter):
    """An e-mail about what is due for an animal on a day, one for all kinds: a row of an outbox, sent once at most."""

    pet = models.ForeignKey("clinic.Pet", models.PROTECT, related_name="vaccination_letters", db_index=False)
    due_on = models.DateField()

    class Meta:
        db_table = "vaccination_letter"
        verbose_name = _("letter about vaccinations")
        verbose_name_plural = _("letters about vaccinations")
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="vaccination_letter_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["pet", "due_on"], name="vaccination_letter_once"),
            models.CheckConstraint(condition=Q(state__in=ReminderState.values), name="vaccination_letter_state_known"),
        ]
        triggers = [
            refuse(
                "sent_is_final",
                "vaccination_letter_sent_is_final",
                pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(old__state="sent", new__state__df="sent"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pet_id} {self.due_on}"
