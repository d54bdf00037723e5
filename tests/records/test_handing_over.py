"""An open visit goes to another vet: by a manager, with a trace, with all that was typed and done."""

import datetime as dt
import uuid

import pytest

from clinic.models import Appointment
from records import actions
from records.drafts import keep_draft
from records.handing_over import hand_over_visit
from records.models import MedicalRecord, RecordDraft
from tests.factories import AppointmentFactory, BranchFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "", "notes": ""}


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def other(visit):
    return VetFactory(branch=visit.vet.branch)


@pytest.fixture
def manager():
    return UserFactory(role="manager")


def test_other_vet_goes_on_with_text_draft_and_bill(visit, other, manager):
    former = visit.vet
    actions.add_treatment(appointment=visit, service=ServiceFactory(), by=former.user)
    record = MedicalRecord.objects.get()
    keep_draft(record=record, window=uuid.uuid4(), version=1, fields=TEXT, by=former.user)

    hand_over_visit(appointment=visit, to=other, by=manager)

    record = MedicalRecord.objects.select_related("appointment").get()
    assert (record.appointment.vet, record.author) == (other, other)
    assert [(draft.writer, draft.fields) for draft in RecordDraft.objects.all()] == [(other.user, TEXT)]
    assert record.appointment.treatments.get().performed_by == former
    assert actions.sign_record(record=record, by=other.user).author == other


def test_former_vet_writes_no_more(visit, other, manager):
    former = visit.vet.user
    hand_over_visit(appointment=visit, to=other, by=manager)

    with pytest.raises(RuleViolation) as refusal:
        actions.save_record(record=MedicalRecord.objects.get(), version=1, **TEXT, by=former)

    assert refusal.value.code == "record_of_another_vet"


def test_who_handed_it_over_is_in_the_log(visit, other, manager):
    hand_over_visit(appointment=visit, to=other, by=manager)

    change = Change.objects.filter(table="appointment", row_id=visit.pk).latest("id")
    assert (change.by, change.before["vet_id"], change.after["vet_id"]) == (manager, visit.vet_id, other.pk)


def test_visit_of_a_busy_vet_is_squeezed_in(visit, other, manager):
    AppointmentFactory(vet=other, date=visit.date + dt.timedelta(minutes=10))

    handed = hand_over_visit(appointment=visit, to=other, by=manager)

    assert (handed.squeezed_in, str(visit.vet) in handed.squeezed_in_reason) == (True, True)


def test_visit_of_a_free_vet_is_not_squeezed_in(visit, other, manager):
    assert hand_over_visit(appointment=visit, to=other, by=manager).squeezed_in is False


@pytest.mark.parametrize("role", ["reception", "vet", "admin"])
def test_only_a_manager_hands_a_visit_over(visit, other, role):
    person = visit.vet.user if role == "vet" else UserFactory(role=role)

    with pytest.raises(RuleViolation) as refusal:
        hand_over_visit(appointment=visit, to=other, by=person)

    assert refusal.value.code == "visit_handed_over_by_right"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"branch": None}, "visit_taken_over_here"),
        ({"branch__name": "elsewhere"}, "visit_taken_over_here"),
        ({"user": None}, "visit_taken_over_here"),
        ({"is_active": False}, "vet_works_here"),
    ],
    ids=str,
)
def test_vet_who_could_not_go_on_takes_no_visit_over(visit, manager, made, code):
    here = {} if "branch__name" in made else {"branch": visit.vet.branch}

    with pytest.raises(RuleViolation) as refusal:
        hand_over_visit(appointment=visit, to=VetFactory(**here | made), by=manager)

    assert refusal.value.code == code


def test_vet_of_the_visit_does_not_take_it_over(visit, manager):
    with pytest.raises(RuleViolation) as refusal:
        hand_over_visit(appointment=visit, to=visit.vet, by=manager)

    assert refusal.value.code == "visit_taken_over_by_another"


def test_visit_that_is_signed_or_has_not_begun_is_not_handed_over(visit, other, manager):
    waiting = AppointmentFactory(vet=visit.vet, date=visit.ends_at)
    actions.sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)

    for each in (visit, waiting):
        with pytest.raises(RuleViolation) as refusal:
            hand_over_visit(appointment=each, to=other, by=manager)
        assert refusal.value.code == "visit_in_progress"


# -- The page ---------------------------------------------------------------------------------------------


def test_page_offers_a_manager_the_vets_of_the_branch(client, visit, other, manager):
    elsewhere = VetFactory(branch=BranchFactory())
    client.force_login(manager)

    page = client.get(f"/visits/{visit.pk}/").text

    offered = [f'<option value="{vet.pk}"' in page for vet in (other, elsewhere, visit.vet)]
    assert offered == [True, False, False]


def test_page_offers_it_to_nobody_else_and_not_after_signing(client, visit, other, manager):
    client.force_login(visit.vet.user)
    as_vet = client.get(f"/visits/{visit.pk}/").text
    actions.sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)
    client.force_login(manager)

    assert ["/hand-over/" in page for page in (as_vet, client.get(f"/visits/{visit.pk}/").text)] == [False, False]


def test_button_hands_the_visit_over(client, visit, other, manager):
    client.force_login(manager)

    answer = client.post(f"/visits/{visit.pk}/hand-over/", {"vet": other.pk})

    assert (answer.status_code, answer.url) == (302, f"/visits/{visit.pk}/")
    assert Appointment.objects.get(pk=visit.pk).vet == other


@pytest.mark.parametrize("vet", ["", "x", "999999", "9" * 5000])
def test_vet_who_is_not_there_is_refused_at_the_field(client, visit, manager, vet):
    client.force_login(manager)

    answer = client.post(f"/visits/{visit.pk}/hand-over/", {"vet": vet})

    assert (answer.status_code, list(answer.context["hand_over_form"].errors)) == (422, ["vet"])
    assert Appointment.objects.get().vet == visit.vet
