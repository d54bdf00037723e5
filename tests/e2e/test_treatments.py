"""Services from the price list by three letters with a keyboard alone, and quantities by steppers, in a browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, sign_in, watch

pytestmark = pytest.mark.e2e

# Of a vet without a branch, so that the board of the other tests does not show it.
VISIT_GOING_ON = """
import datetime as dt
from django.utils import timezone
from clinic.models import Appointment, Pet, Service, Veterinarian
from records.actions import start_visit
from vetclinic.access.models import User
user, is_new = User.objects.get_or_create(username="picker", role="vet")
user.set_password("{password}")
user.save()
known = Veterinarian.objects.get(last_name="Leary")
vet, is_new = Veterinarian.objects.get_or_create(user=user, last_name="Hay", specialization=known.specialization)
now, today = timezone.now(), timezone.localdate() - dt.timedelta(days=1)
for code, name, cost in (("rabies", "Прививка от бешенства", 1000), ("drip", "Лёгкая капельница", 500),
                         ("blood", "Blood count", 700)):
    Service.objects.get_or_create(code=code, defaults=dict(name=name, cost=cost, valid_from=today))
pet = Pet.objects.create(name="Biscuit", species="cat")
visit = Appointment.objects.create(pet=pet, vet=vet, date=now, ends_at=now + dt.timedelta(minutes=5), reason="cough",
                                   squeezed_in=True, squeezed_in_reason="test")
start_visit(appointment=visit, by=vet.user)
print("visit", visit.pk)
"""


@pytest.fixture
def desk(staffed, page):
    """The page of a visit that is going on, opened by its vet."""
    number = staffed.manage("shell", "-c", VISIT_GOING_ON.format(password=PASSWORD)).split()[-1]
    sign_in(page, "picker")
    page.goto(f"/visits/{number}/")
    return page


def picker(desk):
    return desk.get_by_role("combobox", name="Add from the price list")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("при", "Прививка от бешенства"),
        ("БЕШ", "Прививка от бешенства"),
        ("лег", "Лёгкая капельница"),  # ё is е
        ("rab", "Прививка от бешенства"),  # its code
        ("ghb", "Прививка от бешенства"),  # "при" in the other layout
        ("идщ", "Blood count"),  # "blo" in the other layout
    ],
)
def test_three_letters_find_a_service(desk, typed, name):
    faults = watch(desk)

    picker(desk).press_sequentially(typed)

    expect(desk.locator("#bill").get_by_role("option", selected=True)).to_contain_text(name)
    assert faults == []


def test_arrows_choose_enter_adds_and_the_next_is_typed_at_once(desk):
    desk.get_by_label("Diagnosis").fill("Gastritis")
    picker(desk).press_sequentially("п")
    picker(desk).press("ArrowDown")
    picker(desk).press("ArrowUp")
    picker(desk).press("Escape")
    picker(desk).fill("")
    picker(desk).press_sequentially("капель")
    picker(desk).press("Enter")

    expect(desk.locator("#bill .nm")).to_have_text("Лёгкая капельница")
    expect(desk.get_by_label("Diagnosis")).to_have_value("Gastritis")
    expect(picker(desk)).to_be_focused()


def test_enter_on_nothing_found_adds_nothing(desk):
    picker(desk).press_sequentially("zzzz")
    picker(desk).press("Enter")

    expect(picker(desk)).to_have_attribute("aria-expanded", "false")
    expect(desk.locator("#bill .nm")).to_have_count(0)


def test_stepper_changes_a_line_and_the_total(desk):
    picker(desk).press_sequentially("капель")
    picker(desk).press("Enter")
    expect(desk.locator("#bill .nm")).to_have_count(1)

    desk.get_by_role("button", name="+ Quantity: Лёгкая капельница").click()

    expect(desk.locator(".sumbig")).to_contain_text("1,000")
    expect(desk.get_by_label("Quantity: Лёгкая капельница", exact=True)).to_have_value("2")


def added(desk, letters="капель"):
    """The page with one line on the bill."""
    picker(desk).press_sequentially(letters)
    picker(desk).press("Enter")
    expect(desk.locator("#bill .nm")).to_have_count(1)
    return desk.get_by_label("Quantity: Лёгкая капельница", exact=True)


def test_typing_goes_on_while_a_line_is_saved(desk):
    faults = watch(desk)
    quantity = added(desk)
    words = "Drinks little, eats nothing since Thursday."

    desk.get_by_role("button", name="+ Quantity: Лёгкая капельница").click()
    desk.get_by_label("Notes").press_sequentially(words, delay=40)

    expect(desk.get_by_label("Notes")).to_have_value(words)
    expect(desk.get_by_label("Notes")).to_be_focused()
    expect(picker(desk)).to_have_value("")
    expect(desk.locator(".sumbig")).to_contain_text("1,000")
    expect(quantity).to_have_value("2")
    assert faults == []


def test_stepper_keeps_the_focus_while_its_line_is_saved(desk):
    quantity = added(desk)
    plus = desk.get_by_role("button", name="+ Quantity: Лёгкая капельница")
    plus.focus()

    for pieces in (2, 3):
        desk.keyboard.press("Enter")
        expect(desk.locator(".sumbig")).to_contain_text(f"{pieces * 500:,}")
        expect(plus).to_be_focused()

    expect(quantity).to_have_value("3")


def test_cell_typed_while_another_is_being_saved_is_kept_and_saved(desk):
    added(desk)
    percent = desk.get_by_label("Discount in percent: Лёгкая капельница")
    desk.route("**/lines/", lambda route: (desk.wait_for_timeout(500), route.continue_()))

    desk.get_by_role("button", name="+ Quantity: Лёгкая капельница").click()
    with desk.expect_request("**/lines/"):
        percent.focus()
    percent.press_sequentially("10", delay=20)
    expect(desk.locator(".sumbig")).to_contain_text("1,000")
    desk.get_by_label("Notes").focus()

    expect(desk.locator(".sumbig")).to_contain_text("900")


def test_line_that_is_refused_is_told_at_its_cell_without_leaving_the_page(desk):
    added(desk)
    percent = desk.get_by_label("Discount in percent: Лёгкая капельница")

    percent.fill("50")
    desk.get_by_label("Notes").press_sequentially("Owner calls on Friday", delay=40)

    expect(desk.get_by_role("alert").filter(has_text="More than 10 % is given by a manager.")).to_be_visible()
    expect(percent).to_have_value("50")
    expect(desk.get_by_label("Notes")).to_have_value("Owner calls on Friday")


def test_saved_line_leaves_no_draft_behind(desk):
    added(desk)

    with desk.expect_response(lambda answer: "/draft/" in answer.url and answer.status == 204):
        desk.get_by_role("button", name="+ Quantity: Лёгкая капельница").click()
    desk.reload()

    expect(desk.get_by_text("not saved yet")).to_have_count(0)
