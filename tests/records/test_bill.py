"""The lines of a visit's bill: quantities, discounts by right, and the price list that is searched."""

import re
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records import actions, rules
from records.lines import change_treatment
from records.models import Treatment
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": "", "version": 1}
LINES = st.decimals("0.01", "99999999.99", places=5)
PERCENTS = st.decimals(0, 100, places=2)


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def line(visit):
    return actions.add_treatment(appointment=visit, service=ServiceFactory(cost=100), by=visit.vet.user)


@pytest.fixture
def manager():
    return UserFactory(role="manager")


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


def typed(line, *, was=None, **cells):
    """The form of a page that showed one piece and no discount (or what `was`), with the cells that were typed."""
    shown = {"quantity": "1", "percent": ""} | (was or {})
    posted = {f"{name}_{line.pk}": text for name, text in (shown | cells).items()}
    return TEXT | posted | {f"was_{name}_{line.pk}": text for name, text in shown.items()}


def discount(line, percent, *, was="", reason="regular", was_reason=""):
    """A manager's form of one line."""
    cells = {"percent": percent, "was_percent": was, "reason": reason, "was_reason": was_reason}
    return {f"{name}_{line.pk}": text for name, text in cells.items()}


def invalid_cells(answer) -> list[str]:
    return re.findall(r'<input id="(\w+)"[^>]* aria-invalid="true"', answer.text)


def as_stored(line):
    return Treatment.objects.values_list("quantity", "discount", "total").get(pk=line.pk)


# -- What the rules say -----------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", ["0", "5", "10"])
def test_discount_of_a_tenth_is_the_vets_to_give(visit, line, percent):
    change_treatment(treatment=line, percent=Decimal(percent), by=visit.vet.user)

    assert as_stored(line) == (1, Decimal(percent), 100 - Decimal(percent))


@pytest.mark.parametrize("percent", ["10.01", "50", "100"])
def test_discount_above_a_tenth_is_a_managers(visit, line, manager, percent):
    with pytest.raises(RuleViolation) as refusal:
        change_treatment(treatment=line, percent=Decimal(percent), by=visit.vet.user)
    change_treatment(treatment=line, percent=Decimal(percent), reason="regular", by=manager)

    assert (refusal.value.code, refusal.value.field) == ("discount_by_right", "percent")
    assert as_stored(line) == (1, Decimal(percent), 100 - Decimal(percent))


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_discount_above_a_tenth_has_a_reason(line, manager, reason):
    with pytest.raises(RuleViolation) as refusal:
        change_treatment(treatment=line, percent=Decimal("10.01"), reason=reason, by=manager)

    assert (refusal.value.code, refusal.value.field) == ("treatment_discount_has_reason", "reason")
    assert as_stored(line) == (1, 0, 100)


def test_reason_of_a_discount_is_a_managers(visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(30), reason="regular", by=manager)

    change_treatment(treatment=line, percent=Decimal(20), reason="", by=visit.vet.user)

    assert Treatment.objects.values_list("discount", "discount_reason").get() == (20, "regular")


@pytest.mark.parametrize("percent", [0, 10])
def test_reason_of_a_discount_goes_when_the_vet_gives_an_own_one_instead(visit, line, manager, percent):
    change_treatment(treatment=line, percent=Decimal(30), reason="regular", by=manager)

    change_treatment(treatment=line, percent=Decimal(percent), by=visit.vet.user)

    assert Treatment.objects.values_list("discount", "discount_reason").get() == (percent, "")


def test_reason_goes_with_the_discount_that_a_manager_takes_back(line, manager):
    change_treatment(treatment=line, percent=Decimal(30), reason="regular", by=manager)

    change_treatment(treatment=line, percent=Decimal(0), by=manager)

    assert Treatment.objects.values_list("discount", "discount_reason").get() == (0, "")


def test_reason_of_a_small_discount_stays_when_the_vet_changes_the_quantity(visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(5), reason="regular", by=manager)

    change_treatment(treatment=line, quantity=Decimal(3), by=visit.vet.user)

    assert Treatment.objects.values_list("discount", "discount_reason").get() == (15, "regular")


def test_added_service_has_at_most_a_tenth_off(visit):
    with pytest.raises(RuleViolation) as refusal:
        actions.add_treatment(
            appointment=visit, service=ServiceFactory(cost=100), discount=Decimal("10.01"), by=visit.vet.user
        )

    assert refusal.value.code == "discount_by_right"
    assert not Treatment.objects.exists()


def test_quantity_changed_by_the_vet_keeps_a_discount_that_a_manager_gave(visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(30), reason="regular", by=manager)

    change_treatment(treatment=line, quantity=Decimal(3), by=visit.vet.user)

    assert as_stored(line) == (3, 90, 210)


def test_manager_changes_no_quantity(line, manager):
    with pytest.raises(RuleViolation) as refusal:
        change_treatment(treatment=line, quantity=Decimal(3), by=manager)

    assert refusal.value.code == "record_of_another_vet"


@pytest.mark.parametrize("role", ["vet", "reception", "admin"])
def test_line_in_the_visit_of_another_vet_is_refused(line, role):
    person = VetFactory().user if role == "vet" else UserFactory(role=role)

    with pytest.raises(RuleViolation) as refusal:
        change_treatment(treatment=line, percent=Decimal(5), by=person)

    assert refusal.value.code == "discount_of_another_visit"


def test_treatment_for_a_cancelled_visit_is_refused(visit):
    cancelled = AppointmentFactory(vet=visit.vet, date=visit.ends_at)
    Appointment.objects.filter(pk=cancelled.pk).update(status=AppointmentStatus.CANCELLED, cancelled_reason="ill")

    with pytest.raises(RuleViolation) as refusal:
        actions.add_treatment(appointment=cancelled, service=ServiceFactory(), by=visit.vet.user)

    assert refusal.value.code == "visit_in_progress"
    assert not Treatment.objects.exists()


def test_line_of_a_signed_visit_is_final(visit, line, manager):
    actions.sign_record(record=visit.medical_record, by=visit.vet.user)

    with pytest.raises(RuleViolation) as refusal:
        change_treatment(treatment=line, percent=Decimal(5), reason="regular", by=manager)

    assert refusal.value.code == "visit_in_progress"


def test_line_that_was_removed_meanwhile_changes_nothing(visit, line):
    actions.remove_treatment(treatment=Treatment.objects.get(), by=visit.vet.user)

    assert change_treatment(treatment=line, quantity=Decimal(2), by=visit.vet.user) is None


@given(LINES, PERCENTS)
def test_discount_is_whole_kopecks_within_its_line(line, percent):
    discount = rules.discount_of(line, percent)

    assert 0 <= discount <= line
    assert discount == round(discount, 2)
    assert abs(discount - line * percent / 100) <= Decimal("0.01")


@given(LINES, PERCENTS)
def test_percent_that_is_shown_stays_as_it_is_when_it_is_saved_again(line, percent):
    shown = rules.percent_of(line, rules.discount_of(line, percent))

    again = rules.percent_of(line, rules.discount_of(line, shown))

    assert abs(again - shown) <= (1 / line).quantize(Decimal("0.01")) + Decimal("0.01")


# -- The page ---------------------------------------------------------------------------------------------


def test_lines_are_saved_with_the_text(vet_client, visit, line):
    answer = vet_client.post(f"/visits/{visit.pk}/", typed(line, quantity="2,5", percent="10") | {"at": "bill"})

    assert (answer.status_code, answer.url) == (302, f"/visits/{visit.pk}/#bill")
    assert as_stored(line) == (Decimal("2.5"), 25, 225)
    assert visit.medical_record.__class__.objects.get().diagnosis == "sprain"


def test_every_button_saves_the_lines(vet_client, visit, line):
    other = ServiceFactory(cost=50)

    vet_client.post(
        f"/visits/{visit.pk}/treatments/",
        typed(line, quantity="2")
        | {"service": other.pk, "quantity": "1", "percent": "10", "request_key": uuid.uuid4()},
    )

    assert list(Treatment.objects.order_by("pk").values_list("quantity", "discount")) == [(2, 0), (1, 5)]


@pytest.mark.parametrize(
    "cells",
    [
        {"quantity": ""},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1e9"},
        {"quantity": "9999999"},
        {"quantity": "two"},
        {"quantity": "🐈"},
        {"percent": "-1"},
        {"percent": "10,01"},
        {"percent": "101"},
        {"percent": "1000000000"},
        {"percent": "half"},
    ],
)
def test_bad_line_is_refused_and_nothing_typed_is_lost(vet_client, visit, line, cells):
    answer = vet_client.post(f"/visits/{visit.pk}/", typed(line, **cells))

    (shown,) = answer.context["lines"]
    assert answer.status_code == 422
    assert [getattr(shown, name).text for name in cells] == list(cells.values())
    assert answer.context["form"]["diagnosis"].value() == "sprain"
    assert as_stored(line) == (1, 0, 100)


def test_line_of_another_visit_is_not_reached_through_this_one(vet_client, visit):
    other = AppointmentFactory()
    actions.start_visit(appointment=other, by=other.vet.user)
    line = actions.add_treatment(appointment=other, service=ServiceFactory(), by=other.vet.user)

    vet_client.post(f"/visits/{visit.pk}/", typed(line, quantity="5"))

    assert as_stored(line) == (1, 0, 100)


def test_manager_gives_any_discount_on_the_page(client, visit, line, manager):
    client.force_login(manager)
    address = f"/visits/{visit.pk}/treatments/{line.pk}/discount/"

    page = client.get(f"/visits/{visit.pk}/").text
    client.post(address, discount(line, "40"))

    assert address in page
    assert as_stored(line) == (1, 40, 60)


def test_refused_discount_is_shown_as_typed_with_a_field_for_its_reason(client, visit, line, manager):
    client.force_login(manager)
    address = f"/visits/{visit.pk}/treatments/{line.pk}/discount/"

    refused = client.post(address, discount(line, "40", reason=""))
    client.post(address, discount(line, "40", reason="<b>staff"))

    assert (refused.status_code, invalid_cells(refused)) == (422, [f"reason_{line.pk}"])
    assert f'name="percent_{line.pk}" value="40"' in refused.text
    assert as_stored(line) == (1, 40, 60)
    client.force_login(visit.vet.user)
    assert "&lt;b&gt;staff" in client.get(f"/visits/{visit.pk}/").text


@pytest.mark.parametrize("percent", ["", "0"])
def test_empty_discount_is_none(client, visit, line, manager, percent):
    change_treatment(treatment=line, percent=Decimal(40), reason="regular", by=manager)
    client.force_login(manager)

    client.post(f"/visits/{visit.pk}/treatments/{line.pk}/discount/", discount(line, percent, was="40"))

    assert as_stored(line) == (1, 0, 100)


@pytest.mark.parametrize("percent", ["-1", "101", "x", "1e9"])
def test_bad_discount_of_a_manager_is_told_at_its_cell_with_what_was_typed(client, visit, line, manager, percent):
    client.force_login(manager)

    page = client.post(f"/visits/{visit.pk}/treatments/{line.pk}/discount/", discount(line, percent))

    assert (page.status_code, invalid_cells(page), as_stored(line)) == (422, [f"percent_{line.pk}"], (1, 0, 100))
    assert f'name="percent_{line.pk}" value="{percent}"' in page.text


# -- What somebody else changed meanwhile -------------------------------------------------------------------


def test_discount_given_while_the_page_was_open_stays_when_the_page_is_saved(vet_client, visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(50), reason="regular", by=manager)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(line))

    assert (answer.status_code, as_stored(line)) == (302, (1, 50, 50))


def test_quantity_of_an_old_page_does_not_come_back(vet_client, visit, line):
    change_treatment(treatment=line, quantity=Decimal(5), by=visit.vet.user)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(line))

    assert (answer.status_code, as_stored(line)) == (302, (5, 0, 500))


def test_quantity_changed_beside_a_new_discount_keeps_both(vet_client, visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(50), reason="regular", by=manager)

    vet_client.post(f"/visits/{visit.pk}/", typed(line, quantity="3"))

    assert as_stored(line) == (3, 150, 150)


@pytest.mark.parametrize(
    ("theirs", "cell", "mine", "shown", "then"),
    [
        ({"quantity": Decimal(5)}, "quantity", "3", "5", (3, 0, 300)),
        ({"percent": Decimal(8)}, "percent", "4", "8", (1, 4, 96)),
    ],
)
def test_cell_that_another_changed_is_refused_and_shown_and_then_replaced(
    vet_client, visit, line, theirs, cell, mine, shown, then
):
    change_treatment(treatment=line, **theirs, by=visit.vet.user)
    before = as_stored(line)

    refused = vet_client.post(f"/visits/{visit.pk}/", typed(line, **{cell: mine}))
    (row,) = refused.context["lines"]
    kept, there = as_stored(line), getattr(row, cell)
    again = vet_client.post(f"/visits/{visit.pk}/", typed(line, was={cell: there.was}, **{cell: there.text}))

    assert (refused.status_code, there.text, there.was, kept) == (409, mine, shown, before)
    assert (f"Somebody noted {shown} here meanwhile" in there.error, invalid_cells(refused)) == (
        True,
        [f"{cell}_{line.pk}"],
    )
    assert (again.status_code, as_stored(line)) == (302, then)


def test_adding_a_service_on_an_old_page_leaves_the_lines_as_they_are(vet_client, visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(50), reason="regular", by=manager)

    added = {"service": ServiceFactory(cost=30).pk, "quantity": "1", "percent": "", "request_key": uuid.uuid4()}
    vet_client.post(f"/visits/{visit.pk}/treatments/", typed(line) | added)

    assert list(Treatment.objects.order_by("pk").values_list("total", flat=True)) == [50, 30]


def test_draft_of_a_line_that_another_changed_is_refused_too(vet_client, visit, line, manager):
    draft = typed(line, percent="5") | {"window": str(uuid.uuid4()), "continues": ""}
    vet_client.post(f"/visits/{visit.pk}/draft/", draft)
    change_treatment(treatment=line, percent=Decimal(50), reason="regular", by=manager)

    (row,) = vet_client.get(f"/visits/{visit.pk}/").context["lines"]
    cells = typed(line, was={"percent": row.percent.was}, percent=row.percent.text)
    answer = vet_client.post(f"/visits/{visit.pk}/", cells)

    assert (row.percent.text, answer.status_code, as_stored(line)) == ("5", 409, (1, 50, 50))


def test_managers_discount_over_a_newer_one_is_refused_and_shown(client, visit, line, manager):
    change_treatment(treatment=line, percent=Decimal(10), by=visit.vet.user)
    client.force_login(manager)

    page = client.post(f"/visits/{visit.pk}/treatments/{line.pk}/discount/", discount(line, "40"))

    assert (page.status_code, invalid_cells(page), as_stored(line)) == (409, [f"percent_{line.pk}"], (1, 10, 90))


# -- Lines by themselves ------------------------------------------------------------------------------------


def test_lines_saved_by_themselves_come_back_with_their_sum_and_no_text_is_saved(vet_client, visit, line):
    answer = vet_client.post(f"/visits/{visit.pk}/lines/", typed(line, quantity="2"))

    assert (answer.status_code, as_stored(line)) == (200, (2, 0, 200))
    assert f'name="was_quantity_{line.pk}" value="2"' in answer.text
    assert re.search(r'id="sums".*class="sumbig">[^<]*200', answer.text, re.DOTALL)
    assert ("<html" in answer.text, visit.medical_record.__class__.objects.get().diagnosis) == (False, "")


def test_fault_of_lines_saved_by_themselves_stands_at_its_cell(vet_client, visit, line):
    answer = vet_client.post(f"/visits/{visit.pk}/lines/", typed(line, quantity="x"))

    assert (answer.status_code, invalid_cells(answer), as_stored(line)) == (422, [f"quantity_{line.pk}"], (1, 0, 100))


def test_lines_of_a_signed_visit_are_refused_in_words(vet_client, visit, line):
    actions.sign_record(record=visit.medical_record, by=visit.vet.user)

    answer = vet_client.post(f"/visits/{visit.pk}/lines/", typed(line, quantity="2"))

    assert (answer.status_code, as_stored(line)) == (409, (1, 0, 100))
    assert 'class="toast error"' in answer.text


def test_refused_page_does_not_say_that_it_is_saved(vet_client, visit, line):
    vet_client.post(f"/visits/{visit.pk}/", TEXT)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(line, quantity="x") | {"version": 2})

    assert (answer.status_code, invalid_cells(answer)) == (422, [f"quantity_{line.pk}"])
    assert "Saved at" not in answer.text


# -- The price list -----------------------------------------------------------------------------------------


def test_price_list_on_the_page_has_codes_and_escapes_names(vet_client, visit):
    ServiceFactory(name="<b>X</b> & co", code="x-ray", cost=1200)

    page = vet_client.get(f"/visits/{visit.pk}/").text

    assert 'data-code="x-ray"' in page
    assert "&lt;b&gt;X&lt;/b&gt; &amp; co" in page
    assert "<b>X</b>" not in page


@pytest.mark.parametrize("service", ["9" * 5000, "x", "-1", "²", "🐈", "999999999"])
def test_service_that_does_not_exist_is_refused(vet_client, visit, service):
    typed = TEXT | {"service": service, "quantity": "1", "percent": "", "request_key": uuid.uuid4()}

    answer = vet_client.post(f"/visits/{visit.pk}/treatments/", typed)

    assert answer.status_code == 422
    assert "service" in answer.context["treatment_form"].errors
    assert not Treatment.objects.exists()
