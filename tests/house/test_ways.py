"""What a role may open is led to from its first page, and nothing else is, in a clinic that is at work."""

import io
import re
from collections import Counter, deque
from html import unescape

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve

from tests.house.test_access_matrix import MATRIX, NOT_LINKED, ROLES
from vetclinic.access.models import SecondFactor, User

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r"""(href|action|src|hx-get|hx-post|data-[a-z]+)=["'](/[^"'#]*)""")
PAGES_OF_A_NAME = 60
NO_PAGE = re.compile(
    "paper|export|receipt|discharge|progress|^file"
)  # PDFs and files lead nowhere, and take their time
# Before the pages, in letters and calendars, or there only after an act: the address test sees them named in a template.
ELSEWHERE = NOT_LINKED | {"login", "code_ask", "send_again", "visit_answer", "calendar_feed"}
AFTER_AN_ACT = {"credit_paper", "deposit_receipt", "owner_merge", "history_paper_progress", "owner_file_progress"}


def led_to(client, wanted: set[str]) -> set[str]:
    """The names of the addresses on the pages that follow from the first one, until all `wanted` are among them."""
    found, seen, opened, waiting = set(), set(), Counter(), deque(["/"])
    while waiting and not wanted <= found:
        answer = client.get(waiting.popleft(), follow=True)
        assert answer.status_code == 200, answer.request["PATH_INFO"]
        text = answer.text if "text/html" in answer.headers["Content-Type"] else ""
        for attribute, address in ADDRESS.findall(text):
            if (attribute, address) in seen:
                continue
            seen.add((attribute, address))
            try:
                name = resolve(address.partition("?")[0]).view_name
            except Resolver404:
                continue  # a static file
            found.add(name)
            if attribute == "href" and not NO_PAGE.search(name) and opened[name] < PAGES_OF_A_NAME:
                opened[name] += 1
                waiting.append(unescape(address))
    return found


@pytest.mark.parametrize("letter", ROLES)
def test_every_page_of_a_role_is_led_to_from_its_first_and_no_page_of_another(client, letter):
    call_command("seed_demo", password="whisker-harbour-42", stdout=io.StringIO())
    person = User.objects.get(username=ROLES[letter])
    client.force_login(person)
    SecondFactor.objects.create(user=person, secret="0" * 40)
    pages = {name for name, row in MATRIX.items() if letter in row.who and row.answer != 405}
    wanted = pages - ELSEWHERE - AFTER_AN_ACT | ({"admin:index"} if letter == "A" else set())

    found = led_to(client, wanted)

    assert wanted - found == set()
    assert {name for name in found & set(MATRIX) if letter not in MATRIX[name].who} == set()
