"""Two at once in one visit: both are served, one after the other, and nothing is lost or doubled."""

import threading
import uuid

import pytest
from django.db import connections

from records import actions
from records.models import MedicalRecord, Treatment
from tests.factories import AppointmentFactory, ServiceFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TEXT = {"complaint": "", "diagnosis": "", "prescription": "", "notes": ""}


@pytest.fixture
def record():
    visit = AppointmentFactory()
    return actions.start_visit(appointment=visit, by=visit.vet.user)


def at_once(*acts):
    """What each act ends with, in the order of the ends: "done", or the code of its refusal."""
    ends, barrier = [], threading.Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            act()
            ends.append("done")
        except RuleViolation as refusal:
            ends.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_two_texts_saved_at_once_leave_one_and_refuse_the_other(record):
    by = record.appointment.vet.user

    def saving(diagnosis):
        return lambda: actions.save_record(record=record, version=1, **TEXT | {"diagnosis": diagnosis}, by=by)

    ends = at_once(*(saving(f"diagnosis {n}") for n in range(8)))

    assert sorted(ends) == ["done"] + ["medical_record_stale"] * 7
    assert MedicalRecord.objects.get().version == 2


def test_one_adding_form_sent_many_times_at_once_adds_once(record):
    service, key, visit = ServiceFactory(), uuid.uuid4(), record.appointment

    def add():
        actions.add_treatment(appointment=visit, service=service, request_key=key, by=visit.vet.user)

    ends = at_once(*[add] * 8)

    assert ends == ["done"] * 8
    assert Treatment.objects.count() == 1


def test_treatments_added_while_the_record_is_signed_come_before_it_or_not_at_all(record):
    service, visit = ServiceFactory(), record.appointment
    by = visit.vet.user

    def add():
        actions.add_treatment(appointment=visit, service=service, by=by)

    ends = at_once(*[add] * 4, lambda: actions.sign_record(record=record, by=by))

    assert set(ends) <= {"done", "visit_in_progress"}
    assert Treatment.objects.count() == ends.count("done") - 1
    assert MedicalRecord.objects.get().is_signed
