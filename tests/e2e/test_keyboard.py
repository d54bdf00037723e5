"""Booking with the keyboard alone, its keys counted: a receptionist has the phone in the other hand."""

import pytest

from tests.e2e.conftest import sign_in, watch

pytestmark = pytest.mark.e2e


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


@pytest.fixture
def board(staffed, browser, browser_context_args):
    page = browser.new_context(**browser_context_args).new_page()
    faults = watch(page)
    sign_in(page, "reception")
    page.goto("/board/")
    yield page
    page.context.close()
    assert faults == []


def test_known_client_is_booked_with_eight_keys(board):
    keys, before = Keys(board), board.locator(".ev").count()

    keys.press("n")
    board.locator("#drawer [name=q]").wait_for()
    keys.press(*"6085")  # digits of a phone of the import
    board.locator("#hits label").first.wait_for()
    keys.press("Enter", "Enter")

    board.get_by_text("Booked:").wait_for()
    assert board.locator(".ev").count() == before + 1
    assert keys.count <= 8


def test_new_client_is_booked_with_six_keys_besides_what_they_say(board):
    keys, said = Keys(board), ("+79161230077", "Moss", "Ida", "Olive")

    keys.press("n")
    board.locator("#drawer [name=q]").wait_for()
    keys.press(*said[0])
    board.get_by_text("Nobody found").wait_for()
    keys.press("Enter")
    keys.press(*said[1], "Tab", *said[2], "Tab", *said[3], "Enter")

    board.get_by_text("Booked: Olive").wait_for()
    assert keys.count - sum(map(len, said)) <= 6


def test_visit_is_moved_and_taken_back_with_the_keyboard(board):
    board.locator(".ev").last.focus()
    board.keyboard.press("Enter")
    board.get_by_role("link", name="Move", exact=True).focus()
    board.keyboard.press("Enter")
    board.locator("#times label").last.wait_for()
    old = board.locator(".dh p").inner_text()
    board.locator("#times [name=slot]:checked").focus()
    board.keyboard.press("ArrowRight")
    board.keyboard.press("Enter")
    board.get_by_text("Moved:").wait_for()
    board.get_by_role("button", name="Undo").focus()
    board.keyboard.press("Enter")
    board.get_by_text("is where it was").wait_for()

    board.locator(".ev").last.press("Enter")
    assert old.split(" · ")[0].split(", ")[-1] in board.locator(".meta").inner_text()
