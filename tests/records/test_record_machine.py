"""Two vets write, treat, sign and add at random: what is signed stays, and no accepted text is ever lost."""

import uuid
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic.models import Appointment
from records.actions import add_treatment, remove_treatment, save_record, sign_record, start_visit
from records.addenda import append_addendum
from records.drafts import keep_draft
from records.forms import TEXTS
from records.models import MedicalRecord, RecordAddendum, RecordDraft, Treatment
from tests.factories import AppointmentFactory, ServiceFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

WHICH = st.integers(0, 1)
STRANGER = st.sampled_from([False, False, False, True])  # mostly the vet of the visit acts
WORDS = st.sampled_from(["", "sprain", "fracture", "rest", "Отит 🐈", "two\nlines"])
WINDOWS = [uuid.UUID(int=number) for number in range(3)]
QUANTITIES = st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(3)])


class Records(RuleBasedStateMachine):
    """Two vets with a visit each; whoever acts, acts on either."""

    @initialize()
    def open_the_visits(self):
        self.savepoint = transaction.savepoint()
        self.vets = [VetFactory() for _vet in range(2)]
        self.records = [start_visit(appointment=AppointmentFactory(vet=vet), by=vet.user) for vet in self.vets]
        self.service = ServiceFactory(cost=Decimal("99.99"))
        for which in range(2):
            self.treat_with(which, Decimal(1), stranger=False)
        self.accepted: dict[int, list[dict[str, str]]] = defaultdict(list)
        self.versions = {record.pk: record.version for record in self.records}
        self.typed: dict[tuple, dict[str, str]] = {}
        self.signed: dict[int, tuple] = {}
        self.added: dict[int, str] = {}

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def attempt(self, action, **wanted):
        """What the action gives, or None: a refusal leaves no trace in the log."""
        before = Change.objects.count()
        try:
            return action(**wanted)
        except RuleViolation:
            assert Change.objects.count() == before
            return None

    def stored(self, which) -> MedicalRecord:
        return MedicalRecord.objects.select_related("appointment__vet").get(pk=self.records[which].pk)

    def person(self, which, stranger):
        """The vet of a visit, or the other one."""
        return self.vets[1 - which if stranger else which].user

    # -- What people do ------------------------------------------------------------------------------------

    @rule(which=WHICH, stranger=STRANGER, behind=st.integers(0, 2), name=st.sampled_from(TEXTS), words=WORDS)
    def save(self, which, stranger, behind, name, words):
        record = self.stored(which)
        text = {each: getattr(record, each) for each in TEXTS} | {name: words}
        changes = words != getattr(record, name)
        seen = max(record.version - behind, 1)
        saved = self.attempt(save_record, record=record, version=seen, **text, by=self.person(which, stranger))
        if saved:
            assert not stranger
            assert not changes or seen == record.version
            self.accepted[record.pk].append(text)

    @rule(which=WHICH, stranger=STRANGER, window=st.integers(0, 2), words=WORDS)
    def type(self, which, stranger, window, words):
        record, fields = self.stored(which), {"notes": words}
        before = Change.objects.count()
        kept = self.attempt(
            keep_draft,
            record=record,
            window=WINDOWS[window],
            version=record.version,
            fields=fields,
            by=self.person(which, stranger),
        )
        if not stranger:
            self.typed[record.pk, WINDOWS[window]] = fields if kept else {}
        assert Change.objects.count() == before

    @rule(which=WHICH, stranger=STRANGER, quantity=QUANTITIES)
    def treat(self, which, stranger, quantity):
        self.treat_with(which, quantity, stranger=stranger)

    def treat_with(self, which, quantity, *, stranger):
        visit, by = self.stored(which).appointment, self.person(which, stranger)
        self.attempt(add_treatment, appointment=visit, service=self.service, quantity=quantity, by=by)

    @rule(number=st.integers(0, 9), which=WHICH)
    def untreat(self, number, which):
        treatments = list(Treatment.objects.order_by("id"))
        if treatments:
            self.attempt(remove_treatment, treatment=treatments[number % len(treatments)], by=self.vets[which].user)

    @rule(which=WHICH, stranger=STRANGER)
    def sign(self, which, stranger):
        """The vet signs, and remembers something at once: so there is always an addendum to be meddled with."""
        if self.attempt(sign_record, record=self.stored(which), by=self.person(which, stranger)):
            self.signed[self.records[which].pk] = self.written(which)
            self.add_words(which, "Call on Friday.", uuid.uuid4(), stranger=False)

    @rule(which=WHICH, stranger=STRANGER, words=WORDS, key=st.sampled_from(WINDOWS))
    def add(self, which, stranger, words, key):
        self.add_words(which, words, key, stranger=stranger)

    def add_words(self, which, words, key, *, stranger):
        addendum = self.attempt(
            append_addendum,
            record=self.stored(which),
            text=words,
            request_key=key,
            by=self.person(which, stranger),
        )
        if addendum:
            self.added.setdefault(addendum.pk, addendum.text)

    @precondition(lambda self: self.signed)
    @rule(which=WHICH)
    def meddle(self, which):
        """Somebody at psql, who knows of no rules, with what belongs to a signed record."""
        signed = sorted(self.signed)
        record = MedicalRecord.objects.get(pk=signed[which % len(signed)])
        for table, where, row, change in (
            ("record_addendum", "record_id", record.pk, "text = text || '!'"),
            ("treatment", "appointment_id", record.appointment_id, "quantity = quantity + 1"),
            ("medical_record", "id", record.pk, "notes = notes || '!'"),
            ("appointment", "id", record.appointment_id, "reason = reason || '!'"),
        ):
            for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute(f"{statement} WHERE {where} = %s", [row])
                except IntegrityError as refusal:
                    assert "refused: " in str(refusal)

    # -- What is always true -------------------------------------------------------------------------------

    def written(self, which) -> tuple:
        """A record with its visit and its treatments, as rows."""
        record = self.records[which]
        treatments = Treatment.objects.filter(appointment=record.appointment_id).order_by("id").values_list()
        visit = Appointment.objects.filter(pk=record.appointment_id).values_list().first()
        return MedicalRecord.objects.filter(pk=record.pk).values_list().first(), visit, list(treatments)

    @invariant()
    def what_is_signed_never_changes(self):
        for which, record in enumerate(self.records):
            if record.pk in self.signed:
                assert self.written(which) == self.signed[record.pk], "a signed record has changed"

    @invariant()
    def addenda_stand_as_written_under_signed_records(self):
        assert dict(RecordAddendum.objects.values_list("pk", "text")) == self.added, "an addendum has changed"
        assert not RecordAddendum.objects.filter(record__signed_at=None).exists()

    @invariant()
    def version_grows_by_one_with_each_accepted_change(self):
        for record in MedicalRecord.objects.all():
            assert record.version - self.versions[record.pk] in (0, 1)
            self.versions[record.pk] = record.version

    @invariant()
    def every_accepted_text_is_in_the_log(self):
        for pk, texts in self.accepted.items():
            logged = defaultdict(lambda: {""})
            for after in Change.objects.filter(table="medical_record", row_id=pk).values_list("after", flat=True):
                for name in TEXTS:
                    logged[name] = logged[name] | {(after or {}).get(name, "")}
            assert all(text[name] in logged[name] for text in texts for name in TEXTS), "a text is lost"

    @invariant()
    def last_accepted_text_is_what_is_stored(self):
        for pk, texts in self.accepted.items():
            assert MedicalRecord.objects.filter(pk=pk).values(*TEXTS).get() == texts[-1]

    @invariant()
    def every_draft_is_what_its_page_typed_last_and_its_writers(self):
        kept = {(draft.record_id, draft.window): draft.fields for draft in RecordDraft.objects.all()}
        assert kept == {key: fields for key, fields in self.typed.items() if fields}
        writers = {(record.pk, vet.user_id) for record, vet in zip(self.records, self.vets, strict=True)}
        assert set(RecordDraft.objects.values_list("record", "writer")) <= writers

    @invariant()
    def total_is_the_sum_of_rounded_lines(self):
        for record in self.records:
            lines = Treatment.objects.filter(appointment=record.appointment_id)
            total = lines.aggregate(sum=Sum("total"))["sum"] or 0
            cent = Decimal("0.01")
            assert total == sum((each.quantity * each.unit_price).quantize(cent, "ROUND_HALF_UP") for each in lines)


QUIET = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_records_stay_true_whatever_people_do():
    run_state_machine_as_test(Records, settings=QUIET)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "triggers", "noticed"),
    [
        ("medical_record", ["signed_never_changes"], "a signed record has changed"),
        ("treatment", ["signed_visit_loses_none", "signed_visit_takes_no_more"], "a signed record has changed"),
        ("appointment", ["signed_visit_stays"], "a signed record has changed"),
        ("record_addendum", ["never_changes"], "an addendum has changed"),
        ("medical_record", ["kept"], "a text is lost"),
    ],
)
def test_random_use_notices_when_a_trigger_is_gone(table, triggers, noticed):
    with connection.cursor() as cursor:
        for trigger in triggers:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE %s AND tgrelid = %s::regclass",
                           [f"pgtrigger_{trigger}_%", table])  # fmt: skip
            (name,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {name} ON {table}")

    with pytest.raises(AssertionError, match=noticed):
        run_state_machine_as_test(Records, settings=settings(QUIET, max_examples=200))
