"""The visit page: what each role sees, what the buttons do, what bad input gets."""

import re
import uuid
import zoneinfo
from decimal import Decimal

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from clinic.enums import AppointmentStatus
from clinic.models import Branch
from records import actions
from records.models import MedicalRecord, Treatment
from tests.factories import AppointmentFactory, PetFactory, ServiceFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": "", "version": 1}
# who, visit with record, what stands beside; the session is cached
PAGE_QUERIES = 3


@pytest.fixture
def waiting():
    return AppointmentFactory()


@pytest.fixture
def visit(waiting):
    actions.start_visit(appointment=waiting, by=waiting.vet.user)
    return waiting


@pytest.fixture
def vet_client(client, waiting):
    client.force_login(waiting.vet.user)
    return client


def address(visit, rest=""):
    return f"/visits/{visit.pk}/{rest}"


def treat(visit):
    return actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)


def chosen(service, **changes):
    return TEXT | {"service": service.pk, "quantity": "1", "request_key": str(uuid.uuid4())} | changes


def text_of(visit):
    return MedicalRecord.objects.get(appointment=visit)


# -- Who sees and who writes ------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "code"), [("vet", 200), ("manager", 200), ("reception", 403), ("admin", 403)])
def test_visit_page_answers_by_role(client, visit, role, code):
    client.force_login(UserFactory(role=role))

    assert client.get(address(visit)).status_code == code


@pytest.mark.parametrize("role", ["vet", "manager"])
def test_visit_of_somebody_else_is_read_without_forms(client, visit, role):
    actions.save_record(record=text_of(visit), **TEXT, by=visit.vet.user)
    client.force_login(UserFactory(role=role))

    page = client.get(address(visit)).text

    assert "sprain" in page
    assert "<textarea" not in page
    assert "formaction" not in page


@pytest.mark.parametrize("rest", ["", "start/", "treatments/", "treatments/1/remove/"])
def test_writing_in_the_visit_of_another_vet_finds_nothing(client, visit, rest):
    client.force_login(VetFactory().user)

    assert client.post(address(visit, rest), TEXT).status_code == 404


@pytest.mark.parametrize(("rest", "code"), [("", 404), ("start/", 403), ("treatments/", 403)])
def test_manager_writes_no_record(client, visit, rest, code):
    client.force_login(UserFactory(role="manager"))

    assert client.post(address(visit, rest), TEXT).status_code == code


def test_visit_that_does_not_exist_is_not_found(vet_client):
    assert vet_client.get("/visits/999999/").status_code == 404


# -- Starting ---------------------------------------------------------------------------------------------


def test_waiting_visit_offers_its_vet_the_start_and_no_form_yet(vet_client, waiting):
    page = vet_client.get(address(waiting)).text

    assert "Start the visit" in page
    assert "<textarea" not in page


def test_start_button_opens_the_record(vet_client, waiting):
    answer = vet_client.post(address(waiting, "start/"))

    assert (answer.status_code, answer.url) == (302, address(waiting))
    assert "<textarea" in vet_client.get(address(waiting)).text


def test_visit_taken_in_elsewhere_can_still_be_started(vet_client, waiting):
    type(waiting).objects.filter(pk=waiting.pk).update(status=AppointmentStatus.ARRIVED)
    type(waiting).objects.filter(pk=waiting.pk).update(status=AppointmentStatus.IN_PROGRESS)

    assert "Start the visit" in vet_client.get(address(waiting)).text


def test_starting_a_cancelled_visit_is_refused(vet_client, waiting):
    type(waiting).objects.filter(pk=waiting.pk).update(status=AppointmentStatus.CANCELLED, cancelled_reason="ill")

    answer = vet_client.post(address(waiting, "start/"))

    assert (answer.status_code, "This visit was cancelled" in answer.text) == (409, True)
    assert not MedicalRecord.objects.exists()


def become(visit, state):
    reason = "ill" if state == AppointmentStatus.CANCELLED else ""
    type(visit).objects.filter(pk=visit.pk).update(status=state, cancelled_reason=reason)


NOT_OPEN = {
    AppointmentStatus.SCHEDULED: "This visit has not begun.",
    AppointmentStatus.CANCELLED: "This visit was cancelled: it has no record.",
    AppointmentStatus.NO_SHOW: "Nobody came to this visit: it has no record.",
}


@pytest.mark.parametrize(("state", "sentence"), NOT_OPEN.items())
@pytest.mark.parametrize("rest", ["", "addenda/", "treatments/"])
def test_text_for_a_visit_that_is_not_open_is_refused_with_its_state(vet_client, waiting, rest, state, sentence):
    become(waiting, state)

    answer = vet_client.post(address(waiting, rest), TEXT)

    assert (answer.status_code, sentence in answer.text) == (409, True)


@pytest.mark.parametrize(("state", "sentence"), NOT_OPEN.items())
def test_page_of_a_visit_that_is_not_open_says_why_and_leads_to_booking_anew(client, waiting, state, sentence):
    become(waiting, state)
    client.force_login(UserFactory(role="manager"))

    page = client.get(address(waiting)).text

    leads = f'<a class="btn sm" href="/book/?pet={waiting.pet_id}"' in page
    assert (sentence in page, leads) == (True, state != AppointmentStatus.SCHEDULED)


# -- Writing ----------------------------------------------------------------------------------------------


def test_saving_keeps_the_text_and_says_when(vet_client, visit):
    answer = vet_client.post(address(visit), TEXT)

    assert (answer.status_code, answer.url) == (302, address(visit))
    assert text_of(visit).diagnosis == "sprain"
    assert re.search(r"Saved at \d\d:\d\d", vet_client.get(address(visit)).text)


def test_saving_over_a_newer_text_is_refused_and_shows_both(vet_client, visit):
    actions.save_record(record=text_of(visit), **TEXT | {"diagnosis": "fracture"}, by=visit.vet.user)

    answer = vet_client.post(address(visit), TEXT)

    assert answer.status_code == 409
    assert "sprain" in answer.text
    assert "fracture" in answer.text
    assert text_of(visit).diagnosis == "fracture"


def test_saving_again_after_both_texts_were_shown_replaces_the_stored_one(vet_client, visit):
    actions.save_record(record=text_of(visit), **TEXT | {"diagnosis": "fracture"}, by=visit.vet.user)
    page = vet_client.post(address(visit), TEXT).text

    seen = re.search(r'name="version" value="(\d+)"', page)
    vet_client.post(address(visit), TEXT | {"version": seen[1]})

    assert text_of(visit).diagnosis == "sprain"


def test_saving_a_signed_record_is_refused_and_shows_what_was_typed(vet_client, visit):
    actions.sign_record(record=text_of(visit), by=visit.vet.user)

    answer = vet_client.post(address(visit), TEXT)

    assert answer.status_code == 409
    assert "This record is signed" in answer.text
    assert "sprain" in answer.text


def test_signed_visit_is_read_only_and_leads_to_the_animal(vet_client, visit):
    actions.sign_record(record=text_of(visit), by=visit.vet.user)

    page = vet_client.get(address(visit)).text

    assert "Signed" in page
    assert f'href="/pets/{visit.pet_id}/"' in page
    assert re.findall(r'<textarea name="(\w+)"', page) == ["addendum"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("notes", "x" * 20_001), ("notes", "a\x00b"), ("version", ""), ("version", "0"), ("version", "9" * 30)],
)
def test_bad_text_is_refused_and_saves_nothing(vet_client, visit, field, value):
    answer = vet_client.post(address(visit), TEXT | {field: value})

    assert answer.status_code == 422
    assert "sprain" in answer.text
    assert text_of(visit).diagnosis == ""


def test_text_of_full_length_with_line_ends_of_a_browser_is_saved(vet_client, visit):
    typed = "x\r\n" * 10_000

    answer = vet_client.post(address(visit), TEXT | {"notes": typed})

    assert answer.status_code == 302
    assert text_of(visit).notes == "x\n" * 10_000


def test_emoji_and_markup_are_text(vet_client, visit):
    vet_client.post(address(visit), TEXT | {"diagnosis": "🐈 <script>alert(1)</script>"})

    page = vet_client.get(address(visit)).text

    assert "🐈 &lt;script&gt;alert(1)&lt;/script&gt;" in page


# -- Treatments -------------------------------------------------------------------------------------------


def test_adding_a_treatment_saves_the_typed_text_as_well(vet_client, visit):
    answer = vet_client.post(address(visit, "treatments/"), chosen(ServiceFactory(), quantity="1.5"))

    assert (answer.status_code, answer.url) == (302, address(visit, "#bill"))
    assert Treatment.objects.get().total == Decimal(150)
    assert text_of(visit).diagnosis == "sprain"


def test_adding_form_sent_twice_adds_once(vet_client, visit):
    form = chosen(ServiceFactory())

    codes = [vet_client.post(address(visit, "treatments/"), form).status_code for _time in range(2)]

    assert codes == [302, 302]
    assert Treatment.objects.count() == 1


def test_saving_with_a_chosen_service_adds_it(vet_client, visit):
    vet_client.post(address(visit), chosen(ServiceFactory()))

    assert Treatment.objects.count() == 1


@pytest.mark.parametrize(
    "quantity", ["", "0", "-1", "0.0001", "1e9", "NaN", "Infinity", "9999999.999", "two", "1\x00", "1" * 5000]
)
def test_bad_quantity_is_refused_and_the_text_is_saved(vet_client, visit, quantity):
    answer = vet_client.post(address(visit, "treatments/"), chosen(ServiceFactory(), quantity=quantity))

    assert answer.status_code == 422
    assert 'id="id_quantity_error"' in answer.text
    assert not Treatment.objects.exists()
    assert text_of(visit).diagnosis == "sprain"


@pytest.mark.parametrize(("changes", "place"), [({"quantity": "0"}, "addrow"), ({"notes": "x" * 20_001}, "card sheet")])
def test_page_of_a_refused_addition_opens_at_the_fault(vet_client, visit, changes, place):
    answer = vet_client.post(address(visit, "treatments/"), chosen(ServiceFactory(), **changes))

    assert re.findall(r'class="([^"]*)" id="refused"', answer.text) == [place]


@pytest.mark.parametrize("service", ["", "abc", "999999", "9" * 30])
def test_bad_service_is_refused(vet_client, visit, service):
    answer = vet_client.post(address(visit, "treatments/"), chosen(ServiceFactory()) | {"service": service})

    assert answer.status_code == 422
    assert 'id="id_service_error"' in answer.text


def test_service_that_is_not_on_sale_is_neither_offered_nor_taken(vet_client, visit):
    withdrawn = ServiceFactory(is_active=False, name="Bloodletting")

    answer = vet_client.post(address(visit, "treatments/"), chosen(withdrawn))

    assert answer.status_code == 422
    assert "not in the price list of that day" in answer.text
    assert "Bloodletting" not in answer.text


def test_removing_a_treatment_takes_it_off_the_bill_and_saves_the_text(vet_client, visit):
    treatment = treat(visit)

    answer = vet_client.post(address(visit, f"treatments/{treatment.pk}/remove/"), TEXT)

    assert (answer.status_code, answer.url) == (302, address(visit, "#bill"))
    assert not Treatment.objects.exists()
    assert text_of(visit).diagnosis == "sprain"


def test_removing_a_treatment_that_is_gone_changes_nothing(vet_client, visit):
    treatment = treat(visit)
    Treatment.objects.all().delete()

    assert vet_client.post(address(visit, f"treatments/{treatment.pk}/remove/"), TEXT).status_code == 302


def test_treatment_of_another_visit_stays(vet_client, visit):
    other = AppointmentFactory()
    actions.start_visit(appointment=other, by=other.vet.user)
    treatment = treat(other)

    vet_client.post(address(visit, f"treatments/{treatment.pk}/remove/"), TEXT)

    assert Treatment.objects.filter(pk=treatment.pk).exists()


# -- The page itself --------------------------------------------------------------------------------------


def test_page_shows_the_running_total_and_the_warning(vet_client, visit):
    type(visit.pet).objects.filter(pk=visit.pet_id).update(description="Bites")
    for _time in range(3):
        treat(visit)

    page = vet_client.get(address(visit)).text

    assert re.search(r'class="sumbig">[^<]*300', page)
    assert re.search(r'class="chip warn">.*Bites</span>', page)


def test_page_lists_the_earlier_diagnoses_of_this_animal_only(vet_client, visit):
    for pet, diagnosis in ((visit.pet, "otitis"), (PetFactory(), "cystitis")):
        earlier = AppointmentFactory(pet=pet, date=visit.date.replace(year=visit.date.year - 1, day=1))
        record = actions.start_visit(appointment=earlier, by=earlier.vet.user)
        actions.save_record(record=record, **TEXT | {"diagnosis": diagnosis}, by=earlier.vet.user)

    page = vet_client.get(address(visit)).text

    assert ("otitis" in page, "cystitis" in page) == (True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_visit_page_asks_the_same_number_of_queries_for_any_number_of_treatments(vet_client, visit, count):
    for _time in range(count):
        treat(visit)
    vet_client.get(address(visit))

    with CaptureQueriesContext(connections["default"]) as primary:
        vet_client.get(address(visit))

    assert len(primary) == PAGE_QUERIES, "\n".join(query["sql"] for query in primary)


def test_page_speaks_of_the_branch_clock(vet_client, visit):
    Branch.objects.filter(pk=visit.vet.branch_id).update(time_zone="Asia/Vladivostok")
    there = visit.date.astimezone(zoneinfo.ZoneInfo("Asia/Vladivostok"))

    page = vet_client.get(address(visit)).text

    assert f"{there:%H:%M} · {visit.reason}" in page
