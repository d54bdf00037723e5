"""Wrong passwords are slowed down, for a name whoever sends it, and nobody is locked out for good."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory
from vetclinic.access.models import SignInFailure

pytestmark = pytest.mark.django_db

FAR = "203.0.113."  # addresses of documentation
QUARTER, HOUR = dt.timedelta(minutes=15, seconds=1), dt.timedelta(hours=1, seconds=1)


@pytest.fixture
def nora():
    return UserFactory(username="nora")


def send(client, typed="wrong", name="nora", **meta):
    return client.post(reverse("login"), {"username": name, "password": typed}, **meta)


def fail(client, times, **more):
    for _time in range(times):
        send(client, **more)


def get_in(client, **more):
    """Whether the right password opens the door."""
    return send(client, PASSWORD, **more).status_code == 302


def let_pass(age):
    SignInFailure.objects.update(at=timezone.now() - age)


def test_right_password_after_nine_wrong_ones_opens(client, nora):
    fail(client, 9)

    assert get_in(client)


def test_right_password_after_ten_wrong_ones_is_refused_as_a_wrong_one_is(client, nora):
    fail(client, 9)
    wrong = send(client)

    right = send(client, PASSWORD)

    assert (right.status_code, right.context["form"].errors) == (wrong.status_code, wrong.context["form"].errors)
    assert "_auth_user_id" not in client.session


def test_right_password_opens_again_after_a_quarter_of_an_hour(client, nora):
    fail(client, 30)
    let_pass(QUARTER)

    assert get_in(client)


def test_tries_while_it_is_refused_do_not_prolong_it(client, nora):
    fail(client, 10)
    let_pass(dt.timedelta(minutes=14))
    fail(client, 5)
    SignInFailure.objects.update(at=timezone.now() - QUARTER)

    assert SignInFailure.objects.count() == 10
    assert get_in(client)


@pytest.mark.parametrize(
    "trick",
    [
        {"name": "NORA"},
        {"name": " nora "},
        {"name": "ｎｏｒａ"},
        {"HTTP_X_FORWARDED_FOR": f"{FAR}7"},
        {"HTTP_X_REAL_IP": f"{FAR}7", "HTTP_FORWARDED": f"for={FAR}7"},
    ],
    ids=["capitals", "spaces", "wide letters", "X-Forwarded-For", "other headers"],
)
def test_trick_starts_no_new_count(client, nora, trick):
    for number in range(10):
        send(client, **(trick if number % 2 else {}))

    assert not get_in(client, **(trick if "name" not in trick else {}))


def test_nul_in_the_name_is_refused_and_counts_for_nobody(client, nora):
    fail(client, 12, name="nora\x00")

    assert get_in(client)


def test_another_address_is_counted_by_itself(client, nora):
    fail(client, 10)

    assert get_in(client, REMOTE_ADDR=f"{FAR}7")


def test_fifty_wrong_ones_from_everywhere_close_the_name_for_an_hour(client, nora):
    for number in range(50):
        send(client, REMOTE_ADDR=f"{FAR}{number}")

    refused = get_in(client, REMOTE_ADDR=f"{FAR}200")
    let_pass(HOUR)

    assert (refused, get_in(client, REMOTE_ADDR=f"{FAR}200")) == (False, True)


def test_house_with_many_addresses_of_ipv6_is_one(client, nora):
    for number in range(10):
        send(client, REMOTE_ADDR=f"2001:db8:1:2::{number}")

    assert not get_in(client, REMOTE_ADDR="2001:db8:1:2:ffff::1")


@pytest.mark.parametrize(("proxies", "counted_apart"), [(0, False), (1, True), (2, False)])
def test_address_is_the_one_that_the_last_of_our_proxies_saw(client, nora, settings, proxies, counted_apart):
    """Everybody comes by 198.51.100.1, the outer of two proxies; what stands before that, anybody may have written."""
    settings.PROXY_COUNT = proxies
    fail(client, 10, HTTP_X_FORWARDED_FOR=f"{FAR}1, 198.51.100.1, 192.0.2.1")

    assert get_in(client, HTTP_X_FORWARDED_FOR=f"{FAR}1, 198.51.100.1, 192.0.2.2") is counted_apart


def test_right_password_forgets_the_wrong_ones_of_its_address_alone(client, nora):
    fail(client, 3)
    fail(client, 4, REMOTE_ADDR=f"{FAR}9")

    get_in(client)

    assert [row.address for row in SignInFailure.objects.all()] == [f"{FAR}9"] * 4


def test_names_that_nobody_has_are_forgotten_after_an_hour(client):
    for number in range(5):
        send(client, name=f"nobody{number}")
    let_pass(HOUR)

    send(client, name="somebody else")

    assert SignInFailure.objects.count() == 1


def test_what_was_typed_as_a_name_is_not_kept(client):
    """People type their password into the wrong field."""
    send(client, name="my-secret-password")

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(f)::text FROM sign_in_failure f")
        assert "my-secret-password" not in cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_forty_wrong_ones_at_once_are_ten_tries(nora, monkeypatch):
    tried = []
    monkeypatch.setattr(type(nora), "check_password", lambda user, raw: bool(tried.append(raw)) or time.sleep(0.05))

    def guess(number):
        try:
            return send(Client(), f"guess {number}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(guess, range(40)))

    assert (answers, len(tried)) == ({422}, 10)
