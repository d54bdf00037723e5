"""Many people book, move, cancel, merge and take back at random: what must always be true, is after every step."""

import datetime as dt
import itertools
from collections import defaultdict

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.actions import book_appointment, change_status, move_appointment, undo
from clinic.enums import NEXT_STATUSES, AppointmentStatus
from clinic.merging import merge_owners, undo_merge
from clinic.models import Appointment, OwnerMerge, Pet, PetOwner
from tests.clinic.times import next_morning
from tests.factories import PetFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

QUARTERS = st.integers(0, 11)  # starts from nine to a quarter to twelve: few, so that they collide
MINUTES = st.sampled_from([15, 30, 60])
WHICH = st.integers(0, 2)
STATUSES = st.sampled_from(list(AppointmentStatus))


class Schedule(RuleBasedStateMachine):
    """Two vets, three pets, a receptionist and the vets themselves, on one morning."""

    @initialize()
    def open_the_clinic(self):
        self.savepoint = transaction.savepoint()
        self.vets, self.pets = [VetFactory() for _vet in range(2)], [PetFactory() for _pet in range(3)]
        self.owners = [pet.pet_owner_id for pet in self.pets]
        self.people = [UserFactory(role="reception"), *[vet.user for vet in self.vets]]

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def attempt(self, action, **wanted) -> None:
        """An action that a rule or the database may refuse; a refusal leaves no trace."""
        before = Change.objects.count()
        try:
            action(**wanted)
        except RuleViolation:
            assert Change.objects.count() == before
        else:
            assert Change.objects.count() > before

    def visit(self, number: int) -> Appointment | None:
        visits = list(Appointment.objects.select_related("vet", "pet").order_by("id"))
        return visits[number % len(visits)] if visits else None

    @rule(vet=WHICH, pet=WHICH, who=WHICH, quarter=QUARTERS, minutes=MINUTES, squeeze=st.booleans())
    def book(self, vet, pet, who, quarter, minutes, squeeze):
        self.attempt(
            book_appointment,
            vet=self.vets[vet % 2],
            pet=self.pets[pet],
            start=next_morning(9) + dt.timedelta(minutes=15 * quarter),
            minutes=minutes,
            reason="cough",
            squeeze_reason="in pain" if squeeze and quarter == 0 else "",
            by=self.people[who],
        )

    @rule(number=st.integers(0, 20), vet=WHICH, who=WHICH, quarter=QUARTERS, minutes=MINUTES)
    def move(self, number, vet, who, quarter, minutes):
        if visit := self.visit(number):
            start = next_morning(9) + dt.timedelta(minutes=15 * quarter)
            wanted = {"vet": self.vets[vet % 2], "start": start, "minutes": minutes, "by": self.people[who]}
            same = (visit.vet, visit.date, visit.minutes, visit.squeezed_in) == (wanted["vet"], start, minutes, False)
            if not same:
                self.attempt(move_appointment, appointment=visit, **wanted)

    @rule(number=st.integers(0, 20), to=STATUSES, who=WHICH)
    def step(self, number, to, who):
        if visit := self.visit(number):
            day = next_morning(9)  # on which they can arrive
            self.attempt(change_status, appointment=visit, to=to, reason="ill", now=day, by=self.people[who])

    @rule(number=st.integers(0, 20), who=WHICH)
    def take_back(self, number, who):
        visit = self.visit(number)
        change = visit and Change.objects.filter(table="appointment", row_id=visit.pk).latest("id")
        if change:
            self.attempt(undo, appointment=visit, change=change, by=self.people[who])

    @rule(closed=WHICH, kept=WHICH, who=WHICH)
    def merge(self, closed, kept, who):
        one, other = (PetOwner.objects.get(pk=self.owners[number]) for number in (closed, kept))
        if one.merged_into_id != other.pk:  # merged already: nothing would change
            self.attempt(merge_owners, source=one, target=other, by=self.people[who])

    @rule(number=st.integers(0, 20), who=WHICH)
    def part(self, number, who):
        merges = list(OwnerMerge.objects.order_by("id"))
        if merges:
            self.attempt(undo_merge, merge=merges[number % len(merges)], by=self.people[who])

    @invariant()
    def every_pet_belongs_to_a_record_that_stays(self):
        assert not Pet.objects.filter(pet_owner__merged_into__isnull=False).exists()

    @invariant()
    def nobody_is_in_two_places(self):
        for column in ("vet_id", "pet_id"):
            ends: dict[int, dt.datetime] = {}
            for visit in Appointment.objects.holding_a_slot().order_by("date"):
                who = getattr(visit, column)
                assert who not in ends or visit.date >= ends[who], (column, visit)
                ends[who] = max(visit.ends_at, ends.get(who, visit.ends_at))

    @invariant()
    def each_history_of_states_is_a_path_of_the_table(self):
        paths = defaultdict(list)
        for change in Change.objects.filter(table="appointment", after__has_key="status_id").order_by("id"):
            paths[change.row_id].append(AppointmentStatus(change.after["status_id"]))
        for path in paths.values():
            assert all(after in NEXT_STATUSES[before] for before, after in itertools.pairwise(path)), path


QUIET = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_schedule_stays_true_whatever_people_do():
    run_state_machine_as_test(Schedule, settings=QUIET)


@pytest.mark.django_db
def test_random_use_notices_when_the_database_no_longer_refuses():
    with connection.cursor() as cursor:
        for what in ("vet", "pet"):
            cursor.execute(f"ALTER TABLE appointment DROP CONSTRAINT appointment_{what}_not_double_booked")

    with pytest.raises(AssertionError, match=r"vet_id|pet_id"):
        run_state_machine_as_test(Schedule, settings=QUIET)
