"""The drills of backups: each fault is made on real servers, and must be noticed, said and told to the admin."""

import os
import time

import psycopg

from deploy.backup.catalogue import BASE, DUMP, Catalogue
from deploy.backup.restore import Target, make_plan, restore
from deploy.backup.tables import content, differences
from deploy.drills.bookings import Load, drop_visits
from deploy.drills.faults import changed_object, expect
from deploy.drills.rig import Rig, rig

SEEN, YOUNGEST = "table_name, row_id, operation, login", 900_000_000  # a row that came and went since the export
SEGMENTS = int(os.environ.get("DRILL_SEGMENTS", "100"))  # of the log, written for its throughput


def base() -> str:
    """Taken from the standby, verified, encrypted, in both places; another key does not open it."""
    with rig() as clinic:
        began = time.monotonic()
        clinic.good_job("base")
        seconds = time.monotonic() - began
        catalogue = Catalogue(clinic.settings, BASE)
        entry = catalogue.local()[-1]
        expect(entry == catalogue.stored()[-1], "The bucket's catalogue differs from the folder's.")
        for name in entry.files:
            head = (catalogue.folder / entry.name / name).read_bytes()[:21]
            expect(head == b"age-encryption.org/v1", f"{name} is not encrypted.")
        clinic.good_job("check")
        clinic.alarmed("prove", "no identity matched", BACKUP_IDENTITY_FILE=str(clinic.other_identity()))
        began = time.monotonic()
        clinic.good_job("prove")
        size = entry.unpacked / 2**20
        return (
            f"{size:.0f} MB in {seconds:.1f} s ({size / seconds:.0f} MB/s with verifying), {entry.size / 2**20:.0f} MB"
            f" stored; restore proven in {time.monotonic() - began:.1f} s; another key does not open it"
        )


def dump() -> str:
    """Read back and compared; a dropped table and a lost owner come back whole; a truncated one is noticed."""
    with rig() as clinic:
        began = time.monotonic()
        clinic.good_job("dump")
        seconds = time.monotonic() - began
        entry = Catalogue(clinic.settings, DUMP).local()[-1]
        clinic.sql(f"INSERT INTO change_log ({SEEN}) VALUES ('treatment', {YOUNGEST}, 'INSERT', 'drill')")
        before = _content(clinic)
        _lose_a_table(clinic)
        owner = clinic.lose_an_owner()
        lost = differences(before, _content(clinic))
        began = time.monotonic()
        clinic.good_job("bring_back", "--owner", owner)
        back = time.monotonic() - began
        left = [text for text in differences(before, _content(clinic)) if not text.startswith("backup_run")]
        reopened = [text for text in left if text.startswith("income_closing")]
        expect(left == reopened, f"Not as before: {left}")
        expect(reopened, "Days that were closed while the owner was gone still count as closed.")
        path = Catalogue(clinic.settings, DUMP).folder / entry.name / "dump.tar.age"
        with changed_object(clinic, f"dump/{entry.name}/dump.tar.age", lambda body: body[: len(body) // 2]):
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            clinic.alarmed("bring_back", "its SHA-256 differs", "--owner", owner)
            path.write_bytes(whole)
        _lose_the_log(clinic)
        return (
            f"{len(entry.tables)} tables, {sum(n for n, _ in entry.tables.values())} rows,"
            f" {entry.size / 2**20:.1f} MB in {seconds:.1f} s with reading back; an owner with rows of {len(lost) - 1}"
            f" tables back in {back:.1f} s, a dropped table too; a truncated export is refused"
        )


def _lose_a_table(clinic: Rig) -> None:
    """It comes back in its shape or not at all, and gives no number twice."""
    shape = clinic.schema_of("treatment")
    clinic.sql("DROP TABLE treatment CASCADE")
    line, billed = clinic.sql("SELECT id, treatment_id FROM invoice_line WHERE treatment_id IS NOT NULL LIMIT 1").split(
        "|"
    )
    change = "SET session_replication_role = replica; UPDATE invoice_line SET treatment_id = {} WHERE id = " + line
    clinic.sql(change.format(YOUNGEST))
    clinic.alarmed("bring_back", f"({line} → {YOUNGEST})", "--table", "treatment")
    expect(clinic.sql("SELECT to_regclass('treatment') IS NULL") == "t", "What was refused is there.")
    clinic.sql(change.format(billed))
    clinic.good_job("bring_back", "--table", "treatment")
    expect(clinic.schema_of("treatment") == shape, "The table came back with another shape.")
    number = int(clinic.sql("SELECT nextval(pg_get_serial_sequence('treatment', 'id'))"))
    expect(number > YOUNGEST, f"{number} was another row's.")


def _lose_the_log(clinic: Rig) -> None:
    """The site's login reads it, and no more, also when it came back."""
    shape = clinic.schema_of("change_log")
    clinic.sql("DROP TABLE change_log CASCADE")
    clinic.good_job("bring_back", "--table", "change_log")
    expect(clinic.schema_of("change_log") == shape, "The log of changes came back with another shape.")


def wal() -> str:
    """How many segments a second are archived, and how late a lone write is."""
    with rig() as clinic:
        clinic.sql("CREATE TABLE IF NOT EXISTS drill_filler (x text)")
        began = time.monotonic()
        with psycopg.connect(clinic.settings.url, autocommit=True) as connection:
            for _ in range(SEGMENTS):
                connection.execute("INSERT INTO drill_filler SELECT md5(g::text) FROM generate_series(1, 2000) g")
                connection.execute("SELECT pg_switch_wal()")
        drained = clinic.drain()
        rate = SEGMENTS / (time.monotonic() - began)
        clinic.sql("DROP TABLE drill_filler")
        clinic.pair.stop_server("primary")
        clinic.pair.start_server("primary")
        time.sleep(3)
        late = clinic.lateness()
        return (
            f"{rate:.1f} segments/s archived while they are written, the last {drained:.1f} s after;"
            f" RPO {late:.0f} s, measured for a lone write 3 s after a start of the primary"
        )


def pitr() -> str:
    """A table dropped under a booking load; the clinic as it was just before, row for row."""
    with rig() as clinic:
        clinic.have_a_base()
        with clinic.twin("accident") as url, Load(url).running() as load:
            time.sleep(2)
            asked, moment, answered, position = drop_visits(url)
            expected = list(load.visits)
            time.sleep(1)
            load.stop()
            clinic.drain()
        expect(not load.trouble, f"The load failed: {load.trouble[:2]}")
        began = time.monotonic()
        plan = make_plan(clinic.settings, Target(moment), clinic.folder / "just-before")
        server, _result = restore(clinic.settings, plan, say=lambda _text: None)
        seconds = time.monotonic() - began
        try:
            with server.connect("accident") as connection:
                visits = dict(
                    connection.execute("SELECT id, a::text FROM appointment a WHERE reason = 'drill'").fetchall()
                )
                owners = dict(
                    connection.execute("SELECT id, o::text FROM pet_owner o WHERE first_name = 'Drill'").fetchall()
                )
        finally:
            server.stop()
        missing = [key for key, row in expected if visits.get(key) != row]
        expect(not missing, f"{len(missing)} acknowledged visits are missing or differ.")
        expect(len(visits) == len(expected), f"{len(visits)} visits restored, {len(expected)} acknowledged.")
        lost = [key for _, done, key, row in load.owners if done < asked and owners.get(key) != row]
        late = [key for begun, _, key, _row in load.owners if begun > answered and key in owners]
        expect(not lost and not late, f"{len(lost)} owners from before are missing, {len(late)} from after are there.")
        after = sum(1 for begun, *_rest in load.owners if begun > answered)
        return (
            f"RTO {seconds:.1f} s; {len(expected)} visits and {len(owners)} owners acknowledged before {position}"
            f" are there row for row, none of {after} written after"
        )


def _content(clinic: Rig) -> dict[str, list]:
    with psycopg.connect(clinic.settings.url) as connection:
        return content(connection)
