"""The primary stops for real: reading goes on from the standby, what was typed is kept, and all is well afterwards."""

import re

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests.factories import AppointmentFactory, OwnerFactory, UserFactory
from tests.replication.conftest import catch_up, until, wait_for_primary  # noqa: F401 (a fixture)
from vetclinic.replication import watch

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


@pytest.fixture
def primary_away(pair):
    """Stops the primary, and starts it again afterwards."""

    def stop():
        connections.close_all()
        pair.stop_server("primary", mode="immediate")

    yield stop
    start(pair)


def start(pair) -> None:
    """Starts it, and waits until that is noticed."""
    pair.start_server("primary")
    connections.close_all()
    wait_for_primary()


def signed_in(role: str = "reception") -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role=role))
    return client


def test_reading_goes_on_with_a_banner_and_what_is_typed_is_saved_later(pair, catch_up, primary_away):  # noqa: F811
    owner, client = OwnerFactory(last_name="Before"), signed_in()
    typed = {"first_name": "Anna", "last_name": "Typed while away", "phone": owner.phone}
    catch_up()

    primary_away()
    refused = client.post(f"/owners/{owner.pk}/edit/", typed, headers={"Accept-Language": "en"})
    page = client.get(f"/owners/{owner.pk}/", headers={"Accept-Language": "en"})
    start(pair)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text))
    saved = client.post(f"/owners/{owner.pk}/edit/", fields)
    after = client.get(f"/owners/{owner.pk}/")

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert (page.status_code, "Before" in page.text) == (200, True)
    assert re.search(r"Reading only, data as of \d\d:\d\d\.", page.text)
    assert (saved.status_code, "Typed while away" in after.text, "Reading only" in after.text) == (302, True, False)


def test_session_that_is_not_cached_is_read_from_the_standby_but_not_kept(pair, catch_up, primary_away):  # noqa: F811
    client = signed_in()
    catch_up()
    cache.clear()

    primary_away()
    page = client.get("/search/")

    assert page.status_code == 200
    assert cache.get(f"django.contrib.sessions.cached_db{client.session.session_key}") is None


def test_board_is_sent_with_its_banner_although_nothing_has_changed(pair, catch_up, primary_away):  # noqa: F811
    AppointmentFactory()
    client = signed_in()
    catch_up()
    etag = client.get("/board/").headers["ETag"]

    primary_away()
    until(lambda: watch.primary().is_away)
    board = client.get("/board/", headers={"If-None-Match": etag, "Accept-Language": "en"})

    assert (board.status_code, "ETag" in board.headers, "Reading only" in board.text) == (200, False, True)


def test_admin_and_signing_in_say_that_the_database_is_away(pair, catch_up, primary_away):  # noqa: F811
    admin = signed_in("admin")
    catch_up()

    primary_away()
    page = admin.get("/admin/access/user/", headers={"Accept-Language": "ru"})
    signing_in = Client(raise_request_exception=False).post(reverse("login"), {"username": "a", "password": "b"})
    alive = Client().get(reverse("healthz"))

    assert (page.status_code, page.headers["Content-Language"]) == (503, "ru")
    assert (signing_in.status_code, alive.status_code) == (503, 200)
