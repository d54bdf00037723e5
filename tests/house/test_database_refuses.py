"""What the clinic forbids the database refuses too, whoever writes: each constraint, by SQL past all of Python."""

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import Branch, Breed, ImportedRow
from records.actions import add_treatment, start_visit
from tests.billing.bills import draft, issue, pay
from tests.clinic.reminders.rows import due_reminder
from tests.factories import AppointmentFactory, PetFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.refusals import REFUSALS

pytestmark = pytest.mark.django_db

# -- What there is before the statement ---------------------------------------------------------------------


def visit_and_spare_pet_and_vet():
    AppointmentFactory()
    PetFactory()
    VetFactory()


def visit_going_on():
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)


def finished_visit():
    draft("100")


def issued_invoice():
    issue("100")


def part_paid_invoice():
    pay(issue("100"), "10")


def planned_reminder():
    due_reminder(AppointmentFactory())


def sent_reminder():
    due_reminder(AppointmentFactory(), state="sent")


def lists():
    Branch.objects.create(name="North", time_zone="Europe/Moscow")
    Breed.objects.create(species="cat", name="Korat", source="FCI")
    ImportedRow.objects.create(source="a", digest="b", object_id=1)


# -- The statement ------------------------------------------------------------------------------------------

BOOK = (
    "INSERT INTO appointment (pet_id, vet_id, date, ends_at, reason, status_id)"
    " SELECT {}, {}, date, ends_at, reason, {} FROM appointment"
)
SPARE_PET, SPARE_VET = "(SELECT max(id) FROM pet)", "(SELECT max(id) FROM veterinarian)"
ADD_HOURS = "INSERT INTO working_hours (vet_id, weekday, starts_at, ends_at) SELECT max(id), {} FROM veterinarian"
ADD_PRICE = "INSERT INTO service (name, code, cost, valid_from, valid_to) SELECT name, code, 1, '2030-01-01', valid_to FROM service"
ADD_TREATMENT = (
    "INSERT INTO treatment (appointment_id, service_id, unit_price) SELECT appointment_id, service_id, 1 FROM treatment"
)
ADD_INVOICE = (
    "INSERT INTO invoice (pet_owner_id, record_id, amount, status_id, year, number)"
    " SELECT pet_owner_id, record_id, 1, {}, year, number FROM invoice"
)
ADD_LINE = (
    "INSERT INTO invoice_line (invoice_id, treatment_id, service_id, name, quantity, unit_price, discount, total)"
    " SELECT invoice_id, treatment_id, service_id, name, 1, 1, 0, 1 FROM invoice_line"
)
ADD_REMINDER = "INSERT INTO reminder (appointment_id, kind, visit_at, due_at) SELECT id, {} FROM appointment"
ADD_PAYMENT = (
    "INSERT INTO payment (invoice_id, amount, method, paid_at, taken_by_id)"
    " SELECT invoice.id, {}, now(), (SELECT max(id) FROM app_user) FROM invoice"
)
# The constraint of dates refuses a foreign state first: without it the state's own constraint is the next.
FOREIGN_STATE = (
    "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE invoice DROP CONSTRAINT invoice_dated_and_numbered_when_issued;"
    " UPDATE invoice SET status_id = 1"
)

# constraint, what there is, statement
REFUSED = [
    ("app_user_role_is_known", UserFactory, "UPDATE app_user SET role = 'king'"),
    ("appointment_ends_after_start", AppointmentFactory, "UPDATE appointment SET ends_at = date"),
    ("appointment_pet_not_double_booked", visit_and_spare_pet_and_vet, BOOK.format("pet_id", SPARE_VET, 1)),
    ("appointment_squeeze_has_reason", AppointmentFactory, "UPDATE appointment SET squeezed_in = true"),
    ("appointment_status_follows_the_table", AppointmentFactory, "UPDATE appointment SET status_id = 5"),
    ("appointment_status_is_its_own", visit_and_spare_pet_and_vet, BOOK.format(SPARE_PET, SPARE_VET, 11)),
    ("appointment_vet_not_double_booked", visit_and_spare_pet_and_vet, BOOK.format(SPARE_PET, "vet_id", 1)),
    ("branch_name_key", lists, "INSERT INTO branch (name, time_zone) VALUES ('North', 'UTC')"),
    ("breed_is_listed_once", lists, "INSERT INTO breed (species, name, source) VALUES ('cat', 'Korat', 'VBO')"),
    (
        "imported_row_once",
        lists,
        "INSERT INTO imported_row (source, digest, occurrence, object_id) VALUES ('a', 'b', 1, 2)",
    ),
    ("invoice_amount_not_negative", finished_visit, "UPDATE invoice SET amount = -1"),
    ("invoice_dated_and_numbered_when_issued", finished_visit, "UPDATE invoice SET status_id = 12"),
    ("invoice_issued_never_changes", issued_invoice, "UPDATE invoice SET amount = 1"),
    ("invoice_issued_never_deleted", issued_invoice, "DELETE FROM invoice"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, "UPDATE invoice_line SET total = 1"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, "DELETE FROM invoice_line"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, ADD_LINE),
    ("invoice_line_total_not_negative", finished_visit, "UPDATE invoice_line SET total = -1"),
    ("invoice_line_treatment_once", finished_visit, ADD_LINE),
    ("invoice_number_once_a_year", issued_invoice, ADD_INVOICE.format(15)),
    ("invoice_one_live_for_a_record", finished_visit, ADD_INVOICE.format(11)),
    ("invoice_status_is_its_own", finished_visit, FOREIGN_STATE),
    (
        "medical_record_signed_by_someone",
        visit_going_on,
        "UPDATE medical_record SET author_id = NULL, signed_at = now()",
    ),
    ("medical_record_signed_never_changes", finished_visit, "UPDATE medical_record SET notes = 'x'"),
    ("medical_record_signed_never_changes", finished_visit, "DELETE FROM medical_record"),
    ("payment_is_positive", issued_invoice, ADD_PAYMENT.format("0, 'cash'")),
    ("payment_method_is_known", issued_invoice, ADD_PAYMENT.format("1, 'barter'")),
    ("payment_needs_an_open_invoice", finished_visit, ADD_PAYMENT.format("1, 'cash'")),
    ("payment_never_changes", part_paid_invoice, "UPDATE payment SET amount = 1"),
    ("payment_never_changes", part_paid_invoice, "DELETE FROM payment"),
    ("payment_within_balance", part_paid_invoice, ADD_PAYMENT.format("91, 'cash'")),
    ("reminder_comes_before_the_visit", AppointmentFactory, ADD_REMINDER.format("'day_before', date, date")),
    ("reminder_kind_is_known", planned_reminder, "UPDATE reminder SET kind = 'hourly'"),
    ("reminder_once", planned_reminder, ADD_REMINDER.format("'day_before', date, date - interval '1 hour'")),
    ("reminder_sent_is_final", sent_reminder, "UPDATE reminder SET state = 'waiting'"),
    ("reminder_state_is_known", planned_reminder, "UPDATE reminder SET state = 'lost'"),
    ("service_cost_not_negative", ServiceFactory, "UPDATE service SET cost = -1"),
    ("service_ends_after_start", ServiceFactory, "UPDATE service SET valid_to = valid_from"),
    ("service_one_price_a_day", ServiceFactory, ADD_PRICE),
    (
        "status_code_is_unique_within_type",
        None,
        "INSERT INTO status (name, type, code) VALUES ('x', 'invoice', 'paid')",
    ),
    ("status_type_is_known", None, "INSERT INTO status (name, type, code) VALUES ('x', 'weather', 'x')"),
    ("treatment_discount_within_price", visit_going_on, "UPDATE treatment SET discount = unit_price + 1"),
    ("treatment_of_signed_visit_is_final", finished_visit, "UPDATE treatment SET quantity = 2"),
    ("treatment_of_signed_visit_is_final", finished_visit, "DELETE FROM treatment"),
    ("treatment_of_signed_visit_is_final", finished_visit, ADD_TREATMENT),
    ("treatment_price_not_negative", visit_going_on, "UPDATE treatment SET quantity = 0, unit_price = -1"),
    ("treatment_quantity_is_positive", visit_going_on, "UPDATE treatment SET quantity = 0"),
    ("working_hours_end_after_start", VetFactory, ADD_HOURS.format("1, '20:00'::time, '19:00'::time")),
    ("working_hours_start_once", VetFactory, ADD_HOURS.format("1, '09:00'::time, '10:00'::time")),
    ("working_hours_weekday_is_iso", VetFactory, ADD_HOURS.format("8, '09:00'::time, '10:00'::time")),
]


@pytest.mark.parametrize(("constraint", "given", "statement"), REFUSED)
def test_database_refuses_by_the_named_constraint(constraint, given, statement):
    if given:
        given()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert refusal.value.__cause__.diag.constraint_name == constraint


def test_every_refusal_has_been_provoked():
    assert {constraint for constraint, *_more in REFUSED} == set(REFUSALS)
