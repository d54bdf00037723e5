"""What happens when something may not be done: one kind of error, one table of sentences.

The database's constraints are the last word. Their names are looked up here, so that a person reads a
sentence and not an SQL error, whoever noticed the fault first, a rule in Python or the database.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.acting import act_as

P = ParamSpec("P")
T = TypeVar("T")
Text = str | Promise

SENT_BEFORE = "form_sent_before"  # with something else in it
LOCK_NOT_AVAILABLE = "55P03"
BUSY = _("Others are changing the same thing at this moment. Nothing was saved: please try again.")
ATTEMPTS = 3  # a deadlock's victim tries again; with the advisory locks one is not expected at all


class RuleViolation(Exception):  # noqa: N818 (it is the domain's word)
    """A rule of the clinic forbids it. `message` is for the user, `field` names the input to blame, if any."""

    def __init__(self, code: str, message: Text, field: str | None = None):
        super().__init__(str(message))
        self.code, self.message, self.field = code, message, field


# constraint → (sentence, field)
REFUSALS: dict[str, tuple[Text, str | None]] = {
    "account_not_below_zero": (
        _(
            "The deposit of one of the two has paid for the other since: parted, one of them would be below zero."
            " Take a deposit from that one first."
        ),
        None,
    ),
    "appointment_vet_not_double_booked": (_("This time has just been taken. Please choose another one."), "slot"),
    "appointment_pet_not_double_booked": (_("This animal has another visit at that time."), "slot"),
    "appointment_cancelled_for_a_reason": (_("Say why the visit is cancelled."), "reason"),
    "appointment_ends_after_start": (_("A visit must end after it starts."), "slot"),
    "appointment_of_signed_record_is_final": (
        _("The record of this visit is signed: its animal, vet, time and reason are final."),
        None,
    ),
    "appointment_pet_lives": (_("This animal has died: no visit can be booked for it."), "pet"),
    "appointment_status_is_its_own": (_("This is not a state of a visit."), None),
    "appointment_status_follows_the_table": (_("A visit cannot go from its present state to that one."), None),
    "appointment_squeeze_has_reason": (_("Say why the visit is squeezed in."), "squeezed_in_reason"),
    "app_user_role_is_known": (_("Choose one of the four roles."), "role"),
    "attachment_file_is_final": (_("A file that was added never changes: withdraw it and add another."), None),
    "attachment_has_its_sha256": (_("A file is kept with its SHA-256."), None),
    "attachment_is_not_empty": (_("This file is empty."), "file"),
    "attachment_key_is_random": (_("A file is stored under a random key."), None),
    "attachment_kind_is_known": (_("Choose what kind of file it is."), "kind"),
    "attachment_move_has_reason": (_("Say why the file is moved."), "reason"),
    "attachment_move_is_between_two": (_("Choose another animal."), "pet"),
    "attachment_move_is_final": (_("The trace of a move never changes."), None),
    "attachment_never_deleted": (_("A file is never deleted: it is withdrawn."), None),
    "attachment_storage_key_key": (_("This file is kept already."), None),
    "attachment_type_is_served": (_("Only pictures (JPEG, PNG, WebP) and PDF are kept here."), "file"),
    "attachment_visit_is_of_its_animal": (_("This visit is of another animal."), None),
    "attachment_withdrawn_by_someone_for_a_reason": (_("Say why the file is withdrawn."), "reason"),
    "branch_name_key": (_("There is already a branch of this name."), "name"),
    "breed_is_listed_once": (_("This breed is in the list already."), "name"),
    "backup_run_is_final": (_("What backups did is not rewritten: the list of runs is final."), None),
    "change_log_is_final": (_("What happened is not rewritten: the log of changes is final."), None),
    "credit_amount_is_its_lines": (_("A credit note is the sum of its lines."), None),
    "credit_has_reason": (_("Say why: the reason stays with the invoice."), "reason"),
    "credit_is_positive": (_("Enter what is taken off at least one line."), None),
    "credit_line_is_positive": (_("Enter an amount above zero."), None),
    "credit_line_once_a_note": (_("A credit note names each line once."), None),
    "credit_needs_a_refund_first": (_("More was paid than is left to pay: choose how it goes back."), "refund_by"),
    "credit_needs_an_issued_invoice": (_("Only an issued invoice is credited."), None),
    "credit_never_changes": (_("A credit note never changes."), None),
    "credit_note_number_once_an_invoice": (_("This credit note is there already."), None),
    "credit_within_invoice": (_("A credit note takes off no more than was billed."), None),
    "credit_within_line": (_("This is more than is left of the line."), None),
    "deposit_has_the_day_of_its_time": (_("The day of money is that of its time on some clock."), None),
    "deposit_is_money_or_a_payment": (_("Choose how it was paid."), "method"),
    "deposit_is_positive": (_("Enter an amount above zero."), "amount"),
    "deposit_kind_is_known": (_("This is not a kind of deposit."), None),
    "deposit_never_changes": (_("A deposit never changes."), None),
    "deposit_return_has_reason": (_("Say why: the reason stays with the deposit."), "reason"),
    "deposit_within_balance": (_("This is more than the owner's deposit."), "amount"),
    "exception_ends_after_start": (_("The period ends before it begins."), "last"),
    "exception_kind_is_known": (_("Choose what kind of exception it is."), "kind"),
    "exception_of_a_vet_or_a_branch": (_("An exception is of a vet or of a branch."), None),
    "imported_row_once": (_("This row has been imported already."), None),
    "invoice_amount_is_its_lines": (_("An invoice is the sum of its lines."), None),
    "invoice_amount_not_negative": (_("An invoice cannot be negative."), None),
    "invoice_dated_and_numbered_when_issued": (_("An issued invoice has a date and a number."), None),
    "invoice_issued_never_changes": (_("An issued invoice never changes. Correct it with a credit note."), None),
    "invoice_issued_never_deleted": (_("An issued invoice is never deleted."), None),
    "invoice_line_of_issued_invoice_is_final": (_("The lines of an issued invoice never change."), None),
    "invoice_line_total_is_rounded_once": (
        _("A line is its quantity times its price less its discount, rounded once."),
        None,
    ),
    "invoice_line_total_not_negative": (_("A line of an invoice cannot be negative."), None),
    "invoice_line_treatment_once": (_("This treatment is on the invoice already."), None),
    "invoice_number_follows_the_last": (_("Invoice numbers of a year follow each other without a gap."), None),
    "invoice_number_once_a_year": (_("This invoice number is taken."), None),
    "invoice_one_live_for_a_record": (_("This visit has an invoice already."), None),
    "invoice_state_follows_its_balance": (_("The state of an invoice follows from its balance."), None),
    "invoice_status_is_its_own": (_("This is not a state of an invoice."), None),
    "invoice_void_has_the_day_of_its_time": (_("The day of money is that of its time on some clock."), None),
    "invoice_void_has_reason": (_("Say why: the reason stays with the invoice."), "reason"),
    "invoice_voided_when_void": (_("Why, when and by whom an invoice was voided, a void one says alone."), None),
    "invoice_void_only_without_payments": (
        _("Only an invoice without payments is voided. Credit its lines instead."),
        None,
    ),
    "measurement_is_possible": (_("No animal has that."), "value"),
    "measurement_of_signed_visit_is_final": (
        _("The record of this visit is signed: its measurements are final."),
        None,
    ),
    "measurement_of_the_visits_animal": (_("A measurement of a visit is of its animal."), None),
    "measurement_once_a_visit": (_("This is measured once at a visit."), None),
    "measurement_unit_is_that_of_its_kind": (_("This is not the unit of this measurement."), None),
    "medical_record_signed_by_someone": (_("A signed record has an author."), None),
    "medical_record_signed_never_changes": (_("A signed record never changes."), None),
    "nothing_is_emptied": (_("Nothing of the clinic is emptied: rows stay, and end."), None),
    "owner_merge_is_of_two": (_("Choose two different owners."), None),
    "owner_merge_once_until_undone": (_("This owner has been merged already."), None),
    "owner_merge_undone_by_someone": (_("Who undoes a merge is noted with the time."), None),
    "payment_has_the_day_of_its_time": (_("The day of money is that of its time on some clock."), None),
    "payment_is_positive": (_("Enter an amount above zero."), "amount"),
    "payment_kind_is_known": (_("This is not a kind of payment."), None),
    "payment_method_is_known": (_("Choose how it was paid."), "method"),
    "payment_needs_an_open_invoice": (_("Only an issued and unpaid invoice takes payments."), None),
    "payment_never_changes": (_("A payment never changes."), None),
    "payment_within_balance": (_("This is more than is still to pay."), "amount"),
    "pet_alert_ends_after_start": (_("An alert ends after it was noted."), None),
    "pet_alert_kind_is_known": (_("Choose what kind of alert it is."), "kind"),
    "pet_alert_says_what": (_("Say what it is: only “bites” speaks for itself."), "text"),
    "pet_microchip_is_digits": (_("A chip’s number has 9 to 15 digits."), "microchip"),
    "pet_microchip_of_one_animal": (_("Another animal has this chip."), "microchip"),
    "pet_owner_is_not_merged": (_("This owner was merged into another one. Choose that one."), "owner"),
    "pet_owner_language_is_known": (_("Choose one of the languages."), "language"),
    "pet_owner_merged_into_a_last_record": (_("This owner was merged into another one. Choose that one."), None),
    "pet_owner_merged_is_not_active": (_("An owner merged into another one is not active."), None),
    "pet_owner_not_merged_into_itself": (_("Choose two different owners."), None),
    "pet_ownership_ends_after_start": (_("The time of an owner ends after it starts."), None),
    "pet_ownership_one_owner_at_a_time": (_("An animal has one owner at a time."), None),
    "refund_has_reason": (_("Say why: the reason stays with the invoice."), "reason"),
    "refund_within_payments": (_("This is more than was paid."), "amount"),
    "price_change_has_reason": (_("Say why: the reason stays with the price."), "reason"),
    "price_change_is_final": (_("What a change of prices says never changes. Undo it, or make another one."), None),
    "price_change_names_a_service_once": (_("A change of prices names each service once."), None),
    "price_change_undone_by_someone": (_("Who undoes a change of prices is noted with the time."), None),
    "recovery_code_once_a_person": (_("This code is there already."), None),
    "record_addendum_after_signing": (_("Addenda stand under a signed record. This one is open."), None),
    "record_addendum_never_changes": (_("An addendum never changes. Write another one."), None),
    "record_addendum_says_something": (_("Write what is to be added."), "addendum"),
    "record_draft_once_a_page": (_("This page has kept its draft already."), None),
    "record_template_has_text": (_("Write at least one of the texts."), None),
    "record_template_title_once": (_("There is a template of this title already."), "title"),
    "reminder_comes_before_the_visit": (_("A reminder is sent before its visit."), None),
    "reminder_kind_is_known": (_("This is not a kind of reminder."), None),
    "reminder_once": (_("This reminder is planned already."), None),
    "reminder_sent_is_final": (_("A reminder that was sent stays sent."), None),
    "reminder_state_is_known": (_("This is not a state of a reminder."), None),
    "second_factor_has_its_secret": (_("A second factor is a secret of 20 bytes."), None),
    "service_cost_not_negative": (_("A price cannot be negative."), "cost"),
    "service_cost_price_not_negative": (_("A price cannot be negative."), "cost_price"),
    "service_ends_after_start": (_("A price must end after it starts."), "valid_to"),
    "service_one_price_a_day": (_("This service already has a price in that time."), "valid_from"),
    "service_used_price_is_final": (
        _("Treatments have this price: it stays as it is on their days. A new price can start later."),
        "since",
    ),
    "status_code_is_unique_within_type": (_("This code is taken."), None),
    "status_type_is_known": (_("A status is one of a visit or of an invoice."), None),
    "till_count_difference_has_reason": (_("Say why the count differs."), "reason"),
    "till_count_never_changes": (_("A count of the till never changes: count again."), None),
    "till_count_not_negative": (_("Enter zero or more."), "counted"),
    "till_count_not_of_a_future_day": (_("This day has not come yet."), "day"),
    "treatment_discount_has_reason": (_("A discount above 10 % has a reason: say why."), "reason"),
    "treatment_discount_within_price": (_("A discount cannot exceed the price."), "discount"),
    "treatment_of_signed_visit_is_final": (_("The record of this visit is signed: its treatments are final."), None),
    "treatment_price_not_negative": (_("A price cannot be negative."), "unit_price"),
    "treatment_price_holds_on_its_day": (
        _("This price does not hold on that day. Choose the service again."),
        "service",
    ),
    "treatment_quantity_is_positive": (_("Enter a quantity above zero."), "quantity"),
    "vaccination_here_has_its_vet": (_("A dose of a visit has its vet; one given elsewhere has none."), None),
    "vaccination_in_the_life": (_("The animal did not live on this day."), "given_on"),
    "vaccination_letter_once": (_("There is a letter for this day already."), None),
    "vaccination_letter_sent_is_final": (_("This letter was sent: it stays in the outbox as it is."), None),
    "vaccination_letter_state_known": (_("This is not a state of a letter."), None),
    "vaccination_due_once": (_("The next dose of this vaccine is due on one day."), None),
    "vaccination_not_in_the_future": (_("This day is yet to come."), "given_on"),
    "vaccination_of_signed_visit_is_final": (_("The record of this visit is signed: its doses are final."), None),
    "vaccination_of_the_visits_animal": (_("This visit is another animal’s."), None),
    "vaccination_once_a_day": (_("This dose is noted already: the same vaccine, the same day."), "kind"),
    "vaccination_treatment_of_its_visit": (_("This treatment is of another visit."), "treatment"),
    "vaccination_valid_after_given": (
        _("A dose is valid until a day after the one on which it is given."),
        "valid_until",
    ),
    "vaccine_kind_interval_is_possible": (_("Enter a number from 1 to 3660."), "every"),
    "vaccine_kind_name_once": (_("There is a vaccine of this name already."), "name"),
    "vaccine_kind_unit_is_known": (_("Choose days or months."), "unit"),
    "waiting_ends_after_start": (_("The period ends before it begins."), "until"),
    "waiting_for_a_usual_length": (_("A visit takes between 5 minutes and 8 hours."), "minutes"),
    "waiting_for_a_vet_or_a_specialization": (_("Choose a vet, or a specialization."), "vet"),
    "working_hours_do_not_overlap": (_("These hours overlap the ones before."), "starts_at"),
    "working_hours_end_after_start": (_("Working hours must end after they start."), "ends_at"),
    "working_hours_start_once": (_("These working hours are there already."), "starts_at"),
    "working_hours_weekday_is_iso": (_("Choose a day of the week."), "weekday"),
}


def explain(error: IntegrityError) -> RuleViolation:
    """The violation that a database error stands for. An error of no known constraint is raised again."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if name not in REFUSALS:
        raise error
    message, field = REFUSALS[name]
    return RuleViolation(name, message, field)


def action(function: Callable[P, T]) -> Callable[P, T]:
    """One act of the clinic, noted as `by`'s: all in one transaction, or none; refusals of the database explained."""

    @functools.wraps(function)
    def act(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    if "by" in kwargs:
                        act_as(kwargs["by"])
                    return function(*args, **kwargs)
            except IntegrityError as error:
                raise explain(error) from error
            except OperationalError as error:
                if _state(error) == LOCK_NOT_AVAILABLE:
                    raise RuleViolation("busy", BUSY) from error
                if not _is_deadlock(error) or transaction.get_connection().in_atomic_block:
                    raise
                if attempt == ATTEMPTS:
                    raise RuleViolation("busy", BUSY) from error
        raise AssertionError("unreachable")

    return act


def _is_deadlock(error: OperationalError) -> bool:
    return _state(error) in ("40P01", "40001")


def _state(error: OperationalError) -> str | None:
    """The SQLSTATE that PostgreSQL gave."""
    return getattr(error.__cause__, "sqlstate", None)
