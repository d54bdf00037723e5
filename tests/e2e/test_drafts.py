"""What is typed into a record is not lost: the worker is killed, the tab closed, the session gone, the line down."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import sign_in, watch

pytestmark = pytest.mark.e2e
LOSS_MS = 2000  # at most so much typing may be lost
KEPT = re.compile(r"^Draft kept at \d\d:\d\d$")
NOT_SAVED = re.compile(r"Draft of \d\d:\d\d, not saved yet")


@pytest.fixture
def context(browser, browser_context_args, visit):
    """A browser in which the vet is signed in."""
    context = browser.new_context(**browser_context_args)
    sign_in(context.new_page(), "vet")
    yield context
    context.close()


def opened(context, visit):
    page = context.new_page()
    page.goto(visit)
    return page


def status(page):
    return page.locator("#kept")


def diagnosis(page):
    return page.get_by_label("Diagnosis", exact=True)


def test_text_typed_before_the_worker_is_killed_is_there_again(staffed, context, visit):
    page = opened(context, visit)
    faults = watch(page)
    page.get_by_label("Complaint").fill("Does not eat since yesterday\nПьёт мало 🐈")
    diagnosis(page).press_sequentially("Gastritis", delay=20)
    expect(status(page)).to_have_text(KEPT, timeout=LOSS_MS)

    for worker in staffed.workers():
        os.kill(worker, signal.SIGKILL)
    page.reload()

    expect(page.get_by_text(NOT_SAVED)).to_be_visible()
    expect(page.get_by_label("Complaint")).to_have_value("Does not eat since yesterday\nПьёт мало 🐈")
    expect(diagnosis(page)).to_have_value("Gastritis")
    assert faults == []


def test_typing_goes_on_while_the_worker_is_killed(staffed, context, visit):
    page = opened(context, visit)

    for word in ["one", "two", "three"]:
        diagnosis(page).press_sequentially(f"{word} ", delay=60)
    for worker in staffed.workers():
        os.kill(worker, signal.SIGKILL)
    with page.expect_response(lambda answer: answer.ok and "six" in (answer.request.post_data or ""), timeout=30_000):
        for word in ["four", "five", "six"]:  # new workers take a while on a busy machine
            diagnosis(page).press_sequentially(f"{word} ", delay=60)
    expect(status(page)).to_have_text(KEPT)
    page.reload()

    expect(diagnosis(page)).to_have_value("one two three four five six ")


def test_closed_tab_and_a_new_sign_in_bring_the_draft_back(context, visit):
    page = opened(context, visit)
    diagnosis(page).fill("Otitis")
    page.wait_for_timeout(LOSS_MS)
    page.close()
    context.clear_cookies()

    sign_in(context.new_page(), "vet")
    page = opened(context, visit)

    expect(diagnosis(page)).to_have_value("Otitis")
    page.get_by_role("button", name="Discard").click()
    expect(diagnosis(page)).to_have_value("")
    expect(page.get_by_text(NOT_SAVED)).to_have_count(0)


def test_page_left_at_once_has_kept_its_text(context, visit):
    page = opened(context, visit)
    diagnosis(page).fill("Cystitis")

    page.goto("/board/")
    page.wait_for_timeout(300)
    page.goto(visit)

    expect(diagnosis(page)).to_have_value("Cystitis")


def test_lost_session_says_so_and_goes_on_after_signing_in_elsewhere(context, visit):
    page = opened(context, visit)
    context.clear_cookies()

    diagnosis(page).fill("Sprain")
    expect(status(page)).to_contain_text("Not kept: you are signed out")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert page.url.endswith(visit)
    sign_in(context.new_page(), "vet")
    expect(status(page)).to_have_text(KEPT, timeout=10_000)
    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(status(page)).to_have_text(re.compile("Saved at"))
    expect(diagnosis(page)).to_have_value("Sprain")


def test_line_that_is_down_is_said_and_tried_again(context, visit):
    page = opened(context, visit)
    context.set_offline(True)

    diagnosis(page).fill("Dermatitis")
    expect(status(page)).to_have_text("Not kept: no connection, trying again")
    context.set_offline(False)

    expect(status(page)).to_have_text(KEPT, timeout=LOSS_MS + 3000)


def test_saving_leaves_no_draft_behind(context, visit):
    page = opened(context, visit)
    diagnosis(page).fill("Healthy")
    page.wait_for_timeout(LOSS_MS)

    page.get_by_role("button", name="Save", exact=True).last.click()

    expect(status(page)).to_have_text(re.compile("Saved at"))
    page.reload()
    expect(page.get_by_text(NOT_SAVED)).to_have_count(0)


def test_offered_text_fills_in_at_once_and_is_kept(staffed, context, visit):
    template = (
        "from records.models import RecordTemplate;"
        'RecordTemplate.objects.get_or_create(title="Ears", diagnosis="Otitis externa.", prescription="Drops.\\nClean.")'
    )
    staffed.manage("shell", "-v0", "-c", template)
    page = opened(context, visit)
    page.get_by_label("Prescription").fill("Rest.")

    page.get_by_role("button", name="Ears").click()
    page.get_by_role("button", name="Ears").click()

    expect(page.get_by_label("Prescription")).to_have_value("Rest.\nDrops.\nClean.")
    expect(diagnosis(page)).to_have_value("Otitis externa.")
    expect(status(page)).to_have_text(KEPT, timeout=LOSS_MS)


def test_primary_that_is_away_is_said_and_the_draft_is_kept_when_it_is_back(pair, context, visit):
    page = opened(context, visit)

    pair.stop_server("primary", "immediate")
    try:
        diagnosis(page).fill("Gingivitis")
        expect(status(page)).to_have_text("Not kept: nothing can be saved for the moment, trying again", timeout=10_000)
    finally:
        pair.start_server("primary")

    expect(status(page)).to_have_text(KEPT, timeout=20_000)
    page.reload()
    expect(diagnosis(page)).to_have_value("Gingivitis")
