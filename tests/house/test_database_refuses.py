"""What the clinic forbids the database refuses too, whoever writes: each constraint, by SQL past all of Python."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import actions
from billing.actions import credit_invoice, take_deposit
from billing.models import TillCount
from clinic.merging import merge_owners
from clinic.models import Appointment, Branch, Breed, ImportedRow, WaitingEntry, WorkingException
from records.actions import add_treatment, sign_record, start_visit
from records.addenda import append_addendum
from records.drafts import keep_draft
from records.models import Attachment, AttachmentMove, MedicalRecord, RecordTemplate, VaccinationLetter
from records.vaccinating import give_dose
from tests.billing.bills import draft, issue, pay
from tests.clinic.pricing import apply, bulk, in_days
from tests.clinic.reminders.rows import due_reminder
from tests.clinic.times import next_morning
from tests.factories import (
    AppointmentFactory,
    BranchFactory,
    MeasurementFactory,
    OwnerFactory,
    PetAlertFactory,
    PetFactory,
    ServiceFactory,
    UserFactory,
    VaccinationFactory,
    VaccineKindFactory,
    VetFactory,
)
from vetclinic.access.actions import make_recovery_codes
from vetclinic.monitoring.models import BackupRun
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


def changed_price():
    ServiceFactory()
    apply(bulk(in_days(8)))


def finished_visit():
    draft("100")


def finished_visit_and_spare_pet():
    finished_visit()
    PetFactory()


def finished_visit_and_spare_vet():
    finished_visit()
    VetFactory()


def measured_visit():
    visit_going_on()
    PetFactory()
    MeasurementFactory(appointment=Appointment.objects.get())


def finished_visit_with_a_weight():
    measured_visit()
    record = MedicalRecord.objects.get()
    sign_record(record=record, by=record.appointment.vet.user)


def issued_invoice():
    issue("100")


def part_paid_invoice():
    pay(issue("100"), "10")


def credited_invoice():
    invoice, manager = issue("100"), UserFactory(role="manager")
    credit_invoice(invoice=invoice, amounts={invoice.lines.get().pk: Decimal(10)}, reason="x", by=manager)


def credited_invoice_of_two_lines():
    invoice, manager = issue("100", "50"), UserFactory(role="manager")
    credit_invoice(invoice=invoice, amounts={invoice.lines.first().pk: Decimal(10)}, reason="x", by=manager)


def void_invoice():
    actions.void_invoice(invoice=issue("100"), reason="x", by=UserFactory(role="manager"))


def void_invoice_and_a_draft():
    void_invoice()
    draft("100")


def deposit_of_100():
    take_deposit(owner=OwnerFactory(), amount=Decimal(100), method="cash", by=UserFactory())


def owners_merged_who_share_a_deposit():
    invoice, one, by = issue("100"), OwnerFactory(), UserFactory(role="manager")
    take_deposit(owner=one, amount=Decimal(100), method="cash", by=by)
    merge_owners(source=one, target=invoice.pet_owner, by=by)
    actions.take_payment(invoice=invoice, amount=Decimal(100), method="deposit", by=by)


def vet_on_leave():
    now = timezone.now()
    WorkingException.objects.create(vet=VetFactory(), kind="leave", starts_at=now, ends_at=now + dt.timedelta(days=1))


def somebody_waiting():
    today = timezone.localdate()
    WaitingEntry.objects.create(pet=PetFactory(), vet=VetFactory(), since=today, until=today)


def living_pet_with_a_visit_ahead():
    start = next_morning()
    AppointmentFactory(date=start, ends_at=start + dt.timedelta(minutes=30))


def two_pets():
    PetFactory.create_batch(2)


def merged_owner_and_a_pet_of_another():
    merge_owners(source=OwnerFactory(), target=OwnerFactory(), by=UserFactory())
    PetFactory()


def planned_reminder():
    due_reminder(AppointmentFactory())


def sent_reminder():
    due_reminder(AppointmentFactory(), state="sent")


def addendum():
    finished_visit()
    record = MedicalRecord.objects.get()
    append_addendum(record=record, text="came back with the result", by=record.author.user)


def draft_of_a_record():
    visit_going_on()
    record = MedicalRecord.objects.get()
    keep_draft(record=record, window=uuid.uuid4(), version=1, fields={"notes": "x"}, by=record.author.user)


def text_template():
    RecordTemplate.objects.create(title="Otitis", diagnosis="Otitis externa")


def backup_run():
    now = timezone.now()
    BackupRun.objects.create(kind="base", started_at=now, ended_at=now, state="failed")


def lists():
    Branch.objects.create(name="North", time_zone="Europe/Moscow")
    Breed.objects.create(species="cat", name="Korat", source="FCI")
    ImportedRow.objects.create(source="a", digest="b", object_id=1)


def file_of_a_visit():
    visit = AppointmentFactory()
    PetFactory()
    Attachment.objects.create(
        pet=visit.pet, appointment=visit, kind="lab", name="a.pdf", content_type="application/pdf", size=1,
        sha256="0" * 64, storage_key=f"00/{'0' * 32}", uploaded_by=visit.vet.user,
    )  # fmt: skip


def moved_file():
    file_of_a_visit()
    attachment = Attachment.objects.get()
    AttachmentMove.objects.create(
        attachment=attachment, from_pet=attachment.pet, to_pet=PetFactory(), reason="x", moved_by=UserFactory()
    )


def dose_elsewhere():
    VaccinationFactory()


def dose_of_a_visit_and_another_visit():
    visit_going_on()
    dose_of(Appointment.objects.get())
    other = AppointmentFactory()
    start_visit(appointment=other, by=other.vet.user)
    add_treatment(appointment=other, service=ServiceFactory(), by=other.vet.user)
    PetFactory()


def dose_of(visit):
    give_dose(appointment=visit, kind=VaccineKindFactory(), by=visit.vet.user)


def dose_of_a_signed_visit():
    visit_going_on()
    visit = Appointment.objects.get()
    dose_of(visit)
    sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)
    VaccineKindFactory()


def letter_about_a_vaccination(state="waiting"):
    now = timezone.now()
    VaccinationLetter.objects.create(pet=PetFactory(), due_on=timezone.localdate(), due_at=now, state=state)


def sent_letter_about_a_vaccination():
    letter_about_a_vaccination("sent")


def person_with_a_recovery_code():
    make_recovery_codes(by=UserFactory())


def counted_till():
    TillCount.objects.create(
        branch=BranchFactory(), day="2026-03-10", opening_float=1, cash=2, counted=3,
        counted_at="2026-03-10T20:00Z", counted_by=UserFactory(),
    )  # fmt: skip


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
WAS_CHANGED = (
    "UPDATE price_change SET undone_at = made_at, undone_by_id = made_by_id; UPDATE price_change SET undone_at = now()"
)
ADD_PRICE_LINE = (
    "INSERT INTO price_change_line (change_id, code, cost) SELECT change_id, code, 1 FROM price_change_line"
)
ADD_TREATMENT_OF_AN_ENDED_PRICE = (
    "INSERT INTO service (name, code, cost, valid_from, valid_to) VALUES ('x', 'x', 1, '2020-01-01', '2020-02-01');"
    "INSERT INTO treatment (appointment_id, service_id, unit_price)"
    " SELECT appointment_id, (SELECT max(id) FROM service), 1 FROM treatment"
)
ADD_INVOICE = (
    "INSERT INTO invoice (pet_owner_id, record_id, vet_id, specialization_id,"
    " amount, status_id, date, year, number, void_reason, voided_at, voided_on)"
    " SELECT pet_owner_id, record_id, vet_id, specialization_id, {} FROM invoice"
)
VOID = "UPDATE invoice SET status_id = 15, void_reason = 'x', voided_at = now(), voided_on = current_date"
COUNT_ON = "UPDATE invoice_counter SET last_number = last_number + 1"
GIVE_NUMBER = (
    "UPDATE invoice SET status_id = 12, date = current_date, year = extract(year FROM current_date), number = {}"
    " WHERE status_id = 11"
)
ISSUE_FOR_ANOTHER_SUM = f"UPDATE invoice SET amount = 99999 WHERE status_id = 11; {COUNT_ON}; {GIVE_NUMBER.format(2)}"
ADD_LINE = (
    "INSERT INTO invoice_line (invoice_id, treatment_id, service_id, name, category, quantity, unit_price, discount, total)"
    " SELECT invoice_id, treatment_id, service_id, name, category, 1, 1, 0, 1 FROM invoice_line"
)
ADD_REMINDER = "INSERT INTO reminder (appointment_id, kind, visit_at, due_at) SELECT id, {} FROM appointment"
ADD_ADDENDUM = "INSERT INTO record_addendum (record_id, author_id, text) SELECT id, author_id, {} FROM medical_record"
ADD_DRAFT = (
    'INSERT INTO record_draft (record_id, writer_id, "window", version, fields)'
    ' SELECT record_id, writer_id, "window", 1, fields FROM record_draft'
)
BORN = "UPDATE pet SET birth_date = '2021-01-01'"
ADD_LETTER = (
    "INSERT INTO vaccination_letter (pet_id, due_on, due_at) SELECT pet_id, due_on, due_at FROM vaccination_letter"
)
ADD_DOSE = (
    "INSERT INTO vaccination (pet_id, kind_id, given_on, valid_until, appointment_id, vet_id)"
    " SELECT pet_id, (SELECT max(id) FROM vaccine_kind), current_date, current_date + 9, id, vet_id FROM appointment"
)
REPEAT_DOSE = (
    "INSERT INTO vaccination (pet_id, kind_id, given_on, valid_until)"
    " SELECT pet_id, kind_id, given_on, valid_until FROM vaccination"
)
ADD_TEMPLATE = "INSERT INTO record_template (title, diagnosis) SELECT title, 'other' FROM record_template"
ADD_PAYMENT = (
    "INSERT INTO payment (invoice_id, amount, method, paid_at, day, taken_by_id)"
    " SELECT invoice.id, {}, now(), current_date, (SELECT max(id) FROM app_user) FROM invoice"
)
ADD_MONEY = (
    "INSERT INTO payment (invoice_id, kind, amount, reason, method, paid_at, day, taken_by_id)"
    " SELECT invoice.id, {}, 'cash', now(), current_date, (SELECT max(id) FROM app_user) FROM invoice"
)
ADD_CREDIT = (
    "INSERT INTO credit_note (invoice_id, date, issued_at, issued_by_id, number, amount, reason)"
    " SELECT id, current_date, now(), (SELECT max(id) FROM app_user), {} FROM invoice"
)
ADD_CREDIT_LINE = (
    "INSERT INTO credit_line (credit_note_id, line_id, amount)"
    " SELECT note.id, line.id, {} FROM credit_note note JOIN invoice_line line USING (invoice_id)"
)
ADD_DEPOSIT = (
    "INSERT INTO deposit (pet_owner_id, noted_at, day, noted_by_id, kind, amount, method, reason)"
    " SELECT pet_owner_id, now(), current_date, noted_by_id, {} FROM deposit"
)
NOW = "SET CONSTRAINTS ALL IMMEDIATE; "  # what is checked at the end of a transaction is checked at once
END = "; SET CONSTRAINTS ALL IMMEDIATE"
OF_THE_OTHER_LINE = " WHERE line.id NOT IN (SELECT line_id FROM credit_line)"
# The constraint of dates refuses a foreign state first: without it the state's own constraint is the next.
FOREIGN_STATE = (
    "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE invoice DROP CONSTRAINT invoice_dated_and_numbered_when_issued;"
    " UPDATE invoice SET status_id = 1"
)

ADD_COUNT = (
    "INSERT INTO till_count (branch_id, day, opening_float, cash, counted, counted_at, counted_by_id)"
    " SELECT branch_id, {}, cash, {}, counted_at, counted_by_id FROM till_count"
)
THE_DEAD_COME = "UPDATE pet SET deceased_at = now(); UPDATE appointment SET status_id = 2"
MERGE_ALL = "UPDATE pet_owner SET is_active = false, merged_into_id = {}"
PART_ALL = "UPDATE pet_owner SET merged_into_id = NULL"
MERGED = "(SELECT id FROM pet_owner WHERE merged_into_id IS NOT NULL)"
ADD_MERGE = (
    "INSERT INTO owner_merge (source_id, target_id, cells, merged_by_id)"
    " SELECT source_id, target_id, cells, merged_by_id FROM owner_merge"
)
ADD_MEASUREMENT = (
    "INSERT INTO measurement (pet_id, appointment_id, kind, value, unit)"
    " SELECT pet_id, appointment_id, {} FROM measurement"
)
ADD_OWNERSHIP = "INSERT INTO pet_ownership (pet_id, pet_owner_id, from_at) SELECT id, pet_owner_id, NULL FROM pet"


class AddFile:
    """INSERT of a copy of the file, with some columns of its own."""

    columns = ("pet_id", "kind", "name", "content_type", "size", "sha256", "storage_key", "uploaded_by_id")

    def format(self, **values: str) -> str:
        chosen = ", ".join(values.get(name, name) for name in self.columns)
        return f"INSERT INTO attachment ({', '.join(self.columns)}) SELECT {chosen} FROM attachment"


ADD_FILE = AddFile()
ADD_MOVE = (
    "INSERT INTO attachment_move (attachment_id, from_pet_id, to_pet_id, reason, moved_by_id)"
    " SELECT attachment_id, from_pet_id, {}, {}, moved_by_id FROM attachment_move"
)

# constraint, what there is, statement
REFUSED = [
    ("account_not_below_zero", owners_merged_who_share_a_deposit, NOW + PART_ALL),
    ("app_user_role_is_known", UserFactory, "UPDATE app_user SET role = 'king'"),
    (
        "appointment_cancelled_for_a_reason",
        living_pet_with_a_visit_ahead,
        "UPDATE appointment SET status_id = 6",
    ),
    ("appointment_ends_after_start", AppointmentFactory, "UPDATE appointment SET ends_at = date"),
    (
        "appointment_of_signed_record_is_final",
        finished_visit_and_spare_pet,
        f"UPDATE appointment SET pet_id = {SPARE_PET}",
    ),
    (
        "appointment_of_signed_record_is_final",
        finished_visit_and_spare_vet,
        f"UPDATE appointment SET vet_id = {SPARE_VET}",
    ),
    ("appointment_of_signed_record_is_final", finished_visit, "UPDATE appointment SET date = date - interval '1 day'"),
    (
        "appointment_of_signed_record_is_final",
        finished_visit,
        "UPDATE appointment SET ends_at = ends_at + interval '1 h'",
    ),
    ("appointment_of_signed_record_is_final", finished_visit, "UPDATE appointment SET reason = 'x'"),
    ("appointment_of_signed_record_is_final", finished_visit, "DELETE FROM appointment"),
    ("appointment_pet_not_double_booked", visit_and_spare_pet_and_vet, BOOK.format("pet_id", SPARE_VET, 1)),
    ("appointment_pet_lives", living_pet_with_a_visit_ahead, THE_DEAD_COME),
    ("appointment_squeeze_has_reason", AppointmentFactory, "UPDATE appointment SET squeezed_in = true"),
    ("appointment_status_follows_the_table", AppointmentFactory, "UPDATE appointment SET status_id = 5"),
    ("appointment_status_is_its_own", visit_and_spare_pet_and_vet, BOOK.format(SPARE_PET, SPARE_VET, 11)),
    ("appointment_vet_not_double_booked", visit_and_spare_pet_and_vet, BOOK.format(SPARE_PET, "vet_id", 1)),
    ("attachment_file_is_final", file_of_a_visit, "UPDATE attachment SET name = 'x'"),
    ("attachment_has_its_sha256", file_of_a_visit, ADD_FILE.format(sha256="'x'")),
    ("attachment_is_not_empty", file_of_a_visit, ADD_FILE.format(size="0")),
    ("attachment_key_is_random", file_of_a_visit, ADD_FILE.format(storage_key="'../x'")),
    ("attachment_kind_is_known", file_of_a_visit, "UPDATE attachment SET kind = 'x'"),
    ("attachment_move_has_reason", moved_file, ADD_MOVE.format("to_pet_id", "''")),
    ("attachment_move_is_between_two", moved_file, ADD_MOVE.format("from_pet_id", "'x'")),
    ("attachment_move_is_final", moved_file, "UPDATE attachment_move SET reason = 'x'"),
    ("attachment_move_is_final", moved_file, "DELETE FROM attachment_move"),
    ("attachment_never_deleted", file_of_a_visit, "DELETE FROM attachment"),
    ("attachment_storage_key_key", file_of_a_visit, ADD_FILE.format()),
    ("attachment_type_is_served", file_of_a_visit, ADD_FILE.format(content_type="'text/html'")),
    (
        "attachment_visit_is_of_its_animal",
        file_of_a_visit,
        "UPDATE attachment SET pet_id = (SELECT max(id) FROM pet)",
    ),
    (
        "attachment_withdrawn_by_someone_for_a_reason",
        file_of_a_visit,
        "UPDATE attachment SET withdrawn_at = now(), withdrawn_by_id = uploaded_by_id",
    ),
    ("backup_run_is_final", backup_run, "UPDATE backup_run SET state = 'ok'"),
    ("backup_run_is_final", backup_run, "DELETE FROM backup_run"),
    ("branch_name_key", lists, "INSERT INTO branch (name, time_zone) VALUES ('North', 'UTC')"),
    ("breed_is_listed_once", lists, "INSERT INTO breed (species, name, source) VALUES ('cat', 'Korat', 'VBO')"),
    ("change_log_is_final", AppointmentFactory, "UPDATE change_log SET by_id = NULL"),
    ("change_log_is_final", AppointmentFactory, "DELETE FROM change_log"),
    ("credit_amount_is_its_lines", issued_invoice, NOW + ADD_CREDIT.format("1, 50, 'x'")),
    ("credit_amount_is_its_lines", credited_invoice_of_two_lines, NOW + ADD_CREDIT_LINE.format(1) + OF_THE_OTHER_LINE),
    ("credit_has_reason", issued_invoice, ADD_CREDIT.format("1, 50, ''")),
    ("credit_is_positive", issued_invoice, ADD_CREDIT.format("1, 0, 'x'")),
    ("credit_line_is_positive", credited_invoice, ADD_CREDIT_LINE.format(0)),
    ("credit_line_once_a_note", credited_invoice, ADD_CREDIT_LINE.format(1)),
    ("credit_needs_a_refund_first", part_paid_invoice, ADD_CREDIT.format("1, 91, 'x'")),
    ("credit_needs_an_issued_invoice", finished_visit, ADD_CREDIT.format("1, 50, 'x'")),
    ("credit_never_changes", credited_invoice, "UPDATE credit_note SET amount = 1"),
    ("credit_never_changes", credited_invoice, "DELETE FROM credit_note"),
    ("credit_never_changes", credited_invoice, "UPDATE credit_line SET amount = 1"),
    ("credit_never_changes", credited_invoice, "DELETE FROM credit_line"),
    ("credit_note_number_once_an_invoice", credited_invoice, ADD_CREDIT.format("1, 50, 'x'")),
    ("credit_within_invoice", issued_invoice, ADD_CREDIT.format("1, 101, 'x'")),
    ("credit_within_line", credited_invoice, ADD_CREDIT_LINE.format(91)),
    (
        "deposit_has_the_day_of_its_time",
        deposit_of_100,
        ADD_DEPOSIT.format("'taken', 1, 'cash', ''").replace("current_date", "current_date - 2"),
    ),
    ("deposit_is_money_or_a_payment", deposit_of_100, ADD_DEPOSIT.format("'taken', 1, '', ''")),
    ("deposit_is_money_or_a_payment", deposit_of_100, ADD_DEPOSIT.format("'used', 1, 'cash', ''")),
    ("deposit_is_positive", deposit_of_100, ADD_DEPOSIT.format("'taken', 0, 'cash', ''")),
    ("deposit_kind_is_known", deposit_of_100, ADD_DEPOSIT.format("'lost', 1, 'cash', ''")),
    ("deposit_never_changes", deposit_of_100, "UPDATE deposit SET amount = 1000"),
    ("deposit_never_changes", deposit_of_100, "DELETE FROM deposit"),
    ("deposit_return_has_reason", deposit_of_100, ADD_DEPOSIT.format("'returned', 1, 'cash', ''")),
    ("deposit_within_balance", deposit_of_100, ADD_DEPOSIT.format("'returned', 101, 'cash', 'x'")),
    ("exception_ends_after_start", vet_on_leave, "UPDATE working_exception SET ends_at = starts_at"),
    ("exception_kind_is_known", vet_on_leave, "UPDATE working_exception SET kind = 'mood'"),
    ("exception_of_a_vet_or_a_branch", vet_on_leave, "UPDATE working_exception SET vet_id = NULL"),
    (
        "imported_row_once",
        lists,
        "INSERT INTO imported_row (source, digest, occurrence, object_id) VALUES ('a', 'b', 1, 2)",
    ),
    ("invoice_amount_is_its_lines", void_invoice_and_a_draft, ISSUE_FOR_ANOTHER_SUM + END),
    ("invoice_amount_is_its_lines", finished_visit, NOW + "UPDATE invoice SET amount = 99"),
    ("invoice_amount_is_its_lines", finished_visit, NOW + "DELETE FROM invoice_line"),
    ("invoice_amount_is_its_lines", void_invoice, NOW + ADD_INVOICE.format("1, 11, NULL, NULL, NULL, '', NULL, NULL")),
    ("invoice_amount_not_negative", finished_visit, "UPDATE invoice SET amount = -1"),
    ("invoice_dated_and_numbered_when_issued", finished_visit, "UPDATE invoice SET status_id = 12"),
    ("invoice_issued_never_changes", issued_invoice, "UPDATE invoice SET amount = 1"),
    ("invoice_issued_never_changes", issued_invoice, "UPDATE invoice SET branch_id = NULL"),
    ("invoice_issued_never_changes", issued_invoice, "UPDATE invoice SET species = 'parrot'"),
    ("invoice_issued_never_changes", void_invoice, "UPDATE invoice SET void_reason = 'y'"),
    ("invoice_issued_never_changes", void_invoice, "UPDATE invoice SET voided_at = now() - interval '40 days'"),
    ("invoice_issued_never_changes", void_invoice, "UPDATE invoice SET voided_by_id = NULL"),
    ("invoice_issued_never_deleted", issued_invoice, "DELETE FROM invoice"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, "UPDATE invoice_line SET total = 1"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, "DELETE FROM invoice_line"),
    ("invoice_line_of_issued_invoice_is_final", issued_invoice, ADD_LINE),
    ("invoice_line_total_is_rounded_once", finished_visit, "UPDATE invoice_line SET total = total + 0.01"),
    (
        "invoice_line_total_not_negative",
        finished_visit,
        "UPDATE invoice_line SET total = -1, discount = unit_price + 1",
    ),
    ("invoice_line_treatment_once", finished_visit, ADD_LINE),
    ("invoice_number_follows_the_last", void_invoice, ADD_INVOICE.format("1, 14, date, year, 9999, '', NULL, NULL")),
    ("invoice_number_follows_the_last", void_invoice_and_a_draft, GIVE_NUMBER.format(7)),
    ("invoice_number_follows_the_last", issued_invoice, "UPDATE invoice_counter SET last_number = 7"),
    ("invoice_number_follows_the_last", issued_invoice, NOW + COUNT_ON),
    ("invoice_number_follows_the_last", issued_invoice, "DELETE FROM invoice_counter"),
    ("invoice_number_follows_the_last", None, "INSERT INTO invoice_counter (year, last_number) VALUES (2026, 7)"),
    (
        "invoice_number_once_a_year",
        issued_invoice,
        ADD_INVOICE.format("1, 15, date, year, number, 'x', now(), current_date"),
    ),
    ("invoice_one_live_for_a_record", finished_visit, ADD_INVOICE.format("1, 11, NULL, NULL, NULL, '', NULL, NULL")),
    ("invoice_state_follows_its_balance", issued_invoice, NOW + "UPDATE invoice SET status_id = 14"),
    ("invoice_void_has_reason", issued_invoice, VOID.replace("'x'", "''")),
    ("invoice_void_has_the_day_of_its_time", issued_invoice, VOID.replace("current_date", "current_date - 2")),
    ("invoice_void_only_without_payments", part_paid_invoice, NOW + VOID),
    ("invoice_voided_when_void", issued_invoice, "UPDATE invoice SET status_id = 15, void_reason = 'x'"),
    ("invoice_voided_when_void", part_paid_invoice, "UPDATE invoice SET void_reason = 'x'"),
    ("invoice_voided_when_void", part_paid_invoice, "UPDATE invoice SET voided_at = now()"),
    ("invoice_voided_when_void", finished_visit, "UPDATE invoice SET voided_by_id = (SELECT max(id) FROM app_user)"),
    ("invoice_status_is_its_own", finished_visit, FOREIGN_STATE),
    ("measurement_is_possible", measured_visit, "UPDATE measurement SET value = 0"),
    ("measurement_is_possible", measured_visit, "UPDATE measurement SET value = -1"),
    ("measurement_is_possible", measured_visit, "UPDATE measurement SET value = 2000"),
    ("measurement_is_possible", measured_visit, ADD_MEASUREMENT.format("'temperature', 50, '°C'")),
    (
        "measurement_of_signed_visit_is_final",
        finished_visit_with_a_weight,
        ADD_MEASUREMENT.format("'pulse', 100, '/min'"),
    ),
    ("measurement_of_signed_visit_is_final", finished_visit_with_a_weight, "UPDATE measurement SET value = 5"),
    (
        "measurement_of_signed_visit_is_final",
        finished_visit_with_a_weight,
        "UPDATE measurement SET appointment_id = NULL",
    ),
    ("measurement_of_signed_visit_is_final", finished_visit_with_a_weight, "DELETE FROM measurement"),
    ("measurement_of_the_visits_animal", measured_visit, f"UPDATE measurement SET pet_id = {SPARE_PET}"),
    ("measurement_once_a_visit", measured_visit, ADD_MEASUREMENT.format("kind, 5, unit")),
    ("measurement_unit_is_that_of_its_kind", measured_visit, "UPDATE measurement SET unit = 'lb'"),
    (
        "medical_record_signed_by_someone",
        visit_going_on,
        "UPDATE medical_record SET author_id = NULL, signed_at = now()",
    ),
    ("medical_record_signed_never_changes", finished_visit, "UPDATE medical_record SET notes = 'x'"),
    ("medical_record_signed_never_changes", finished_visit, "DELETE FROM medical_record"),
    ("nothing_is_emptied", None, "SET LOCAL vetclinic.may_empty = off; TRUNCATE credit_line"),
    ("owner_merge_is_of_two", merged_owner_and_a_pet_of_another, "UPDATE owner_merge SET target_id = source_id"),
    ("owner_merge_once_until_undone", merged_owner_and_a_pet_of_another, ADD_MERGE),
    ("owner_merge_undone_by_someone", merged_owner_and_a_pet_of_another, "UPDATE owner_merge SET undone_at = now()"),
    (
        "payment_has_the_day_of_its_time",
        issued_invoice,
        ADD_PAYMENT.format("1, 'cash'").replace("current_date", "current_date + 2"),
    ),
    ("payment_is_positive", issued_invoice, ADD_PAYMENT.format("0, 'cash'")),
    ("payment_kind_is_known", issued_invoice, ADD_MONEY.format("'gift', 1, ''")),
    ("refund_has_reason", part_paid_invoice, ADD_MONEY.format("'refund', 1, ''")),
    ("refund_within_payments", part_paid_invoice, ADD_MONEY.format("'refund', 11, 'x'")),
    ("payment_method_is_known", issued_invoice, ADD_PAYMENT.format("1, 'barter'")),
    ("payment_needs_an_open_invoice", finished_visit, ADD_PAYMENT.format("1, 'cash'")),
    ("payment_never_changes", part_paid_invoice, "UPDATE payment SET amount = 1"),
    ("payment_never_changes", part_paid_invoice, "DELETE FROM payment"),
    ("payment_within_balance", part_paid_invoice, ADD_PAYMENT.format("91, 'cash'")),
    ("pet_alert_ends_after_start", PetAlertFactory, "UPDATE pet_alert SET ended_at = noted_at - interval '1 hour'"),
    ("pet_alert_kind_is_known", PetAlertFactory, "UPDATE pet_alert SET kind = 'mood'"),
    ("pet_alert_says_what", PetAlertFactory, "UPDATE pet_alert SET text = ''"),
    ("pet_microchip_is_digits", PetFactory, "UPDATE pet SET microchip = '12 34'"),
    ("pet_microchip_of_one_animal", two_pets, "UPDATE pet SET microchip = '643094100123456'"),
    ("pet_owner_is_not_merged", merged_owner_and_a_pet_of_another, f"UPDATE pet SET pet_owner_id = {MERGED}"),
    (
        "pet_owner_is_not_merged",
        merged_owner_and_a_pet_of_another,
        f"INSERT INTO pet (name, pet_owner_id) VALUES ('Rex', {MERGED})",
    ),
    (
        "pet_owner_merged_into_a_last_record",
        merged_owner_and_a_pet_of_another,
        MERGE_ALL.format(MERGED) + " WHERE merged_into_id IS NULL",
    ),
    ("pet_owner_language_is_known", OwnerFactory, "UPDATE pet_owner SET language = 'xx'"),
    ("pet_owner_merged_is_not_active", merged_owner_and_a_pet_of_another, "UPDATE pet_owner SET is_active = true"),
    ("pet_owner_not_merged_into_itself", OwnerFactory, MERGE_ALL.format("id")),
    ("pet_ownership_ends_after_start", PetFactory, "UPDATE pet_ownership SET until_at = from_at - interval '1 day'"),
    ("pet_ownership_one_owner_at_a_time", PetFactory, ADD_OWNERSHIP),
    ("reminder_comes_before_the_visit", AppointmentFactory, ADD_REMINDER.format("'day_before', date, date")),
    ("reminder_kind_is_known", planned_reminder, "UPDATE reminder SET kind = 'hourly'"),
    ("reminder_once", planned_reminder, ADD_REMINDER.format("'day_before', date, date - interval '1 hour'")),
    ("reminder_sent_is_final", sent_reminder, "UPDATE reminder SET state = 'waiting'"),
    ("reminder_state_is_known", planned_reminder, "UPDATE reminder SET state = 'lost'"),
    (
        "price_change_has_reason",
        changed_price,
        "INSERT INTO price_change (since, reason, made_by_id) SELECT since, ' ', made_by_id FROM price_change",
    ),
    ("price_change_is_final", changed_price, "UPDATE price_change SET reason = 'x'"),
    ("price_change_is_final", changed_price, "UPDATE price_change SET since = since + 1"),
    ("price_change_is_final", changed_price, "DELETE FROM price_change"),
    ("price_change_is_final", changed_price, WAS_CHANGED),
    ("price_change_names_a_service_once", changed_price, ADD_PRICE_LINE),
    ("price_change_undone_by_someone", changed_price, "UPDATE price_change SET undone_at = now()"),
    (
        "recovery_code_once_a_person",
        person_with_a_recovery_code,
        "INSERT INTO recovery_code (user_id, digest) SELECT user_id, digest FROM recovery_code",
    ),
    ("record_addendum_after_signing", visit_going_on, ADD_ADDENDUM.format("'late'")),
    ("record_addendum_never_changes", addendum, "UPDATE record_addendum SET text = 'other'"),
    ("record_addendum_never_changes", addendum, "DELETE FROM record_addendum"),
    ("record_addendum_says_something", finished_visit, ADD_ADDENDUM.format("E' \\n'")),
    ("record_draft_once_a_page", draft_of_a_record, ADD_DRAFT),
    ("record_template_has_text", text_template, "UPDATE record_template SET diagnosis = ''"),
    ("record_template_title_once", text_template, ADD_TEMPLATE),
    ("service_cost_price_not_negative", ServiceFactory, "UPDATE service SET cost_price = -1"),
    (
        "second_factor_has_its_secret",
        UserFactory,
        "INSERT INTO second_factor (user_id, secret) SELECT id, 'short' FROM app_user",
    ),
    ("service_cost_not_negative", ServiceFactory, "UPDATE service SET cost = -1"),
    ("service_ends_after_start", ServiceFactory, "UPDATE service SET valid_to = valid_from"),
    ("service_one_price_a_day", ServiceFactory, ADD_PRICE),
    (
        "status_code_is_unique_within_type",
        None,
        "INSERT INTO status (name, type, code) VALUES ('x', 'invoice', 'paid')",
    ),
    ("status_type_is_known", None, "INSERT INTO status (name, type, code) VALUES ('x', 'weather', 'x')"),
    ("service_used_price_is_final", visit_going_on, "UPDATE service SET cost = 1"),
    ("service_used_price_is_final", visit_going_on, "UPDATE service SET valid_to = current_date - 2"),
    ("till_count_difference_has_reason", counted_till, ADD_COUNT.format("day, 1", "4")),
    ("till_count_never_changes", counted_till, "UPDATE till_count SET counted = 3"),
    ("till_count_never_changes", counted_till, "DELETE FROM till_count"),
    ("till_count_not_negative", counted_till, ADD_COUNT.format("day, -3", "-1")),
    ("till_count_not_of_a_future_day", counted_till, ADD_COUNT.format("day + 1, 1", "3")),
    ("treatment_discount_has_reason", visit_going_on, "UPDATE treatment SET discount = unit_price * 0.11"),
    (
        "treatment_discount_within_price",
        visit_going_on,
        "UPDATE treatment SET discount = unit_price + 1, discount_reason = 'x'",
    ),
    ("treatment_of_signed_visit_is_final", finished_visit, "UPDATE treatment SET quantity = 2"),
    ("treatment_of_signed_visit_is_final", finished_visit, "DELETE FROM treatment"),
    ("treatment_of_signed_visit_is_final", finished_visit, ADD_TREATMENT),
    ("treatment_price_holds_on_its_day", visit_going_on, "UPDATE treatment SET date = date - 90"),
    ("treatment_price_holds_on_its_day", visit_going_on, ADD_TREATMENT_OF_AN_ENDED_PRICE),
    ("treatment_price_not_negative", visit_going_on, "UPDATE treatment SET quantity = 0, unit_price = -1"),
    ("treatment_quantity_is_positive", visit_going_on, "UPDATE treatment SET quantity = 0"),
    (
        "vaccination_due_once",
        dose_of_a_visit_and_another_visit,
        "INSERT INTO vaccination_due (vaccination_id, pet_id, kind_id, due_on) SELECT 0, pet_id, kind_id, due_on FROM vaccination_due",
    ),
    ("vaccination_here_has_its_vet", dose_of_a_visit_and_another_visit, "UPDATE vaccination SET vet_id = NULL"),
    ("vaccination_in_the_life", dose_elsewhere, f"{BORN}; UPDATE vaccination SET given_on = '2020-01-01'"),
    ("vaccination_letter_once", letter_about_a_vaccination, ADD_LETTER),
    ("vaccination_letter_sent_is_final", sent_letter_about_a_vaccination, "UPDATE vaccination_letter SET state = 'x'"),
    ("vaccination_letter_state_known", letter_about_a_vaccination, "UPDATE vaccination_letter SET state = 'lost'"),
    ("vaccination_not_in_the_future", dose_elsewhere, "UPDATE vaccination SET given_on = current_date + 2"),
    ("vaccination_of_signed_visit_is_final", dose_of_a_signed_visit, "UPDATE vaccination SET batch = 'x'"),
    ("vaccination_of_signed_visit_is_final", dose_of_a_signed_visit, "DELETE FROM vaccination"),
    ("vaccination_of_signed_visit_is_final", dose_of_a_signed_visit, ADD_DOSE),
    (
        "vaccination_of_the_visits_animal",
        dose_of_a_visit_and_another_visit,
        "UPDATE vaccination SET pet_id = (SELECT max(id) FROM pet)",
    ),
    ("vaccination_once_a_day", dose_elsewhere, REPEAT_DOSE),
    (
        "vaccination_treatment_of_its_visit",
        dose_of_a_visit_and_another_visit,
        "UPDATE vaccination SET treatment_id = (SELECT max(id) FROM treatment)",
    ),
    ("vaccination_valid_after_given", dose_elsewhere, "UPDATE vaccination SET valid_until = given_on"),
    ("vaccine_kind_interval_is_possible", VaccineKindFactory, "UPDATE vaccine_kind SET every = 0"),
    ("vaccine_kind_name_once", VaccineKindFactory, "INSERT INTO vaccine_kind (name) SELECT name FROM vaccine_kind"),
    ("vaccine_kind_unit_is_known", VaccineKindFactory, "UPDATE vaccine_kind SET unit = 'year'"),
    ("waiting_ends_after_start", somebody_waiting, "UPDATE waiting_entry SET until = since - 1"),
    ("waiting_for_a_usual_length", somebody_waiting, "UPDATE waiting_entry SET minutes = 0"),
    ("waiting_for_a_vet_or_a_specialization", somebody_waiting, "UPDATE waiting_entry SET vet_id = NULL"),
    ("working_hours_do_not_overlap", VetFactory, ADD_HOURS.format("1, '08:30'::time, '09:30'::time")),
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
