"""Copy the server that a file of `admit` names, follow it, and copy anew what cannot follow it as it is."""

import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.postgres.configuration import let_in_from_here, of_this_place, rewrite, through_socket
from deploy.postgres.pair import PairError, port_is_free
from deploy.postgres.programs import control, make_folder, own, psql, run, runs, start, stop, write

# Of the server that was copied; here they would be wrong, or name files that are not here. Whether it archives stays:
# a standby sends nothing, and once it is promoted it must keep the log until its own archive is set up.
LEFT_OUT = ("ssl", "primary_", "archive_command", "archive_library", "archive_cleanup_command", "restore_command")
LEFT_OUT += ("recovery_target", "synchronous_standby_names")
STREAMS_WITHIN_S = 30


@dataclass(frozen=True)
class Upstream:
    """The server that a file of `admit` names, as it is reached from here."""

    bundle: dict
    secrets: Path  # the folder with password and certificate

    @property
    def dsn(self) -> str:
        b = self.bundle
        return (
            f"host={b['host']} port={b['port']} user={b['role']} application_name={b['name']} connect_timeout=10 "
            f"sslmode=verify-full sslrootcert={self.secrets / 'root.crt'} passfile={self.secrets / 'pgpass'} "
            "keepalives_idle=5 keepalives_interval=2 keepalives_count=3 tcp_user_timeout=10000"
        )

    def command(self, words: str) -> list[list[str]]:
        return psql(f"{self.dsn} dbname=postgres replication=true", words)

    def keep_secrets(self) -> None:
        make_folder(self.secrets)
        b = self.bundle
        write(self.secrets / "pgpass", f"{b['host']}:{b['port']}:*:{b['role']}:{b['password']}\n")
        write(self.secrets / "root.crt", b["certificate"])

    def publish_certificate(self, data: Path) -> None:
        """Of the primary, for the web server: it runs as another user. No secret."""
        path = data.with_name(f"{data.name}.primary.crt")
        write(path, self.bundle["primary_certificate"])
        path.chmod(0o644)

    def check(self) -> None:
        system = self.command("IDENTIFY_SYSTEM")[0][0]
        if system != str(self.bundle["system"]):
            raise PairError(f"{self.bundle['host']} is another server now ({system}, not {self.bundle['system']}).")

    def has_slot(self) -> bool:
        """Whether the slot holds a position: one that was cut at the limit has lost it."""
        kind, position = (*self.command(f"READ_REPLICATION_SLOT {self.bundle['slot']}")[0], "", "")[:2]
        return bool(kind and position)

    def make_slot(self) -> None:
        """Anew, when it was lost."""
        if self.command(f"READ_REPLICATION_SLOT {self.bundle['slot']}")[0][0]:
            self.command(f"DROP_REPLICATION_SLOT {self.bundle['slot']}")
        self.command(f"CREATE_REPLICATION_SLOT {self.bundle['slot']} PHYSICAL RESERVE_WAL")


def follow(bundle: dict, *, data: Path, port: int, listen: str, rebuild: bool = False, rejoin: bool = False) -> str:
    """One sentence on what was done. Raises PairError; what was there has then not been changed, or still is there."""
    data = data.absolute()
    upstream = Upstream(bundle, data.with_name(f"{data.name}.branch"))
    exists = data.exists() and any(data.iterdir())
    was_primary = exists and _check_ours(data, bundle, rejoin=rejoin)
    _check_port(data, port)
    upstream.keep_secrets()
    upstream.publish_certificate(data)
    upstream.check()
    has_slot = upstream.has_slot()
    copies = rebuild or not exists or not has_slot or was_primary
    kept = _copy(upstream, data, has_slot=has_slot, keeps_old=was_primary) if copies else None
    # Before the first start, and when host, port or password have changed.
    if _configure(upstream, data, port, listen):
        stop(data)
    if not runs(data):
        start(data)
    _wait_until_it_streams(bundle, data, port)
    done = "was copied anew" if copies and exists else "was copied" if copies else "was there already"
    said = f"{bundle['name']} {done}, and follows {bundle['host']}:{bundle['port']} on port {port}."
    return f"{said} What it was as a primary lies in {kept}: remove it when nothing is missed." if kept else said


def _check_ours(data: Path, bundle: dict, *, rejoin: bool) -> bool:
    """Refuses what is not ours to replace; whether it is a primary of before, which then is asked for."""
    system = control(data).get("Database system identifier") if (data / "PG_VERSION").exists() else None
    if system != str(bundle["system"]):
        raise PairError(f"{data} is not empty, and no standby of {bundle['host']}: nothing was changed.")
    if not (data / "standby.signal").exists():
        if not rejoin:
            raise PairError(
                f"{data} is no standby: it was a primary, and may have what {bundle['host']} has not. Nothing was "
                "changed. With --rejoin it is copied anew, and what it was is kept beside."
            )
        if runs(data):
            raise PairError(f"{data} runs as a primary: stop it first. Nothing was changed.")
        return True
    slot = re.findall(r"^primary_slot_name\s*=\s*'(.*)'", (data / "postgresql.auto.conf").read_text(), re.MULTILINE)
    if slot[-1:] != [bundle["slot"]]:
        raise PairError(f"{data} is the standby of another branch ({''.join(slot[-1:])}): nothing was changed.")
    return False


def _check_port(data: Path, port: int) -> None:
    """Before anything is copied. Our own server may be there already."""
    if not runs(data) and not port_is_free(port):
        raise PairError(f"Port {port} is taken by another server: choose one with --port. Nothing was changed.")


def _copy(upstream: Upstream, data: Path, *, has_slot: bool, keeps_old: bool) -> Path | None:
    """Beside what is there, which goes when the copy is whole. The old standby must let go of the slot first."""
    new, ran = data.with_name(f"{data.name}.new"), runs(data)
    stop(data)
    shutil.rmtree(new, ignore_errors=True)
    make_folder(new)
    try:
        if not has_slot:
            upstream.make_slot()
        run("pg_basebackup", "-D", new, "-d", upstream.dsn, "-X", "stream", "-c", "fast", "-S", upstream.bundle["slot"])
    except PairError:
        shutil.rmtree(new, ignore_errors=True)
        if ran:
            start(data)
        raise
    kept = data.with_name(f"{data.name}.was-primary-{datetime.now(UTC):%Y%m%dT%H%M%SZ}") if keeps_old else None
    if kept:
        data.rename(kept)
    shutil.rmtree(data, ignore_errors=True)
    new.rename(data)
    return kept


def _configure(upstream: Upstream, data: Path, port: int, listen: str) -> bool:
    """Whether something is other than it was."""
    bundle = upstream.bundle
    if not (data / "postgresql.conf").exists():  # where it lies outside of the data directory, it is not copied
        write(data / "postgresql.conf", "")
    let_in_anew = let_in_from_here(data)
    (data / "port.conf").unlink(missing_ok=True)
    settings = of_this_place(data, port=port, listen=listen, name=bundle["name"]) | {
        "primary_conninfo": upstream.dsn,
        "primary_slot_name": bundle["slot"],
        "hot_standby": "on",
        "hot_standby_feedback": "on",
        "wal_receiver_status_interval": "1s",
        "wal_receiver_timeout": "10s",
        "recovery_target_timeline": "latest",
        "max_slot_wal_keep_size": "2GB",
    }
    set_anew = rewrite(data, settings, without=LEFT_OUT)
    (data / "standby.signal").touch(mode=0o600)
    own(data / "standby.signal")
    return let_in_anew or set_anew


def _wait_until_it_streams(bundle: dict, data: Path, port: int) -> None:
    """Who was further than a new primary when that was promoted has another past: it never would."""
    until = time.monotonic() + STREAMS_WITHIN_S
    question = "SELECT status FROM pg_stat_wal_receiver"
    while psql(through_socket(port), question) != [["streaming"]]:
        if time.monotonic() > until:
            raise PairError(
                f"It runs, and has not begun to follow {bundle['host']}: {data}.log says why. If that was promoted "
                "and this one had been further, give `follow` once more with --rebuild."
            )
        time.sleep(0.2)
