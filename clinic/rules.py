"""May it be done? `check_*` raise RuleViolation with the sentence for the user; `can_*` ask. No writes here."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic.enums import AppointmentStatus
from clinic.models import (
    Appointment,
    OwnerMerge,
    Pet,
    PetOwner,
    Reminder,
    ReminderAnswer,
    Veterinarian,
)
from clinic.working_time import holds
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

FURTHEST_BOOKING = dt.timedelta(days=366)
LONGEST_VISIT_MINUTES = 480
SAME_NIGHT = dt.timedelta(hours=3)
UNDO_WITHIN = dt.timedelta(hours=1)
UNDOABLE = frozenset(
    {"vet_id", "date", "ends_at", "squeezed_in", "squeezed_in_reason", "status_id", "cancelled_reason", "arrived_at"}
)
MOVABLE = frozenset({AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED, AppointmentStatus.ARRIVED})
EARLIEST_DEATH = dt.date(1950, 1, 1)  # of an animal whose birth is not known


def day_of(moment: dt.datetime, vet: Veterinarian) -> dt.date:
    """On the clock of the vet's branch."""
    return moment.astimezone(vet.zone).date()


def can_manage_visits_of(user, vet: Veterinarian) -> bool:
    """Reception and managers book for every vet, a vet for themselves."""
    return user.may("book_for_any_vet") or (user.may("book") and vet.user_id == user.pk)


def check_may_manage_visits_of(user, vet: Veterinarian) -> None:
    if not can_manage_visits_of(user, vet):
        raise RuleViolation("booking_for_another_vet", _("You may book visits for yourself only."), "slot")


def check_pet_can_come(pet: Pet) -> None:
    if pet.deceased_at is not None:
        raise RuleViolation("pet_has_died", _("This animal has died: no visit can be booked for it."), "pet")
    if not pet.is_active:
        raise RuleViolation("pet_is_active", _("This animal is no longer in the clinic's list."), "pet")


def check_vet_works_here(vet: Veterinarian) -> None:
    if not vet.is_active or vet.branch is None:
        raise RuleViolation("vet_works_here", _("This vet does not work here any more. Choose another one."), "slot")


def check_length(minutes: int) -> None:
    if not 5 <= minutes <= LONGEST_VISIT_MINUTES:
        raise RuleViolation("visit_length", _("A visit takes between 5 minutes and 8 hours."), "minutes")


def check_bookable_time(start: dt.datetime, now: dt.datetime) -> None:
    if start < now - dt.timedelta(minutes=15):
        raise RuleViolation("visit_in_the_past", _("This time has passed. Choose a later one."), "slot")
    if start > now + FURTHEST_BOOKING:
        raise RuleViolation("visit_too_far", _("Visits are booked at most a year ahead."), "slot")


def check_within_hours(vet: Veterinarian, start: dt.datetime, end: dt.datetime, hours) -> None:
    """`hours` are the vet's stretches of work of that day: aware (start, end) pairs, in order and apart."""
    if not holds(hours, start, end):
        raise RuleViolation("visit_within_working_hours", _("The vet does not work at that time."), "slot")


def can_move(appointment: Appointment) -> bool:
    """Until the vet begins, a visit can go to another time or vet."""
    return appointment.state in MOVABLE


def check_can_move(appointment: Appointment) -> None:
    if not can_move(appointment):
        message = _("The visit is “%(now)s”: it cannot be moved any more.") % {"now": appointment.state.label}
        raise RuleViolation("visit_cannot_be_moved", message)


def check_stays_on_its_day(appointment: Appointment, vet: Veterinarian, start: dt.datetime) -> None:
    """Who sits in the waiting room waits today: another day would show that arrival with it."""
    moved = day_of(start, vet) != day_of(appointment.date, appointment.vet)
    if appointment.state == AppointmentStatus.ARRIVED and moved:
        message = _("The animal is in the clinic: its visit can be moved within this day only.")
        raise RuleViolation("visit_arrived_moves_within_its_day", message, "slot")


def check_is_as_locked(appointment: Appointment, vets: set[int], pet: int) -> None:
    """The vet and the animal of a visit are locked before the visit is read: they must still be those."""
    if appointment.vet_id not in vets or appointment.pet_id != pet:
        message = _("Somebody has changed this visit meanwhile: look at it again.")
        raise RuleViolation("visit_changed_meanwhile", message)


def check_can_undo(appointment: Appointment, change: Change, now: dt.datetime) -> None:
    """Only what was changed last can be undone, and not for long: later, people have been told."""
    latest = Change.objects.filter(table="appointment", row_id=appointment.pk).order_by("-id").first()
    if latest != change or change.operation != Change.Operation.UPDATE:
        raise RuleViolation("undo_of_an_older_change", _("The visit has changed again since: look at it first."))
    if now - change.at > UNDO_WITHIN or not UNDOABLE.issuperset(change.before or ()):
        raise RuleViolation("undo_too_late", _("This cannot be undone any more. Move or restore the visit instead."))


def can_step(appointment: Appointment, to: AppointmentStatus, now: dt.datetime) -> bool:
    try:
        check_step(appointment, to, now)
    except RuleViolation:
        return False
    return True


def check_step(appointment: Appointment, to: AppointmentStatus, now: dt.datetime) -> None:
    """A step that a person takes at reception's desk, when it happens."""
    check_next(appointment, to, now)
    if to == AppointmentStatus.ARRIVED:
        check_day_is_not_over(appointment, now)


def check_next(appointment: Appointment, to: AppointmentStatus, now: dt.datetime) -> None:
    """The states that may follow each other are in clinic/enums.py; the database checks them again."""
    if to not in appointment.state.next():
        raise RuleViolation(
            "appointment_status_follows_the_table",
            _("The visit is “%(now)s”: it cannot become “%(to)s”.")
            % {"now": appointment.state.label, "to": AppointmentStatus(to).label},
        )
    if to == AppointmentStatus.NO_SHOW:
        check_not_too_early_for_no_show(appointment, now)
    if to in (AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS):
        check_day_has_come(appointment, now)


def has_day_come(appointment: Appointment, now: dt.datetime) -> bool:
    """Its day on the branch's clock; around midnight an hour or three before it."""
    today = day_of(now, appointment.vet)
    return today >= day_of(appointment.date, appointment.vet) or appointment.date - now <= SAME_NIGHT


def check_day_has_come(appointment: Appointment, now: dt.datetime) -> None:
    if not has_day_come(appointment, now):
        message = _("This visit is on %(day)s: it cannot begin before.") % {"day": _written(appointment)}
        raise RuleViolation("visit_before_its_day", message)


def check_day_is_not_over(appointment: Appointment, now: dt.datetime) -> None:
    """The time of an arrival is noted as now: on another day it would be wrong."""
    is_over = day_of(now, appointment.vet) > day_of(appointment.ends_at, appointment.vet)
    if is_over and now - appointment.ends_at > SAME_NIGHT:
        message = _("This visit was on %(day)s: move it to today first.") % {"day": _written(appointment)}
        raise RuleViolation("visit_after_its_day", message)


def check_says_why(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation("appointment_cancelled_for_a_reason", _("Say why the visit is cancelled."), "reason")


def check_not_too_early_for_no_show(appointment: Appointment, now: dt.datetime) -> None:
    if appointment.date > now:
        raise RuleViolation("no_show_before_the_visit", _("The visit has not begun yet: nobody is missing."))


def check_can_be_answered(reminder: Reminder, visit: Appointment, now: dt.datetime) -> None:
    """A letter's links work once, until the visit begins, while it is expected at the time that the letter says."""
    if reminder.answer == ReminderAnswer.CONFIRM:
        raise RuleViolation("reminder_answered", _("You have confirmed the visit. We look forward to seeing you."))
    if reminder.answer == ReminderAnswer.CANCEL:
        raise RuleViolation("reminder_answered", _("You have cancelled the visit. Thank you for telling us."))
    if reminder.visit_at != visit.date:
        raise RuleViolation("visit_was_moved", _("The visit was moved to another time. A later letter tells which."))
    if visit.state == AppointmentStatus.CANCELLED:
        raise RuleViolation("visit_is_cancelled", _("The visit was cancelled."))
    if visit.state not in (AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED) or now >= visit.date:
        raise RuleViolation("visit_has_begun", _("The time of the visit has come: this link no longer works."))


def check_can_merge(source: PetOwner, target: PetOwner) -> None:
    """Two records that stand for themselves. What was merged away already is merged through the record it led to."""
    if source.pk == target.pk:
        raise RuleViolation("pet_owner_not_merged_into_itself", _("Choose two different owners."))
    for owner in (source, target):
        if owner.merged_into_id is not None:
            raise RuleViolation(
                "pet_owner_merged_into_a_last_record",
                _("%(owner)s has been merged into another owner already.") % {"owner": owner},
            )


def check_preview_is_fresh(shown: str | None, now: str) -> None:
    """What was confirmed is what will happen. `shown` is None when nobody looked at a preview."""
    if shown is not None and shown != now:
        raise RuleViolation(
            "merge_preview_is_old", _("The owners have changed meanwhile. Look again at what will be merged.")
        )


def check_not_undone(merge: OwnerMerge) -> None:
    if merge.undone_at is not None:
        raise RuleViolation("merge_is_undone", _("This merge has been undone already."))


def check_takes_pets(owner: PetOwner | None) -> None:
    """`None`, nobody known, takes any."""
    if owner and owner.merged_into_id is not None:
        raise RuleViolation(
            "pet_owner_is_not_merged", _("This owner was merged into another one. Choose that one."), "owner"
        )
    if owner and not owner.is_active:
        raise RuleViolation("owner_is_active", _("This owner is no longer in the clinic’s list."), "owner")


def check_owner_is_still(pet: Pet, owner_id: int | None) -> None:
    """Two people who change one animal's owner: the second is told what the first did."""
    if pet.pet_owner_id != owner_id:
        raise RuleViolation(
            "owner_changed_meanwhile",
            _("Meanwhile somebody else has changed the owner of this animal. Look again."),
            "owner",
        )


def check_pet_lives(pet: Pet) -> None:
    if pet.deceased_at is not None:
        raise RuleViolation("pet_has_died_already", _("It is noted already that this animal has died."), "died_on")


def check_death_date(pet: Pet, died_on: dt.date, today: dt.date) -> None:
    if died_on > today:
        raise RuleViolation("death_in_the_future", _("The day lies in the future."), "died_on")
    if died_on < (pet.birth_date or EARLIEST_DEATH):
        raise RuleViolation("death_before_birth", _("The day lies before the animal’s birth."), "died_on")


def _written(appointment: Appointment) -> str:
    return date_format(day_of(appointment.date, appointment.vet), "SHORT_DATE_FORMAT")
