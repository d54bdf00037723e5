"""Two browsers write one record: the second to save sees both texts and chooses, also without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.test_accessibility import AXE, EVERYTHING

pytestmark = pytest.mark.e2e


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def second_of_two(request, browser, browser_context_args, visit):
    """The page of the second editor, as it is after the first has saved and the second tries to."""
    contexts = [browser.new_context(**browser_context_args, java_script_enabled=request.param) for _person in range(2)]
    first, second = (context.new_page() for context in contexts)
    for page in (first, second):
        sign_in(page, "vet")
        page.goto(visit)
    write(first, complaint="Limps", diagnosis="Fracture")
    write(second, diagnosis="Sprain", prescription="Rest\nfor a week")
    yield second
    for context in contexts:
        context.close()


def write(page, **texts):
    for name, text in texts.items():
        page.locator(f"[name={name}]").fill(text)
    save(page)


def save(page):
    page.get_by_role("button", name="Save", exact=True).last.click()


def side(page, text, choice):
    """One of the two texts, with its choice."""
    return page.get_by_role("group", name=text).get_by_label(choice)


def test_second_editor_sees_both_texts_and_chooses(second_of_two, visit):
    page = second_of_two
    diagnosis = page.get_by_role("group", name="Diagnosis")
    expect(diagnosis).to_contain_text("Fracture")
    expect(diagnosis).to_contain_text("Sprain")
    expect(side(page, "Complaint", "Stored meanwhile")).to_be_checked()
    expect(side(page, "Prescription", "Typed by you")).to_be_checked()

    diagnosis.get_by_text("Both, edited").click()
    expect(page.locator("[name=diagnosis_edited]")).to_have_value("Fracture\nSprain")
    page.locator("[name=diagnosis_edited]").fill("Fracture, not a sprain")
    save(page)

    expect(page.locator("#kept")).to_contain_text("Saved at")
    expect(page.locator("[name=complaint]")).to_have_value("Limps")
    expect(page.locator("[name=diagnosis]")).to_have_value("Fracture, not a sprain")
    expect(page.locator("[name=prescription]")).to_have_value("Rest\nfor a week")


def test_second_editor_who_takes_the_stored_text_changes_nothing(second_of_two):
    page = second_of_two
    side(page, "Diagnosis", "Stored meanwhile").check()
    side(page, "Prescription", "Stored meanwhile").check()

    save(page)

    expect(page.locator("[name=diagnosis]")).to_have_value("Fracture")
    expect(page.locator("[name=prescription]")).to_have_value("")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("second_of_two", [True], indirect=True, ids=["with-js"])  # axe is a script itself
def test_page_of_both_texts_has_no_fault_of_access(second_of_two, width, theme):
    page = second_of_two
    page.set_viewport_size({"width": width, "height": 3000})
    page.emulate_media(color_scheme=theme)
    page.get_by_text("Both, edited").first.click()

    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options).then(result => result.violations)", EVERYTHING)

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_both_texts_fit_a_phone(second_of_two):
    page = second_of_two

    page.set_viewport_size({"width": 390, "height": 844})

    theirs, mine = (page.locator(".differ .side").nth(number).bounding_box() for number in range(2))
    assert (theirs["x"], theirs["width"]) == (mine["x"], mine["width"])
    assert mine["y"] >= theirs["y"] + theirs["height"]
