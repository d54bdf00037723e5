"""The operations page, with real servers that follow, pause, lag behind and are away."""

import re

import pytest
from django.db import connections
from django.test import Client

from tests.factories import OwnerFactory, UserFactory
from tests.replication.conftest import wait_for_primary
from vetclinic.monitoring import asking
from vetclinic.monitoring.standbys import standbys
from vetclinic.replication.watch import watch

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


@pytest.fixture
def admin(catch_up):
    client = Client(headers={"accept-language": "en"})
    client.force_login(UserFactory(role="admin"))
    catch_up()
    return client


@pytest.fixture
def standby_away(pair):
    pair.stop_server("standby", "immediate")
    yield
    pair.start_server("standby")
    watch("replica").forgive()
    connections["replica"].close()


def words(response) -> str:
    """What a person reads, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_page_shows_each_standby_with_its_state_lag_slot_and_conflicts(admin):
    page = admin.get("/operations/")

    assert page.status_code == 200
    assert re.search(
        r"standby_1 streaming follows the primary · 127\.0\.0\.1 Writes late by (?:[\d.]+ s|–) .* Flushes late by .* Replays late by .* "
        r"Its slot keeps .* of 2\.0 GB · kept Cancelled queries 0 .* Reads of this web server [\d.]+%",
        words(page),
    )


def test_lag_is_what_was_written_and_not_replayed(pair):
    pair.sql("SELECT pg_wal_replay_pause()", server="standby")
    try:
        before = standbys(asking.ask_all())[0].lag_bytes["replay"]
        for _time in range(50):
            OwnerFactory()
        [standby] = standbys(asking.ask_all())
    finally:
        pair.sql("SELECT pg_wal_replay_resume()", server="standby")

    assert standby.lag_bytes["replay"] - before > 5_000
    assert (standby.name, standby.alias, standby.state, standby.is_connected) == (
        "standby_1", "replica", "streaming", True,
    )  # fmt: skip


def test_page_shows_the_standby_as_away_and_why_reads_left_it(admin, standby_away):
    watch("replica").forgive()

    page = admin.get("/operations/")

    text = words(page)
    assert page.status_code == 200
    assert "The standby replica does not answer this web server" in text
    assert "standby_1 away" in text
    assert "0 of 1" in text
    assert "replica: it did not answer" in text
    assert "Cancelled queries – not known here Reads of this web server – not known here" in text


def test_page_works_when_the_primary_is_away(pair, admin):
    admin.get("/operations/")
    connections.close_all()
    pair.stop_server("primary", "immediate")
    try:
        page = admin.get("/operations/")
    finally:
        pair.start_server("primary")
        connections.close_all()
        wait_for_primary()

    assert page.status_code == 200
    assert "The primary does not answer: nothing can be saved." in words(page)
    assert "Its slot keeps – not known here" in words(page)


def test_page_says_so_when_the_role_may_not_see_replication(pair, admin):
    pair.sql("REVOKE pg_monitor FROM vetclinic")
    try:
        page = admin.get("/operations/")
    finally:
        pair.sql("GRANT pg_monitor TO vetclinic")

    assert "GRANT pg_monitor TO vetclinic;" in words(page)


def test_page_refreshes_its_figures_alone(admin):
    part = admin.get("/operations/", headers={"hx-request": "true"})

    assert part.text.lstrip().startswith('<div id="operations"')
    assert 'hx-trigger="every 10s"' in part.text
