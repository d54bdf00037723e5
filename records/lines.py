"""A treatment that is on the bill already: another quantity, a discount."""

from decimal import Decimal
from typing import NamedTuple

from clinic.models import Appointment
from records import rules
from records.models import Treatment
from vetclinic.refusals import action


class Seen(NamedTuple):
    """What the page showed of a line to who changed it; None for what was no number."""

    quantity: Decimal | None
    percent: Decimal | None


@action
def change_treatment(
    *,
    treatment: Treatment,
    quantity: Decimal | None = None,
    percent: Decimal | None = None,
    reason: str | None = None,
    seen: Seen | None = None,
    by,
) -> Treatment | None:
    """Set the quantity (by the vet of the visit), the discount in percent of the line, or both; a manager its reason.

    None stands for as it is: a discount keeps its percent when the quantity changes. What is no more as it was `seen`
    is not overwritten. None is returned for a treatment that was removed meanwhile.
    """
    visit = Appointment.objects.select_for_update(of=("self",)).select_related("vet").get(pk=treatment.appointment_id)
    stored = Treatment.objects.select_for_update(of=("self",)).filter(pk=treatment.pk).first()
    if stored is None:
        return None
    rules.check_may_discount(by, visit)
    rules.check_in_progress(visit)
    granted = rules.percent_of(stored.quantity * stored.unit_price, stored.discount)
    if seen:
        _check_is_as_seen(stored.quantity, seen.quantity, quantity, "quantity")
        _check_is_as_seen(granted, seen.percent, percent, "percent")
    if quantity is not None and quantity != stored.quantity:
        rules.check_may_write_record_of(by, visit)
        rules.check_quantity(quantity, stored.unit_price)
        stored.quantity = quantity
    line = stored.quantity * stored.unit_price
    stored.discount = rules.discount_of(line, granted if percent is None else percent)
    rules.check_discount(by, stored.discount, line, granted)
    stored.discount_reason = _reason_of(stored, None if percent == granted else percent, reason, by)
    rules.check_discount_has_reason(stored.discount_reason, stored.discount, line)
    stored.save(update_fields=["quantity", "discount", "discount_reason"])
    return stored


def _reason_of(treatment: Treatment, percent: Decimal | None, reason: str | None, by) -> str:
    """Why there is a discount, now that it became `percent` (None: as it was): a manager's word, or nothing.

    A vet who takes less of what a manager gave keeps the word; one who gives a discount of their own does not.
    """
    if by.may("give_any_discount"):
        said = treatment.discount_reason if reason is None else reason.strip()
    else:
        is_own = percent is not None and percent <= rules.FREE_DISCOUNT
        said = "" if is_own else treatment.discount_reason
    return said if treatment.discount else ""


def _check_is_as_seen(stored: Decimal, seen: Decimal | None, wanted: Decimal | None, cell: str) -> None:
    if wanted not in (None, stored):
        rules.check_cell_is_as_seen(stored, seen, cell)
