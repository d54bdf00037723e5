"""The account page: one's own password, and other devices."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory
from vetclinic.access.models import SignInFailure, User

pytestmark = pytest.mark.django_db

NEW = "three geese in a row"


@pytest.fixture(params=["reception", "vet", "manager", "admin"])
def person(request):
    return UserFactory(role=request.param)


@pytest.fixture
def visitor(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def elsewhere(person):
    other = Client()
    other.force_login(person)
    return other


def is_in(client) -> bool:
    return client.get("/account/").status_code == 200


def change(client, **typed):
    return client.post(reverse("password_change"), {"password": PASSWORD, "new": NEW, "again": NEW} | typed)


def test_account_offers_every_role_password_devices_language_and_theme(visitor):
    text = visitor.get("/account/").text

    for name in ("password_change", "sessions_end", "second_factor", "set_language"):
        assert reverse(name) in text
    assert "data-theme-choice" in text


def test_own_password_is_changed_and_other_devices_are_signed_out(visitor, elsewhere, person):
    was = visitor.session.session_key

    answer = change(visitor)

    assert answer.headers["Location"] == "/"
    assert User.objects.get(pk=person.pk).check_password(NEW)
    assert (is_in(visitor), is_in(elsewhere)) == (True, False)
    assert visitor.session.session_key != was


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"password": "wrong"}, "password"),
        ({"new": "short", "again": "short"}, "new"),
        ({"new": "vetclinic2026", "again": "vetclinic2026"}, "new"),
        ({"new": "x1" * 2500, "again": "x1" * 2500}, "new"),
        ({"again": "three geese in a raw"}, "again"),
        ({"new": PASSWORD, "again": PASSWORD}, "new"),
        ({"new": ""}, "new"),
    ],
)
def test_new_password_that_will_not_do_is_told_by_its_field(client, typed, field):
    person = UserFactory()
    client.force_login(person)

    answer = change(client, **typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_old_password_is_not_guessed_at_an_open_page(client):
    person = UserFactory()
    client.force_login(person)
    for _time in range(10):
        change(client, password="wrong")

    assert change(client).status_code == 422
    assert SignInFailure.objects.count() == 10


def test_other_devices_are_signed_out_by_the_password(visitor, elsewhere):
    visitor.post(reverse("sessions_end"), {"password": PASSWORD})

    assert (is_in(visitor), is_in(elsewhere)) == (True, False)


def test_other_devices_stay_when_the_password_is_wrong(visitor, elsewhere):
    answer = visitor.post(reverse("sessions_end"), {"password": "wrong"})

    assert (answer.status_code, is_in(elsewhere)) == (422, True)


# -- A password that an administrator gave ----------------------------------------------------------------------------


@pytest.fixture
def newcomer(client):
    person = UserFactory(first_password_until=timezone.now() + dt.timedelta(hours=72))
    client.force_login(person)
    return person


@pytest.mark.parametrize("path", ["/", "/board/", "/owners/", "/account/"])
def test_nothing_opens_before_the_first_password_is_changed(client, newcomer, path):
    answer = client.get(path)

    assert answer.headers["Location"] == reverse("password_change", query={"next": path})


def test_admin_with_a_first_password_does_not_get_into_the_admin(client):
    client.force_login(UserFactory(role="admin", first_password_until=timezone.now() + dt.timedelta(hours=1)))

    assert client.get("/admin/access/user/").headers["Location"].startswith(reverse("password_change"))


def test_first_password_that_is_changed_leads_where_the_person_was_going(client, newcomer):
    answer = client.post(
        reverse("password_change"), {"password": PASSWORD, "new": NEW, "again": NEW, "next": "/owners/"}
    )

    assert (answer.headers["Location"], client.get("/owners/").status_code) == ("/owners/", 200)


def test_first_password_opens_nothing_after_three_days(client):
    person = UserFactory(first_password_until=timezone.now() - dt.timedelta(seconds=1))

    answer = client.post(reverse("login"), {"username": person.username, "password": PASSWORD})

    assert answer.status_code == 422
