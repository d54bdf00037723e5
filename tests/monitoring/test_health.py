"""What programs ask: liveness of nobody else, readiness of the primary, and who may ask."""

import pytest
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.replication.conftest import wait_for_primary
from vetclinic.monitoring import health
from vetclinic.replication.watch import watch

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]
THROUGH_PROXY = {"x-forwarded-proto": "https"}


@pytest.fixture(autouse=True)
def migrations_are_looked_up(monkeypatch):
    monkeypatch.setattr(health, "_nothing_pending", False)


def test_ready_when_the_primary_answers_and_is_migrated():
    watch("replica").forgive()

    response = Client().get("/health/ready")

    assert (response.status_code, response.json()) == (
        200, {"ready": True, "wrong": [], "standbys": {"replica": "fit"}},
    )  # fmt: skip


def test_ready_stays_true_when_only_the_standby_is_away(pair):
    pair.stop_server("standby", "immediate")
    try:
        watch("replica").forgive()
        response = Client().get("/health/ready")
    finally:
        pair.start_server("standby")
        watch("replica").forgive()

    assert (response.status_code, response.json()) == (
        200, {"ready": True, "wrong": [], "standbys": {"replica": "standby_away"}},
    )  # fmt: skip


def test_not_ready_but_alive_when_the_primary_is_away(pair):
    connections.close_all()
    pair.stop_server("primary", "immediate")
    try:
        answers = [Client().get(path) for path in ("/health/ready", "/health/live", "/healthz")]
    finally:
        pair.start_server("primary")
        connections.close_all()
        wait_for_primary()

    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].json()["wrong"] == ["primary_away"]


def test_not_ready_when_a_migration_is_not_applied():
    ((app, name),) = MigrationLoader(connection).graph.leaf_nodes("audit")
    recorded = MigrationRecorder(connection)
    recorded.record_unapplied(app, name)
    try:
        response = Client().get("/health/ready")
    finally:
        recorded.record_applied(app, name)

    assert (response.status_code, response.json()["wrong"]) == (503, ["migrations_pending"])


@pytest.mark.parametrize("path", ["/metrics", "/health/ready"])
@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", THROUGH_PROXY, "127.0.0.1", 404),
        ("", {}, "10.8.2.7", 404),
        ("sesame", {}, "127.0.0.1", 404),
        ("sesame", {"authorization": "Bearer nonsense"}, "10.8.2.7", 404),
        ("sesame", {"authorization": "Bearer sesame"} | THROUGH_PROXY, "10.8.2.7", 200),
        ("sesame", {"authorization": "Bearer сезам"}, "10.8.2.7", 404),
    ],
)
def test_programs_ask_from_this_machine_or_with_the_token(settings, path, token, headers, address, status):
    settings.METRICS_TOKEN = token

    response = Client().get(path, headers=headers, REMOTE_ADDR=address)

    assert response.status_code == status


def test_liveness_answers_everybody_and_over_plain_http(settings):
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get("/health/live", REMOTE_ADDR="10.8.2.7")

    assert (response.status_code, response.json()) == (200, {"live": True})
