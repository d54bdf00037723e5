"""Reads on a real standby: shared out, fresh for the writer, and never a page lost when it is away."""

import io
import threading
import zipfile

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import PetOwner
from records.models import MedicalRecord
from tests.factories import AppointmentFactory, OwnerFactory, UserFactory
from tests.replication.conftest import until
from vetclinic.monitoring.metrics import READS
from vetclinic.replication.reasons import Reason
from vetclinic.replication.watch import watch
from vetclinic.ui import export

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


def signed_in() -> Client:
    client = Client()
    client.force_login(UserFactory(role="reception"))
    return client


def rename(client: Client, owner: PetOwner, name: str) -> None:
    form = {"first_name": owner.first_name, "last_name": name, "phone": owner.phone}
    assert client.post(f"/owners/{owner.pk}/edit/", form).status_code == 302


def test_reading_page_reads_from_the_standby(catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        page = client.get(f"/owners/{owner.pk}/")

    assert owner.last_name in page.content.decode()
    assert any('FROM "pet_owner"' in query["sql"] for query in on_standby)


def test_history_and_the_search_in_records_read_from_the_standby(catch_up):
    visit, client = AppointmentFactory(), Client()
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, diagnosis="otitis")
    client.force_login(visit.vet.user)
    catch_up()

    with CaptureQueriesContext(connections["default"]) as on_primary:
        pages = [client.get(path).text for path in (f"/pets/{visit.pet_id}/", "/records/search/?q=otitis")]

    assert [visit.pet.name in text for text in pages] == [True, True]
    assert not any("medical_record" in query["sql"] for query in on_primary)


def test_writer_sees_the_change_at_once_and_others_when_it_is_replayed(catch_up, late):
    owner, writer, reader = OwnerFactory(last_name="Before"), signed_in(), signed_in()
    catch_up()
    late()

    rename(writer, owner, "Afterwards")

    assert "Afterwards" in writer.get(f"/owners/{owner.pk}/").content.decode()
    assert "Before" in reader.get(f"/owners/{owner.pk}/").content.decode()


def test_writer_reads_from_the_standby_again_once_it_has_caught_up(catch_up):
    owner, writer = OwnerFactory(), signed_in()
    rename(writer, owner, "Afterwards")
    catch_up()

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        page = writer.get(f"/owners/{owner.pk}/")

    assert "Afterwards" in page.content.decode()
    assert any('FROM "pet_owner"' in query["sql"] for query in on_standby)


def test_page_is_served_from_the_primary_when_the_standby_is_away(pair, catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()
    client.get(f"/owners/{owner.pk}/")  # an open connection to the standby, which then breaks

    pair.stop_server("standby", "immediate")
    try:
        codes = [client.get(f"/owners/{owner.pk}/").status_code for _time in range(3)]
    finally:
        pair.start_server("standby")

    assert codes == [200, 200, 200]


def test_reading_page_asks_the_primary_nothing_and_the_standby_no_question_of_its_own(catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()

    with (
        CaptureQueriesContext(connections["default"]) as on_primary,
        CaptureQueriesContext(connections["replica"]) as on_standby,
    ):
        client.get(f"/owners/{owner.pk}/")

    assert [query["sql"] for query in on_primary] == []
    assert not any("wal" in query["sql"] for query in on_standby)


def test_page_is_counted_once_with_its_server_and_reason(catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()
    before = READS.labels("replica", Reason.FIT)._value.get()

    client.get(f"/owners/{owner.pk}/")

    assert READS.labels("replica", Reason.FIT)._value.get() - before == 1


def test_connections_of_a_standby_that_failed_are_not_used_again(catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()
    client.get(f"/owners/{owner.pk}/")
    old = connections["replica"].connection

    watch("replica").distrust()
    watch("replica").forgive()
    client.get(f"/owners/{owner.pk}/")

    assert old.closed
    assert connections["replica"].connection is not old


def test_page_with_a_position_asks_the_standby_once_and_the_next_one_no_more(catch_up):
    owner, writer = OwnerFactory(), signed_in()
    rename(writer, owner, "Afterwards")
    catch_up()

    questions = []
    for _time in range(2):
        with CaptureQueriesContext(connections["replica"]) as on_standby:
            writer.get(f"/owners/{owner.pk}/")
        questions.append(sum("pg_last_wal_replay_lsn" in query["sql"] for query in on_standby))

    assert questions == [1, 0]


def test_session_that_is_not_cached_is_read_from_the_primary(catch_up):
    client = signed_in()
    catch_up()
    cache.clear()

    with (
        CaptureQueriesContext(connections["default"]) as on_primary,
        CaptureQueriesContext(connections["replica"]) as on_standby,
    ):
        client.get("/search/")

    assert [sum("django_session" in query["sql"] for query in each) for each in (on_primary, on_standby)] == [1, 0]


def test_admin_reads_the_primary(catch_up):
    client = Client()
    client.force_login(UserFactory(role="admin"))
    catch_up()

    with CaptureQueriesContext(connections["replica"]) as on_standby:
        client.get("/admin/access/user/")

    assert [query["sql"] for query in on_standby] == []


def test_whole_file_of_an_owner_is_read_from_the_standby_while_it_is_sent(catch_up):
    owner, client = OwnerFactory(), Client()
    client.force_login(UserFactory(role="manager"))
    catch_up()

    answer = client.get(f"/owners/{owner.pk}/file/export/")
    with CaptureQueriesContext(connections["default"]) as on_primary:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    assert owner.last_name in archive.read("owner.csv").decode()
    assert [query["sql"] for query in on_primary] == []


def test_query_that_recovery_cancels_is_asked_of_the_primary(pair, catch_up, impatient):
    """A standby that must replay a vacuum cancels who still sees the rows; it is no reason to leave it alone."""
    owner, client, before = OwnerFactory(), signed_in(), _cancelled(pair)
    catch_up()

    with connections["replica"].execute_wrapper(_long_read_while_rows_are_swept(pair, "pet_owner")):
        page = client.get(f"/owners/{owner.pk}/")

    assert (page.status_code, owner.last_name in page.text) == (200, True)
    assert _cancelled(pair) == before + 1
    assert watch("replica").verdict.reason is Reason.FIT


@pytest.fixture
def impatient(pair):
    """The standby waits for nobody, and the primary does not know what it reads."""
    for setting in ("hot_standby_feedback = off", "max_standby_streaming_delay = 0"):
        pair.sql(f"ALTER SYSTEM SET {setting}", server="standby")
    pair.sql("SELECT pg_reload_conf()", server="standby")
    until(lambda: pair.sql("SELECT count(xmin) FROM pg_replication_slots").strip() == "0")
    yield
    for setting in ("hot_standby_feedback", "max_standby_streaming_delay"):
        pair.sql(f"ALTER SYSTEM RESET {setting}", server="standby")
    pair.sql("SELECT pg_reload_conf()", server="standby")


def _long_read_while_rows_are_swept(pair, table: str):
    """Whoever asks the table gets as far as sleeping over its rows: then those of before are taken away."""
    database = connections["default"].settings_dict["NAME"]

    def sweep() -> None:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        until(lambda: pair.sql(asleep, server="standby").strip() == "1")
        pair.sql(f"UPDATE {table} SET id = id", database=database)
        pair.sql(f"VACUUM {table}", database=database)

    def run(execute, sql, params, many, context):
        if table not in sql:
            return execute(sql, params, many, context)
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        try:
            return execute(f"SELECT pg_sleep(8) FROM {table}", None, many, context)
        finally:
            sweeper.join()

    return run


def _cancelled(pair) -> int:
    return int(pair.sql("SELECT sum(confl_snapshot) FROM pg_stat_database_conflicts", server="standby"))


@pytest.mark.parametrize("standby_fails", [False, True])
def test_export_reads_the_standby_and_goes_on_from_the_primary_when_it_fails(
    pair, catch_up, monkeypatch, standby_fails
):
    monkeypatch.setattr(export, "BATCH", 2)
    owners = [OwnerFactory(last_name=f"Owner {number}") for number in range(5)]
    client = Client()
    client.force_login(UserFactory(role="manager"))
    catch_up()

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

    names = [line.decode().split(",")[0].strip('"') for line in [*begun[2:], *rest]]
    assert names == [owner.last_name for owner in owners]
    assert sum("pet_owner" in query["sql"] for query in on_standby.captured_queries) == (1 if standby_fails else 3)
