"""A branch's standby: set up by one command, refused where it would overwrite, copied anew when its slot is lost."""

import json
import shutil
import time

import pytest

from deploy.postgres import branch
from deploy.postgres.pair import Pair, free_port
from deploy.postgres.programs import make_folder, psql, runs, write
from tests.servers import ROOT

# What is shipped must at least start a server; the limit is made small.
SHIPPED = dict(
    line.partition(" = ")[::2]
    for line in (ROOT / "deploy/postgres/vetclinic.conf").read_text().splitlines()
    if line and not line.startswith("#")
)
LIMIT = SHIPPED | {"max_slot_wal_keep_size": "16MB", "max_wal_size": "64MB", "min_wal_size": "32MB", "fsync": "off"}


class Primary(Pair):
    """A primary alone, with a folder beside it for what branches have."""

    def start(self) -> None:
        self._hold_lock()
        self._choose_ports()
        self._make_primary()
        self._write_port("primary")
        self._close_what_is_open_to_all_of_this_machine()
        self.start_server("primary")
        self._make_database()

    def _close_what_is_open_to_all_of_this_machine(self) -> None:
        path = self.folder / "primary" / "pg_hba.conf"
        lines = [line for line in path.read_text().splitlines() if "replication" not in line]
        write(path, "\n".join(lines) + "\n")

    def dsn(self, port: int | None = None) -> str:
        dsn = self._admin_dsn("primary", "postgres")
        return dsn.replace(f"port={self._state()['primary']}", f"port={port}") if port else dsn


class Branch:
    """Its file, data and port; `call` runs the command and gives its exit code."""

    def __init__(self, primary: Primary, name: str):
        self.primary, self.name, self.port = primary, name, free_port()
        self.bundle, self.data = primary.folder / f"{name}.json", primary.folder / name

    def admit(self, upstream: "Branch | None" = None) -> int:
        connect = self.primary.dsn(upstream.port if upstream else None)
        words = ["admit", self.name, "--from", "127.0.0.0/8", "--address", "127.0.0.1"]
        return branch.main([*words, "--bundle", str(self.bundle), "--connect", connect])

    def follow(self, *more: str) -> int:
        return branch.main(["follow", str(self.bundle), "--data", str(self.data), "--port", str(self.port), *more])

    def sql(self, statement: str) -> list[list[str]]:
        return psql(self.primary.dsn(self.port), statement)

    def waits_for(self, statement: str, wanted: str) -> None:
        until = time.monotonic() + 60
        while self.sql(statement) != [[wanted]]:
            assert time.monotonic() < until, (statement, self.sql(statement))
            time.sleep(0.1)

    def stop(self) -> None:
        if runs(self.data):
            self.primary._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.data)


@pytest.fixture(scope="module")
def primary():
    folder = ROOT / ".local" / f"test-branch-{free_port()}"
    pair = Primary(folder, settings=LIMIT)
    try:
        pair.start()
        yield pair
    finally:
        pair.destroy()


@pytest.fixture(scope="module")
def north(primary):
    """A branch whose standby follows the primary."""
    made = Branch(primary, "north")
    assert (made.admit(), made.follow()) == (0, 0)
    yield made
    made.stop()


def test_shipped_settings_limit_what_a_slot_keeps_and_are_in_force(primary):
    names = ", ".join(f"'{name}'" for name in SHIPPED)

    applied = primary.sql(f"SELECT count(*) FROM pg_settings WHERE name IN ({names}) AND source = 'configuration file'")

    assert int(applied) == len(SHIPPED)
    assert SHIPPED["max_slot_wal_keep_size"] == "'8GB'"


def settled(primary: Primary, column: str, name: str) -> str:
    return primary.sql(f"SELECT {column} FROM pg_replication_slots WHERE slot_name = 'branch_{name}'").strip()


def test_standby_follows_by_name_with_tls_and_a_role_and_slot_of_its_own(primary, north):
    seen = primary.sql(
        "SELECT application_name, usename, state, ssl, slot_name FROM pg_stat_replication "
        "JOIN pg_stat_ssl USING (pid) JOIN pg_replication_slots ON active_pid = pid"
    )

    assert seen.strip() == "north|branch_north|streaming|t|branch_north"


def test_connection_without_tls_or_with_another_certificate_is_refused(primary, north):
    bundle = json.loads(north.bundle.read_text())
    dsn = f"host=127.0.0.1 port={bundle['port']} user={bundle['role']} password={bundle['password']} replication=true"

    with pytest.raises(branch.PairError, match="no encryption"):
        psql(f"{dsn} sslmode=disable", "IDENTIFY_SYSTEM")
    with pytest.raises(branch.PairError, match="could not read root certificate"):
        psql(f"{dsn} sslmode=verify-full sslrootcert=/etc/hostname", "IDENTIFY_SYSTEM")


def test_commands_given_again_change_nothing(primary, north):
    def what_is() -> tuple[str, str, list]:
        hba = (primary.folder / "primary" / "pg_hba.conf").read_text()
        return hba, north.bundle.read_text(), north.sql("SELECT pg_postmaster_start_time()")

    before = what_is()

    codes = (north.admit(), north.follow())

    assert codes == (0, 0)
    assert what_is() == before


def test_key_of_the_primary_is_not_copied_to_the_branch(north):
    assert [path for path in north.data.rglob("*") if path.suffix in (".key", ".crt")] == []


def test_standby_may_follow_another_one(primary, north):
    south = Branch(primary, "south")
    try:
        codes = (south.admit(), south.admit(upstream=north), south.follow())
        primary.sql("CREATE TABLE heard AS SELECT 1 AS word")

        south.waits_for("SELECT to_regclass('heard') IS NOT NULL", "t")

        assert codes == (0, 0, 0)
        assert north.sql("SELECT application_name FROM pg_stat_replication") == [["south"]]
    finally:
        south.stop()
        north.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_replication")


def test_standby_is_asked_for_a_branch_that_the_primary_does_not_know(primary, north, capsys):
    stranger = Branch(primary, "stranger")

    code = stranger.admit(upstream=north)

    assert code == 1
    assert "run `admit` on the primary first" in capsys.readouterr().err


@pytest.mark.parametrize("holds", ["papers", "another server", "another branch"])
def test_directory_that_is_not_a_standby_of_that_server_is_left_alone(primary, north, holds, capsys):
    west = Branch(primary, "west")
    assert west.admit() == 0
    if holds == "papers":
        make_folder(west.data)
        (west.data / "letter.txt").write_text("do not lose")
    elif holds == "another branch":
        west.data = north.data
    else:
        primary._run("initdb", "-D", west.data)
    before = sorted(path.name for path in west.data.iterdir())

    code = west.follow("--rebuild")

    assert code == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert sorted(path.name for path in west.data.iterdir()) == before
    if west.data != north.data:
        shutil.rmtree(west.data)


def test_slot_of_an_absent_standby_is_cut_at_the_limit_and_one_command_brings_it_back(primary, north):
    north.stop()
    for _segment in range(6):  # of 16 MB; the slot may keep one
        primary.sql("SELECT pg_switch_wal() FROM pg_logical_emit_message(false, 'filling', repeat('x', 1000))")
    primary.sql("CHECKPOINT")
    cut = settled(primary, "wal_status", "north"), settled(primary, "restart_lsn IS NULL", "north")
    primary.sql("CREATE TABLE while_away AS SELECT 1 AS word")

    code = north.follow()

    assert cut == ("lost", "t")
    assert code == 0
    north.waits_for("SELECT to_regclass('while_away') IS NOT NULL", "t")
    north.waits_for("SELECT status FROM pg_stat_wal_receiver", "streaming")
    assert settled(primary, "wal_status", "north") == "reserved"
