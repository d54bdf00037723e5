"""The configuration of a server in a folder of its own: it stands in postgresql.auto.conf, which has the last word."""

import re
import subprocess
from pathlib import Path

from deploy.postgres import tls
from deploy.postgres.pair import ordinary_user, user_name
from deploy.postgres.programs import control, write

SHIPPED = Path(__file__).with_name("vetclinic.conf")
LEAST = {  # a standby needs as much of these as its primary has, or it does not start; as pg_controldata calls them
    "max_connections": "max_connections",
    "max_worker_processes": "max_worker_processes",
    "max_wal_senders": "max_wal_senders",
    "max_prepared_xacts": "max_prepared_transactions",
    "max_locks_per_xact": "max_locks_per_transaction",
}
HBA = """\
local all,replication all peer
host all,replication all 127.0.0.1/32 scram-sha-256
host all,replication all ::1/128 scram-sha-256
"""
RESTORED = "# For looking at a restored clinic; `deploy.postgres.branch promote` makes it the primary."
SOCKETS = ("/var/run/postgresql", "/tmp")  # noqa: S108 (where PostgreSQL's own programs look)


def shipped() -> dict[str, str]:
    """What a clinic's primary needs beside PostgreSQL's own defaults (vetclinic.conf)."""
    lines = [line for line in SHIPPED.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'") for name, _equals, value in (line.partition(" = ") for line in lines)}


def rewrite(data: Path, settings: dict[str, object], *, without: tuple[str, ...]) -> bool:
    """Set these, and nothing that begins with a word of `without`; whether something is other than it was."""
    path = data / "postgresql.auto.conf"
    before = path.read_text() if path.exists() else ""
    gone = (*without, *(f"{name} =" for name in settings))
    kept = [line for line in before.splitlines() if line and not line.startswith(gone)]
    text = "\n".join([*kept, *(f"{name} = '{value}'" for name, value in settings.items())]) + "\n"
    write(path, text)
    return text != before


def port_in(data: Path) -> int | None:
    """The port that such a server is set to."""
    path = data / "postgresql.auto.conf"
    found = re.findall(r"^port = '(\d+)'", path.read_text(), re.MULTILINE) if path.exists() else []
    return int(found[-1]) if found else None


def of_this_place(data: Path, *, port: int, listen: str, name: str) -> dict[str, object]:
    """What was right where a server was copied from, and is not here."""
    place = {"port": port, "listen_addresses": listen, "cluster_name": name}
    return place | {"unix_socket_directories": socket_folder()} | _least(data) | tls.settings_of(data)


def _least(data: Path) -> dict[str, str]:
    facts = control(data)
    return {setting: facts[f"{name} setting"] for name, setting in LEAST.items()}


def socket_folder() -> str:
    """The first that the servers' user may write to."""
    for folder in SOCKETS:
        if subprocess.run(["test", "-w", folder], check=False, **ordinary_user()).returncode == 0:
            return folder
    return ""


def through_socket(port: int) -> str:
    """How the servers' user reaches one as superuser."""
    return f"host={socket_folder()} port={port} user=postgres dbname=postgres"


def let_in_from_here(data: Path) -> bool:
    """The servers' user, as `postgres` through the socket, whatever pg_hba.conf came with a copy. Whether it is new."""
    path, ident = data / "pg_hba.conf", data / "pg_ident.conf"
    if not path.exists():  # where it lies outside of the data directory, it is not copied
        write(path, HBA)
    known = [line for line in ident.read_text().splitlines() if not line.startswith("here ")] if ident.exists() else []
    write(ident, "\n".join([*known, f"here {user_name()} postgres", ""]))
    return let_in(path, ["local all,replication postgres peer map=here"], "here")


def let_in(path: Path, lines: list[str], mark: str) -> bool:
    """These stand first in a pg_hba.conf, in place of those that had the same mark; whether anything is new."""
    lines, known = [f"{line}  # {mark}" for line in lines], path.read_text().splitlines()
    if all(line in known for line in lines):
        return False
    others = [line for line in known if not line.endswith(f"  # {mark}")]
    write(path, "\n".join([*lines, *others]) + "\n")
    return True
