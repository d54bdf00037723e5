"""Booking with the keyboard alone, its keys counted: a receptionist has the phone in the other hand."""

import pytest
from playwright.sync_api import expect

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


def test_known_client_is_booked_with_eight_keys_and_without_a_look_at_the_screen(board):
    """No key waits for the page: not for the drawer, not for the hits, not for the animal that was taken."""
    keys, before = Keys(board), board.locator(".ev").count()

    keys.press("n", *"6085", "Enter", "Enter")  # digits of a phone of the import

    board.get_by_text("Booked: Leo").wait_for()
    assert board.locator(".ev").count() == before + 1
    assert keys.count <= 8


def test_new_client_is_booked_with_six_keys_besides_what_they_say(board):
    keys, said = Keys(board), ("+79161230077", "Moss", "Ida", "Olive", "d")  # a dog

    keys.press("n", *said[0], "Enter")
    keys.press(*said[1], "Tab", *said[2], "Tab", *said[3], "Tab", *said[4], "Enter")

    board.get_by_text("Booked: Olive").wait_for()
    assert keys.count - sum(map(len, said)) <= 6


def test_enter_takes_who_matches_the_whole_text_and_not_who_matched_its_beginning(board):
    """5102 is in two phones, and the first of them is another than that of 51023."""
    keys = Keys(board)
    keys.press("n", *"5102")
    expect(board.locator("#hits .hit b").first).to_have_text("Abe")

    keys.press("3", "Enter")

    expect(board.locator(".who b")).to_have_text("Zora")


def test_keys_pressed_while_the_drawer_loads_are_typed_into_it(board):
    board.keyboard.type("n6085xyz", delay=15)
    board.keyboard.press("Backspace")

    assert board.locator("#drawer [name=q]").input_value() == "6085xy"


def test_arrows_and_enter_take_another_of_the_hits(board):
    board.keyboard.type("n5102")
    expect(board.locator("#hits .hit b").nth(1)).to_have_text("Zora")

    board.keyboard.press("ArrowDown")
    board.keyboard.press("Enter")

    expect(board.locator(".who b")).to_have_text("Zora")


def test_time_stands_in_the_head_of_the_drawer_and_as_a_dashed_tile_on_the_board(board):
    free = board.locator(".free a").nth(3)
    time = free.inner_text().split()[-1]

    free.click()
    head = board.locator("#drawer .when")
    expect(head).to_contain_text(time)
    expect(board.locator(".lane .ghost time")).to_have_text(time)
    board.locator("#drawer #times label").last.click()

    other = board.locator("#drawer #times label").last.inner_text().split()[0]
    expect(head).to_contain_text(other)
    board.keyboard.press("Escape")
    expect(board.locator(".lane .ghost")).to_have_count(0)


def test_drawer_that_was_closed_by_mistake_has_kept_what_was_typed(board):
    board.locator(".free a").nth(3).click()
    board.locator("#drawer [name=q]").fill("6085")
    board.locator("#drawer [name=notes]").fill("bites")
    board.keyboard.press("Escape")

    board.locator(".free a").nth(4).click()

    drawer = board.locator("#drawer")
    expect(drawer.get_by_text("What was typed before is still here")).to_be_visible()
    assert drawer.locator("[name=notes]").input_value() == "bites"
    expect(drawer.locator(".when")).to_contain_text(board.locator(".free a").nth(4).inner_text().split()[-1])
    drawer.get_by_role("button", name="Start over").click()
    expect(drawer.locator("[name=notes]")).to_have_value("")


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
