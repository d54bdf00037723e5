"""The primary stops for real: the site says so, keeps what was typed, and recovers by itself."""

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

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
    pair.start_server("primary")
    connections.close_all()


def test_primary_away_is_told_in_the_site_s_look_and_passes(pair, primary_away):
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(role="reception"))

    primary_away()
    page = client.get(reverse("home"), headers={"Accept-Language": "ru"})
    sent = client.post(reverse("booking"), {"notes": "limps"})
    signing_in = Client(raise_request_exception=False).post(reverse("login"), {"username": "a", "password": "b"})
    alive = Client().get(reverse("healthz"))
    pair.start_server("primary")
    again = client.get(reverse("home"))

    assert (page.status_code, page.headers["Retry-After"], page.headers["Content-Language"]) == (503, "5", "ru")
    assert sent.status_code == 503
    assert '<input type="hidden" name="notes" value="limps">' in sent.text
    assert signing_in.status_code == 503
    assert alive.status_code == 200
    assert again.status_code == 302
