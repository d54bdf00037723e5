import pgtrigger

from clinic.models import Appointment
from vetclinic.triggers import refuse

SAID = ("pet_id", "vet_id", "date", "ends_at", "reason")  # of a visit, by its record and on its papers
CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in SAID)
SIGNED = "EXISTS (SELECT FROM medical_record r WHERE r.signed_at IS NOT NULL AND r.appointment_id = OLD.id)"


class SignedVisit(Appointment):
    """A visit seen from its record: what the signature covers stays. The table is clinic's, the trigger ours."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [
            refuse(
                "signed_visit_stays",
                "appointment_of_signed_record_is_final",
                pgtrigger.UpdateOf(*SAID) | pgtrigger.Delete,
                only_if=f"(TG_OP = 'DELETE' OR {CHANGED}) AND {SIGNED}",
                row="COALESCE(NEW, OLD)",
            ),
        ]
