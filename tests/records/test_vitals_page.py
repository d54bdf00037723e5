"""Measurements on the visit page: saved with every button, asked about when unusual, never lost."""

from decimal import Decimal

import pytest
from django.utils import translation

from clinic.models import Appointment
from records import actions, measuring
from records.measuring import Change
from records.models import Measurement, MedicalRecord, Vital
from tests.factories import AppointmentFactory, MeasurementFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": "", "version": 1}


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


def post(client, visit, rest="", *, was=None, **cells):
    """The form with the text, the cells as they are typed, and what they showed before."""
    typed = {f"vital_{kind}": "" for kind in Vital} | {f"was_vital_{kind}": "" for kind in Vital}
    typed |= {f"vital_{kind}": text for kind, text in cells.items()}
    typed |= {f"was_vital_{kind}": text for kind, text in (was or {}).items()}
    return client.post(f"/visits/{visit.pk}/{rest}", TEXT | typed)


def stored(visit):
    return {each.kind: each.value for each in Measurement.objects.filter(appointment=visit)}


def save(visit, by=None, **changes):
    measuring.save_vitals(
        appointment=visit, changes={Vital(kind): change for kind, change in changes.items()}, by=by or visit.vet.user
    )


def test_cells_are_saved_with_the_text_by_the_same_button(vet_client, visit):
    answer = post(vet_client, visit, weight="4,8", temperature="38.5", pulse="160", respiration="28")

    assert answer.status_code == 302
    expected = {"weight": "4.8", "temperature": "38.5", "pulse": "160", "respiration": "28"}
    assert stored(visit) == {kind: Decimal(text) for kind, text in expected.items()}
    assert MedicalRecord.objects.get().diagnosis == "sprain"
    assert set(Measurement.objects.values_list("pet", "unit", "taken_by")) == {
        (visit.pet_id, unit, visit.vet.user_id) for unit in ("kg", "°C", "/min")
    }


def test_page_without_cells_leaves_measurements_alone(vet_client, visit):
    MeasurementFactory(appointment=visit)

    vet_client.post(f"/visits/{visit.pk}/", TEXT)

    assert stored(visit) == {"weight": Decimal("4.2")}


def test_cell_typed_anew_replaces_its_measurement(vet_client, visit):
    post(vet_client, visit, weight="4.8")

    post(vet_client, visit, weight="4.9", was={"weight": "4.8"})

    assert stored(visit) == {"weight": Decimal("4.9")}


def test_emptied_cell_takes_its_measurement_back(vet_client, visit):
    post(vet_client, visit, weight="4.8", pulse="100")

    post(vet_client, visit, pulse="100", was={"weight": "4.8", "pulse": "100"})

    assert stored(visit) == {"pulse": Decimal(100)}


def test_unusual_value_is_saved_and_asked_about(vet_client, visit):
    post(vet_client, visit, temperature="41,2")

    page = vet_client.get(f"/visits/{visit.pk}/").text

    assert stored(visit) == {"temperature": Decimal("41.2")}
    assert 'class="vital up"' in page
    assert "usual for the species: 38–39.2 °C" in page


@pytest.mark.parametrize("text", ["-1", "1000000000", "abc", "0", "²", "9" * 19, "<i>4</i>", "🐈"])
def test_bad_value_is_refused_at_its_cell_and_nothing_typed_is_lost(vet_client, visit, text):
    answer = post(vet_client, visit, weight=text, pulse="120")

    cells = {cell.kind: cell for cell in answer.context["cells"]}
    assert answer.status_code == 422
    assert (cells["weight"].text, bool(cells["weight"].error), cells["pulse"].text) == (text, True, "120")
    assert answer.context["form"]["diagnosis"].value() == "sprain"
    assert stored(visit) == {}


def test_bad_value_stops_an_added_service_and_the_finish_too(vet_client, visit):
    codes = [post(vet_client, visit, rest, weight="abc").status_code for rest in ("treatments/", "finish/")]

    assert codes == [422, 422]
    assert Appointment.objects.get().status_id == 4


def test_cell_changed_by_another_meanwhile_is_shown_and_then_replaced(vet_client, visit):
    save(visit, weight=Change(None, Decimal("4.4")))

    refused = post(vet_client, visit, weight="4.8")
    cell = refused.context["cells"][0]
    again = post(vet_client, visit, weight=cell.text, was={"weight": cell.was})

    assert (refused.status_code, cell.text, cell.was) == (409, "4.8", "4.4")
    assert "4.4" in cell.error
    assert (again.status_code, stored(visit)) == (302, {"weight": Decimal("4.8")})


def test_untouched_cell_of_a_refused_page_shows_what_is_stored_by_now(vet_client, visit):
    save(visit, pulse=Change(None, Decimal(150)))

    cells = {cell.kind: cell for cell in post(vet_client, visit, weight="abc").context["cells"]}

    assert (cells["pulse"].text, cells["pulse"].was) == ("150", "150")


def test_cells_of_two_writers_are_both_kept(vet_client, visit):
    save(visit, pulse=Change(None, Decimal(150)))

    post(vet_client, visit, weight="4.8")

    assert stored(visit) == {"pulse": Decimal(150), "weight": Decimal("4.8")}


def test_form_sent_twice_is_one_change(vet_client, visit):
    codes = [post(vet_client, visit, weight="4.8").status_code for _time in range(2)]

    assert (codes, stored(visit)) == ([302, 302], {"weight": Decimal("4.8")})


def test_measurements_in_the_visit_of_another_vet_are_refused(visit):
    with pytest.raises(RuleViolation) as refusal:
        save(visit, by=VetFactory().user, weight=Change(None, Decimal(4)))

    assert refusal.value.code == "record_of_another_vet"
    assert stored(visit) == {}


def test_measurements_of_a_signed_visit_are_refused_and_read(vet_client, visit):
    save(visit, weight=Change(None, Decimal("4.4")))
    actions.sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)

    refused = post(vet_client, visit, weight="4.8", was={"weight": "4.4"})
    page = vet_client.get(f"/visits/{visit.pk}/").text

    assert refused.status_code == 409
    assert stored(visit) == {"weight": Decimal("4.4")}
    assert "<b>4.4</b>" in page


def test_great_change_of_weight_shows_in_the_strip(vet_client, visit):
    MeasurementFactory(pet=visit.pet, value=Decimal(6), taken_at=visit.date - (visit.ends_at - visit.date) * 480)
    post(vet_client, visit, weight="4.8")

    assert "weight \u221220 % in 10 days" in vet_client.get(f"/visits/{visit.pk}/").text


def test_cells_speak_russian(vet_client, visit):
    save(visit, weight=Change(None, Decimal("4.4")))
    vet_client.cookies["django_language"] = "ru"

    with translation.override("ru"):
        cell = vet_client.get(f"/visits/{visit.pk}/").context["cells"][0]

    assert cell.text == "4,4"


def test_manager_reads_the_measurements_without_cells(client, visit):
    save(visit, weight=Change(None, Decimal("4.4")))
    client.force_login(UserFactory(role="manager"))

    page = client.get(f"/visits/{visit.pk}/").text

    assert ("<b>4.4</b>" in page, "vital_weight" in page) == (True, False)
