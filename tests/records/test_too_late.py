"""Forms that come when the record was signed already: nothing changes, and nothing typed is lost."""

import uuid
from decimal import Decimal

import pytest

from records import actions
from records.forms import TEXTS
from records.models import Measurement, MedicalRecord, RecordDraft, Vaccination
from records.views import vitals
from tests.factories import AppointmentFactory, MeasurementFactory, ServiceFactory, VaccineKindFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    MeasurementFactory(appointment=visit)
    return visit


@pytest.fixture
def line(visit):
    return actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)


@pytest.fixture
def kind():
    return VaccineKindFactory()


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


def sign(visit):
    actions.sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)


def form_of(line, kind, **changes):
    """The visit's form as a page sends it that was opened before the signature: every cell with what it showed."""
    cells = {f"quantity_{line.pk}": "1", f"percent_{line.pk}": "", "vital_weight": "4.2", "vital_pulse": ""}
    shown = {f"was_{name}": text for name, text in cells.items()}
    more = {"window": str(uuid.uuid4()), "continues": "", "version": "1", "dose-kind": kind.pk}
    return dict.fromkeys(TEXTS, "") | shown | cells | more | changes


@pytest.mark.parametrize("rest", ["", "treatments/", "finish/", "lines/"])
def test_form_that_comes_after_the_signature_changes_nothing(vet_client, visit, line, kind, rest):
    sign(visit)

    answer = vet_client.post(
        f"/visits/{visit.pk}/{rest}", form_of(line, kind, vital_weight="5", **{f"quantity_{line.pk}": "3"})
    )

    assert answer.status_code == 409
    assert (Measurement.objects.get().value, Vaccination.objects.count()) == (Decimal("4.2"), 0)


def test_form_that_comes_after_the_signature_is_shown_whole_and_begins_an_addendum(vet_client, visit, line, kind):
    sign(visit)
    typed = {"diagnosis": "sprain\r\nof <b>the</b> paw", "vital_weight": "5", f"quantity_{line.pk}": "3"}
    chosen = {"service": ServiceFactory(name="X-ray").pk, "quantity": "2", "dose-batch": "A1"}

    answer = vet_client.post(f"/visits/{visit.pk}/", form_of(line, kind, **typed, **chosen))

    said = [(str(part.label), part.text) for part in answer.context["unsaved"]]
    assert said == [
        ("Diagnosis", "sprain\nof <b>the</b> paw"),
        ("Weight", "5 kg"),
        (line.service.name, "Quantity 3"),
        ("Vaccine", f"{kind.name} · A1"),
        ("Service", "X-ray × 2"),
    ]
    assert "This record is signed" in answer.text
    assert "sprain<br>of &lt;b&gt;the&lt;/b&gt; paw" in answer.text
    assert (
        answer.context["addendum_form"]["addendum"]
        .value()
        .startswith("Diagnosis: sprain\nof <b>the</b> paw\nWeight: 5 kg")
    )


def test_record_signed_while_a_form_is_saved_shows_the_form_too(vet_client, visit, line, kind, monkeypatch):
    def sign_meanwhile(_request, _visit):
        sign(visit)

    monkeypatch.setattr(vitals, "save_posted", sign_meanwhile)
    answer = vet_client.post(f"/visits/{visit.pk}/", form_of(line, kind, diagnosis="sprain", **{"dose-kind": ""}))

    assert (answer.status_code, "sprain" in answer.context["addendum_form"]["addendum"].value()) == (409, True)


def test_measurement_of_a_signed_visit_is_shown_as_it_is_stored(vet_client, visit, line, kind):
    sign(visit)

    answer = vet_client.post(f"/visits/{visit.pk}/", form_of(line, kind, vital_weight="5"))

    assert "<b>4.2</b>" in answer.text


def test_addendum_is_kept_as_it_is_typed_and_is_there_again(vet_client, visit, line, kind):
    sign(visit)
    page = {"window": str(uuid.uuid4()), "continues": "", "version": "1", "request_key": str(uuid.uuid4())}

    kept = vet_client.post(f"/visits/{visit.pk}/draft/", page | {"addendum": "The result <i>came</i>"})
    again = vet_client.get(f"/visits/{visit.pk}/")

    assert (kept.status_code, kept.text[:13]) == (200, "Draft kept at")
    assert again.context["addendum_form"]["addendum"].value() == "The result <i>came</i>"
    assert ("not saved yet" in again.text, again.context["other_drafts"]) == (True, [])


def test_added_addendum_leaves_no_draft(vet_client, visit, line, kind):
    sign(visit)
    page = {"window": str(uuid.uuid4()), "continues": "", "version": "1", "request_key": str(uuid.uuid4())}
    vet_client.post(f"/visits/{visit.pk}/draft/", page | {"addendum": "The result"})

    answer = vet_client.post(f"/visits/{visit.pk}/addenda/", page | {"addendum": "The result came"})

    assert (answer.status_code, RecordDraft.objects.count()) == (302, 0)


def test_drafts_under_a_signed_record_are_told_with_their_numbers(vet_client, visit, line, kind):
    vet_client.post(f"/visits/{visit.pk}/draft/", form_of(line, kind, vital_weight="5", **{"dose-kind": ""}))
    sign(visit)

    page = vet_client.get(f"/visits/{visit.pk}/")

    (told,) = page.context["other_drafts"]
    assert [(str(part.label), part.text) for part in told["parts"]] == [("Weight", "5 kg")]
