"""Reads on a real standby: shared out, fresh for the writer, and never a page lost when it is away."""

import time

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import PetOwner
from records.models import MedicalRecord
from tests.factories import AppointmentFactory, OwnerFactory, UserFactory
from vetclinic.replication.reasons import Reason
from vetclinic.replication.watch import watch
from vetclinic.ui import export

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


@pytest.fixture(autouse=True)
def standby_is_trusted():
    watch("replica").forgive()
    yield
    connections["replica"].close()


@pytest.fixture
def late(pair):
    """The standby receives, but replays commits only half a minute later, until the test is over."""
    delay(pair, "30s")
    yield
    delay(pair, "0")


def delay(pair, by: str) -> None:
    pair.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{by}'", server="standby")
    pair.sql("SELECT pg_reload_conf()", server="standby")


def replayed(pair) -> None:
    """Wait until the standby has replayed all that was written so far, and is known to be fit."""
    position = pair.sql("SELECT pg_current_wal_lsn()").strip()
    deadline = time.monotonic() + 20
    while pair.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", server="standby").strip() != "t":
        assert time.monotonic() < deadline, "the standby does not catch up"
        time.sleep(0.02)
    while watch("replica").verdict.reason is not Reason.FIT:
        assert time.monotonic() < deadline, watch("replica").verdict
        time.sleep(0.02)


def signed_in() -> Client:
    client = Client()
    client.force_login(UserFactory(role="reception"))
    return client


def rename(client: Client, owner: PetOwner, name: str) -> None:
    form = {"first_name": owner.first_name, "last_name": name, "phone": owner.phone}
    assert client.post(f"/owners/{owner.pk}/edit/", form).status_code == 302


def test_reading_page_reads_from_the_standby(pair):
    owner, client = OwnerFactory(), signed_in()
    replayed(pair)

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        page = client.get(f"/owners/{owner.pk}/")

    assert owner.last_name in page.content.decode()
    assert any('FROM "pet_owner"' in query["sql"] for query in on_standby)


def test_history_and_the_search_in_records_read_from_the_standby(pair):
    visit, client = AppointmentFactory(), Client()
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, diagnosis="otitis")
    client.force_login(visit.vet.user)
    replayed(pair)

    with CaptureQueriesContext(connections["default"]) as on_primary:
        pages = [client.get(path).text for path in (f"/pets/{visit.pet_id}/", "/records/search/?q=otitis")]

    assert [visit.pet.name in text for text in pages] == [True, True]
    assert not any("medical_record" in query["sql"] for query in on_primary)


def test_writer_sees_the_change_at_once_and_others_when_it_is_replayed(pair, request):
    owner, writer, reader = OwnerFactory(last_name="Before"), signed_in(), signed_in()
    replayed(pair)
    request.getfixturevalue("late")

    rename(writer, owner, "Afterwards")

    assert "Afterwards" in writer.get(f"/owners/{owner.pk}/").content.decode()
    assert "Before" in reader.get(f"/owners/{owner.pk}/").content.decode()


def test_writer_reads_from_the_standby_again_once_it_has_caught_up(pair):
    owner, writer = OwnerFactory(), signed_in()
    rename(writer, owner, "Afterwards")
    replayed(pair)

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        page = writer.get(f"/owners/{owner.pk}/")

    assert "Afterwards" in page.content.decode()
    assert any('FROM "pet_owner"' in query["sql"] for query in on_standby)


def test_forged_position_means_the_primary(pair, request):
    owner, reader = OwnerFactory(last_name="Before"), signed_in()
    replayed(pair)
    request.getfixturevalue("late")
    PetOwner.objects.filter(pk=owner.pk).update(last_name="Afterwards")
    reader.cookies["written"] = "1:forged"

    page = reader.get(f"/owners/{owner.pk}/")

    assert "Afterwards" in page.content.decode()


def test_page_is_served_from_the_primary_when_the_standby_is_away(pair):
    owner, client = OwnerFactory(), signed_in()
    replayed(pair)
    client.get(f"/owners/{owner.pk}/")  # an open connection to the standby, which then breaks

    pair.stop_server("standby", "immediate")
    try:
        codes = [client.get(f"/owners/{owner.pk}/").status_code for _time in range(3)]
    finally:
        pair.start_server("standby")

    assert codes == [200, 200, 200]


def test_sessions_and_users_are_never_read_from_the_standby(pair):
    client = signed_in()
    replayed(pair)

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        client.get("/search/")

    assert not any("django_session" in query["sql"] or "app_user" in query["sql"] for query in on_standby)


@pytest.mark.parametrize("standby_fails", [False, True])
def test_export_reads_the_standby_and_goes_on_from_the_primary_when_it_fails(pair, monkeypatch, standby_fails):
    monkeypatch.setattr(export, "BATCH", 2)
    owners = [OwnerFactory(last_name=f"Owner {number}") for number in range(5)]
    client = Client()
    client.force_login(UserFactory(role="manager"))
    replayed(pair)

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        lines = iter(client.get("/owners/export/").streaming_content)
        begun = [next(lines) for _line in range(4)]  # the mark, the head, two owners
        if standby_fails:
            pair.stop_server("standby", "immediate")
        try:
            rest = list(lines)
        finally:
            if standby_fails:
                pair.start_server("standby")

    names = [line.decode().split(",")[0] for line in [*begun[2:], *rest]]
    assert names == [owner.last_name for owner in owners]
    assert sum("pet_owner" in query["sql"] for query in on_standby.captured_queries) == (1 if standby_fails else 3)
