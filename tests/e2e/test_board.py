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
        for _day in range(2):
            with page.expect_navigation():
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


def test_board_whose_refresh_hangs_says_so(person):
    board = person()
    assert board.evaluate("htmx.config.timeout") == 10_000
    board.route("**/board/**", lambda route: None)

    board.evaluate(f"htmx.config.timeout = 200; {LOOK}")

    board.get_by_text("No connection: shown is what was known at").wait_for()
    board.unroute_all()
    board.evaluate(LOOK)
    board.get_by_text(re.compile(r"^as of \d\d:\d\d$")).wait_for()


def test_unchanged_board_is_as_of_the_servers_time_on_the_branchs_clock(person):
    board = person()
    answer = {"status": 304, "headers": {"Date": "Mon, 01 Jun 2026 06:15:00 GMT"}}
    board.route("**/board/**", lambda route: route.fulfill(**answer))

    board.evaluate(LOOK)

    board.get_by_text("as of 09:15", exact=True).wait_for()  # in Moscow


def test_visit_dropped_where_it_is_asks_nothing_of_the_server(person):
    board = person()
    if not board.locator(".lane [data-minutes]").count():
        book(board)
    board.goto(board.url.split("#")[0])
    asked = []
    board.on("request", lambda request: asked.append(request.url) if "/move/" in request.url else None)
    tile = board.locator(".lane [data-minutes]").first

    tile.drag_to(tile, source_position={"x": 20, "y": 8}, target_position={"x": 40, "y": 9})
    board.evaluate(LOOK)
    board.wait_for_timeout(300)

    assert asked == []
