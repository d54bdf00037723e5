"""A vet leaves in the middle of a visit: another one goes on with it."""

from django.utils.translation import gettext as _

from clinic.models import Appointment, Veterinarian
from clinic.rules import check_vet_works_here
from records import rules
from records.models import MedicalRecord, RecordDraft
from vetclinic.locks import Lock, take_lock
from vetclinic.refusals import action


@action
def hand_over_visit(*, appointment: Appointment, to: Veterinarian, by) -> Appointment:
    """The open visit becomes another vet's, with what was typed and not saved. The log of changes says who did it.

    What was done and given stays with who did it. When the other vet has a visit at this time, this one is squeezed in.
    """
    rules.check_may_hand_over(by)
    take_lock(Lock.VET, to.pk)
    visits = Appointment.objects.select_for_update(of=("self",)).select_related("vet")
    visit = visits.get(pk=appointment.pk)
    rules.check_in_progress(visit)
    rules.check_can_take_over(to, visit)
    check_vet_works_here(to)
    busy = Appointment.objects.for_vet(to).overlapping(visit.date, visit.ends_at).holding_a_slot()
    if busy.exists():
        visit.squeezed_in, visit.squeezed_in_reason = True, _("Taken over from %(vet)s") % {"vet": visit.vet}
    visit.vet = to
    visit.save(update_fields=["vet", "squeezed_in", "squeezed_in_reason"])
    MedicalRecord.objects.filter(appointment=visit, signed_at=None).update(author=to)
    RecordDraft.objects.filter(record__appointment=visit).update(writer=to.user)
    return visit
