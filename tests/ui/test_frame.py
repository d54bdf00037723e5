"""The frame around every page: sections by role, the way out, messages, dates."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from tests.e2e.test_accessibility import PAGES
from tests.factories import AppointmentFactory, UserFactory
from vetclinic.replication import state
from vetclinic.replication.reasons import Reason
from vetclinic.replication.watch import Verdict
from vetclinic.ui import context
from vetclinic.ui.navigation import SECTIONS, sections_for

pytestmark = pytest.mark.django_db
HALF_PAST_NINE = dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def read_from(monkeypatch):
    """What the frame says when a request has read so, from a standby that has all up to half past nine, UTC."""
    verdict = Verdict(Reason.FIT, as_of=HALF_PAST_NINE.timestamp())
    monkeypatch.setattr(context.watch, "watch", lambda alias: SimpleNamespace(verdict=verdict))

    def said(**reads) -> dict:
        token = state.current.set(state.Reads(safe=True, **reads))
        try:
            return {name: value for name, value in context.page(None).items() if name != "clinic_name"}
        finally:
            state.current.reset(token)

    return said


def test_page_says_up_to_when_the_standby_that_it_read_has_all(read_from):
    assert read_from(standby="replica") == {"data_as_of": HALF_PAST_NINE}
    assert read_from(standby="replica", reading_only=True) == {"data_as_of": HALF_PAST_NINE, "reading_only": True}


def test_page_from_the_primary_is_as_of_now(read_from):
    assert read_from() == read_from(standby="replica", refused=Reason.ASKED) == {}


OF_NO_SECTION = {"login", "visit_answer", "code_ask"} | {  # or of the person's own account
    "account", "password_change", "sessions_end", "second_factor", "second_factor_remove", "recovery_codes",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("reception", ["board", "search", "invoices", "prices"]),
        ("vet", ["board", "search", "invoices", "prices"]),
        ("manager", ["board", "search", "invoices", "income", "working_time", "prices"]),
        ("admin", ["prices", "operations", "admin:index"]),
    ],
)
def test_sections_of_a_role_are_those_that_it_may_see(role, names):
    sections = sections_for(UserFactory.build(role=role), page="")

    assert [section["name"] for section in sections] == names


def test_section_of_an_inner_page_is_the_current_one():
    sections = sections_for(UserFactory.build(role="manager"), page="pet")

    assert [section["name"] for section in sections if section["is_current"]] == ["search"]


@pytest.mark.parametrize("name", sorted({name for name, visit in PAGES.items() if visit.addresses} - OF_NO_SECTION))
def test_every_page_lies_in_a_section(name):
    assert [section.name for section in SECTIONS if name == section.name or name in section.pages] != []


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_section_leads_somewhere(section):
    assert reverse(section.name)


def test_page_names_the_person_and_the_way_out(client):
    client.force_login(UserFactory(role="reception", first_name="Nora", last_name="Quill"))

    page = client.get(reverse("account"))

    assert "Nora Quill" in page.text
    assert f'<form action="{reverse("logout")}" method="post">' in page.text
    assert f'action="{reverse("search")}"' in page.text


def test_page_for_an_admin_has_no_search_of_owners(client):
    client.force_login(UserFactory(role="admin"))

    page = client.get(reverse("account"))

    assert 'role="search"' not in page.text


def test_page_returns_to_itself_after_a_change_of_language(client):
    client.force_login(UserFactory(role="reception"))

    page = client.get(reverse("account"), {"a": "<b>"})

    assert '<input type="hidden" name="next" value="/account/?a=%3Cb%3E">' in page.text


def test_refusal_is_a_toast_that_stays():
    html = render_to_string("ui/_toasts.html", {"messages": [Message(constants.ERROR, "No <b>")]})

    assert '<div class="toast error">' in html
    assert "No &lt;b&gt;" in html


def test_english_dates_cannot_be_taken_for_another_day():
    """03/11 is a day in November in London and one in March in New York."""
    with override("en"):
        written = date_format(dt.date(2026, 11, 3), "SHORT_DATE_FORMAT")

    assert written == "3 Nov 2026"


def test_n_books_on_every_page_for_whom_the_page_is_about(client):
    visit = AppointmentFactory()
    pet, owner = visit.pet_id, visit.pet.pet_owner_id
    client.force_login(UserFactory(role="reception"))

    about = {
        "/pets/": "/book/",
        "/appointments/": "/book/",
        "/invoices/": "/book/",
        f"/pets/{pet}/": f"/book/?pet={pet}",
        f"/owners/{owner}/": f"/book/?owner={owner}",
        f"/appointments/{visit.pk}/": f"/book/?pet={pet}",
        "/search/?q=rex": "/book/?q=rex",
    }
    links = {path: re.findall(r'href="([^"]+)" data-new', client.get(path).text) for path in about}

    assert links == {path: [link] for path, link in about.items()}


def test_who_does_not_book_is_offered_no_booking(client):
    client.force_login(UserFactory(role="admin"))

    assert "data-new" not in client.get("/account/").text
