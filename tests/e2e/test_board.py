"""The board in a browser: dragging a visit, and keeping itself fresh while somebody works on it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import sign_in, watch

pytestmark = pytest.mark.e2e

LOOK = "htmx.trigger(document.getElementById('live'), 'look')"  # what the timer does every 15 seconds


@pytest.fixture
def person(staffed, browser, browser_context_args):
    """Opens the board of the day after tomorrow for one more person in a browser of their own."""
    contexts = []

    def open_board():
        contexts.append(browser.new_context(**browser_context_args))
        page = contexts[-1].new_page()
        sign_in(page, "reception")
        page.goto("/board/")
        page.get_by_label("Next day").click()
        page.get_by_label("Next day").click()
        return page

    yield open_board
    for context in contexts:
        context.close()


def book(board) -> None:
    """Another visit for Leo, at a time well ahead of those that the tests look at."""
    board.locator(".free a").nth(20).click()
    board.locator("#drawer [name=q]").fill("Leo")
    board.locator("#hits label", has_text="Leo").first.click()
    board.locator("#drawer").get_by_role("button", name="Book the visit").click()
    board.get_by_text("Booked:").wait_for()


def test_visit_is_dragged_to_another_time_and_taken_back(person):
    board = person()
    faults = watch(board)
    if not board.locator(".lane [data-minutes]").count():
        book(board)
    board.goto(board.url.split("#")[0])  # a page that is still fading in takes no mouse
    tile = board.locator(".lane [data-minutes]").first
    before = tile.locator("time").inner_text()

    tile.drag_to(board.locator(".free a").nth(23), source_position={"x": 20, "y": 8}, target_position={"x": 20, "y": 8})
    board.get_by_text("Moved:").wait_for()
    after = board.locator(".lane [data-minutes] time").first.inner_text()
    board.get_by_role("button", name="Undo").click()
    board.get_by_text("is where it was").wait_for()

    assert after != before
    assert board.locator(".lane [data-minutes] time").first.inner_text() == before
    assert faults == []


def test_board_shows_what_another_person_booked_and_keeps_the_focus(person):
    mine, theirs = person(), person()
    mine.locator(".free a").nth(8).focus()
    focused = mine.evaluate("document.activeElement.href")
    before = mine.locator(".ev").count()

    book(theirs)
    mine.evaluate(LOOK)
    expect(mine.locator(".ev")).to_have_count(before + 1)

    assert mine.evaluate("document.activeElement.href") == focused


def test_board_that_cannot_refresh_stays_and_says_from_when_it_is(person):
    board = person()
    board.context.set_offline(True)

    board.evaluate(LOOK)

    board.get_by_text(re.compile(r"No connection: shown is what was known at \d\d:\d\d")).wait_for()
    assert board.locator(".lane").count() == 1
    board.context.set_offline(False)
    board.evaluate(LOOK)
    board.get_by_text(re.compile(r"^as of \d\d:\d\d$")).wait_for()
