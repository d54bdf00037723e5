"""Make a standby, or a server that was restored, the clinic's primary: with all that it needs, and nothing left over.

What it needs: to be reached, with TLS; the settings of vetclinic.conf; to keep its log until its archive is set up.
"""

import ipaddress
import re
from pathlib import Path

from deploy.postgres.configuration import (
    HBA,
    RESTORED,
    let_in,
    let_in_from_here,
    of_this_place,
    rewrite,
    shipped,
    through_socket,
)
from deploy.postgres.follow import LEFT_OUT
from deploy.postgres.pair import PairError, port_is_free
from deploy.postgres.programs import psql, run, runs, start, stop, write
from deploy.postgres.tls import certificate_for


def promote(data: Path, *, port: int, listen: str, address: str, networks: list[str], web: str) -> str:
    """What it is now, and how much it has. Raises PairError; what was done stays when it is given once more."""
    data = data.absolute()
    is_standby, is_restored = (data / "standby.signal").exists(), _is_restored(data)
    _check(data, port, networks)
    if is_standby:
        _check_that_nobody_leads(data)
    if is_standby or is_restored:
        stop(data)
        _configure(data, port, listen, is_restored=is_restored)
    if not runs(data):
        start(data)
    if is_standby:
        # It has no one to follow any more: what it received it replays to the end, and then goes on by itself.
        run("pg_ctl", "promote", "-w", "-t", "600", "-D", data)
    let_in(data / "pg_hba.conf", [f"hostssl {web} {one} scram-sha-256" for one in networks], "clinic")
    psql(through_socket(port), "SELECT pg_reload_conf()")
    certificate_for(through_socket(port), address)
    return f"This is the primary now, at {address}:{port}. {_what_it_has(port)}"


def _is_restored(data: Path) -> bool:
    path = data / "postgresql.conf"
    return path.exists() and path.read_text().startswith(RESTORED)


def _check(data: Path, port: int, networks: list[str]) -> None:
    if not (data / "PG_VERSION").exists():
        raise PairError(f"{data} is no server's data directory.")
    if (data / "recovery.signal").exists():
        raise PairError(f"{data} is being restored: wait for the end of that.")
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise PairError(f"--from: {error}") from error
    if not port_is_free(port) and _port_of(data) != port:
        raise PairError(f"Port {port} is taken by another server: choose one with --port. Nothing was changed.")


def _port_of(data: Path) -> int:
    """On which it runs; 0 if it does not."""
    return int((data / "postmaster.pid").read_text().splitlines()[3]) if runs(data) else 0


def _check_that_nobody_leads(data: Path) -> None:
    """Two primaries would part for ever. One that is only cut off from here nobody can see: the runbook says so."""
    found = re.findall(r"^primary_conninfo = '(.*)'", (data / "postgresql.auto.conf").read_text(), re.MULTILINE)
    if not found:
        return
    try:
        psql(f"{found[-1]} dbname=postgres replication=true", "IDENTIFY_SYSTEM")
    except PairError:
        return
    raise PairError("The server that this one follows still answers: stop it first. Nothing was changed.")


def _configure(data: Path, port: int, listen: str, *, is_restored: bool) -> None:
    """A restored server has settings for being looked at; a standby those of where it was copied from."""
    settings = shipped() | of_this_place(data, port=port, listen=listen, name="clinic")
    if is_restored:
        write(data / "postgresql.conf", "# All that is set stands in postgresql.auto.conf.\n")
        write(data / "pg_hba.conf", HBA)
        settings["archive_mode"] = "on"
    rewrite(data, settings, without=LEFT_OUT)
    let_in_from_here(data)


def _what_it_has(port: int) -> str:
    question = "SELECT pg_current_wal_lsn(), coalesce(pg_last_xact_replay_timestamp()::text, '')"
    [[position, moment]] = psql(through_socket(port), question)
    last = f", the last of {moment}" if moment else ""
    return f"It has all transactions up to {position}{last}; what was acknowledged later, and not sent to it, is lost."
