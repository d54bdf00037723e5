"""A session ends after half an hour without a step, and after half a day; what was typed then is not lost."""

import json
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from clinic.models import PetOwner
from tests.factories import PASSWORD, OwnerFactory, UserFactory
from vetclinic.access.models import User

pytestmark = pytest.mark.django_db

MINUTE, HOUR = 60, 3600


@pytest.fixture
def clock(monkeypatch):
    """`clock(s)`: so many seconds later."""
    start, passed = time.time(), []

    monkeypatch.setattr(time, "time", lambda: start + sum(passed))
    return passed.append


@pytest.fixture
def nora():
    return UserFactory(username="nora", role="manager")


@pytest.fixture
def visitor(client, clock, nora):
    sign_in(client)
    return client


def sign_in(client, **more):
    return client.post(reverse("login"), {"username": "nora", "password": PASSWORD, **more})


def is_in(client, path="/account/", **more) -> bool:
    return client.get(path, **more).status_code == 200


def test_person_who_goes_on_working_stays_signed_in(visitor, clock):
    for _step in range(5):
        clock(29 * MINUTE)
        assert is_in(visitor)


def test_person_who_does_nothing_for_half_an_hour_is_signed_out(visitor, clock):
    is_in(visitor)
    clock(30 * MINUTE + 1)

    answer = visitor.get("/account/")

    assert answer.headers["Location"] == "/login/?next=/account/"
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_session_that_has_ended_does_not_come_back(visitor, clock):
    old = {name: cookie.value for name, cookie in visitor.cookies.items()}
    clock(31 * MINUTE)
    is_in(visitor)
    sign_in(visitor)
    thief = Client()
    thief.cookies.load(old)

    assert (is_in(thief), is_in(visitor)) == (False, True)


def test_time_without_a_step_is_the_environments(visitor, clock, settings):
    settings.SESSION_IDLE_S = 5 * MINUTE
    clock(6 * MINUTE)

    assert not is_in(visitor)


@pytest.mark.parametrize("path", ["/board/", "/operations/"])
def test_page_that_asks_for_itself_keeps_nobody_signed_in(client, clock, path):
    person = UserFactory(role="admin" if path == "/operations/" else "reception")
    client.force_login(person)
    looks = {"HX-Request": "true", "X-Unattended": "1"}

    for _look in range(3):
        clock(10 * MINUTE + 1)
        last = client.get(path, headers=looks)

    assert last.status_code == 401
    assert last.headers["HX-Redirect"].startswith("/login/")


def test_pages_that_ask_for_themselves_say_so(client):
    """The three that poll: board, operations, progress. Another one has to say it, too."""
    from tests.servers import ROOT

    polls = [path for path in (ROOT / "templates").rglob("*.html") if 'hx-trigger="every' in path.read_text()]
    polls.append(ROOT / "templates/home/_live.html")

    assert len(polls) == 3
    assert [path.name for path in polls if "X-Unattended" not in path.read_text()] == []


def test_person_is_signed_out_half_a_day_after_the_password_however_busy(visitor, clock):
    for _step in range(12 * 3 - 1):
        clock(20 * MINUTE)
        last = is_in(visitor, "/account/?keep=me")
    clock(20 * MINUTE + 1)

    assert (last, is_in(visitor)) == (True, False)


def test_presence_that_was_made_up_counts_for_nothing(visitor, clock):
    visitor.cookies["presence"] = f"{int(time.time()) + HOUR}:made-up"
    clock(31 * MINUTE)

    assert not is_in(visitor)


def test_presence_of_another_session_counts_for_nothing(visitor, clock):
    other = Client()
    clock(20 * MINUTE)
    sign_in(other)
    visitor.cookies["presence"] = other.cookies["presence"].value
    clock(20 * MINUTE)

    assert not is_in(visitor)


def test_looking_at_a_page_writes_nothing(visitor, clock, django_assert_max_num_queries):
    clock(2 * MINUTE)

    with django_assert_max_num_queries(10) as asked:
        is_in(visitor)

    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []


# -- A form that comes when the session has ended ------------------------------------------------------------------


def typed_too_late(visitor, clock):
    owner = OwnerFactory()
    form = {"last_name": "Ivanova", "first_name": "Анна", "phone": "+79161234567"}
    clock(31 * MINUTE)
    return owner, visitor.post(f"/owners/{owner.pk}/edit/", form)


def test_form_that_comes_too_late_leads_to_sign_in_with_all_that_was_typed(visitor, clock):
    owner, answer = typed_too_late(visitor, clock)

    assert answer.status_code == 401
    assert 'name="password"' in answer.text
    assert answer.context["address"] == f"/owners/{owner.pk}/edit/"
    assert dict(json.loads(answer.context["fields"]))["first_name"] == "Анна"
    assert PetOwner.objects.get().last_name == owner.last_name


def test_form_that_came_too_late_is_sent_again_after_signing_in(visitor, clock):
    _owner, answer = typed_too_late(visitor, clock)
    kept = {name: answer.context[name] for name in ("address", "fields")}
    wrong = visitor.post(reverse("login"), {"username": "nora", "password": "wrong"} | kept)

    page = visitor.get(sign_in(visitor, address=wrong.context["address"], fields=wrong.context["fields"])["Location"])
    done = visitor.post(page.context["address"], dict(page.context["fields"]))

    assert done.status_code == 302
    assert PetOwner.objects.get().last_name == "Ivanova"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_form_is_sent_again_to_our_own_addresses_alone(visitor, clock, address):
    clock(31 * MINUTE)

    answer = sign_in(visitor, address=address, fields='[["a", "b"]]')

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("fields", ["", "{", "7", "[[1]]", '{"a": 1}', "null"])
def test_fields_that_our_page_did_not_write_are_passed_over(visitor, clock, fields):
    clock(31 * MINUTE)

    assert sign_in(visitor, address="/x/", fields=fields).headers["Location"] == "/"


@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer"])
def test_part_of_a_page_whose_session_has_ended_takes_the_whole_page_to_sign_in(visitor, clock, header):
    clock(31 * MINUTE)

    answer = visitor.get("/board/", headers={"HX-Request": "true", header: "http://testserver/board/?day=1"})

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fboard%2F%3Fday%3D1"


def test_script_that_sends_a_form_too_late_sees_that_it_is_redirected(visitor, clock):
    clock(31 * MINUTE)

    answer = visitor.post("/visits/1/draft/", {"notes": "x"}, headers={"Sec-Fetch-Dest": "empty"})

    assert answer.headers["Location"].startswith("/login/")


# -- Rights that were taken away -----------------------------------------------------------------------------------


def test_person_who_was_switched_off_is_out_with_the_next_page(visitor, nora):
    User.objects.filter(pk=nora.pk).update(is_active=False)

    assert not is_in(visitor)


def test_person_who_got_another_role_has_its_rights_with_the_next_page(visitor, nora):
    nora.role = "reception"
    nora.save()

    assert (visitor.get("/income/").status_code, is_in(visitor)) == (403, True)
