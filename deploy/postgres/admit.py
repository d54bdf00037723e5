"""Let a branch's standby follow this server: role, slot, pg_hba.conf, TLS, and the file that the branch needs."""

import ipaddress
import json
import re
import secrets
import time
from pathlib import Path

from deploy.postgres.configuration import let_in
from deploy.postgres.pair import PairError
from deploy.postgres.programs import psql, write
from deploy.postgres.tls import certificate_for

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def admit(name: str, *, network: str, address: str, bundle: Path, connect: str, app_role: str, database: str) -> str:
    """Do what is not done yet, and write `bundle`. On a standby the role must have come from the primary already."""
    if not NAME.fullmatch(name):
        raise PairError(f"{name!r} is no name for a branch: small Latin letters, digits and _, a letter first.")
    try:
        ipaddress.ip_network(network)
    except ValueError as error:
        raise PairError(f"--from: {error}") from error
    known = json.loads(bundle.read_text()) if bundle.exists() else {"name": name}
    if known["name"] != name:
        raise PairError(f"{bundle} is the file of the branch {known['name']}.")
    role = f"branch_{name}"
    password = _role(connect, role, known.get("password"))
    _slot(connect, role)
    certificate = certificate_for(connect, address)
    _allow(connect, name, network, role, f"{database} {app_role}")
    what = "SELECT current_setting('port'), system_identifier, pg_is_in_recovery() FROM pg_control_system()"
    port, system, is_standby = psql(connect, what)[0]
    known |= {"host": address, "port": int(port), "role": role, "slot": role, "password": password, "system": system}
    known |= {"certificate": certificate} | ({} if is_standby == "t" else {"primary_certificate": certificate})
    write(bundle, json.dumps(known, indent=1) + "\n")
    return f"{name} may follow {address}:{port} from {network}. Carry {bundle} to the branch, and run there:  follow"


def _role(connect: str, role: str, password: str | None) -> str:
    """A password that was handed out stays: a running standby goes on with it."""
    if psql(connect, "SELECT pg_is_in_recovery()") == [["t"]]:
        if not password or not _arrives(connect, role):
            raise PairError(f"This is a standby: run `admit` on the primary first, and bring its file for {role}.")
        return password
    password = password or secrets.token_urlsafe(24)
    verb = "ALTER" if _exists(connect, role) else "CREATE"
    psql(
        connect,
        "SET log_statement = 'none'; SET password_encryption = 'scram-sha-256'; "
        f"{verb} ROLE {role} LOGIN REPLICATION NOSUPERUSER PASSWORD '{password}'",
    )
    return password


def _exists(connect: str, role: str) -> bool:
    return bool(psql(connect, f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"))


def _arrives(connect: str, role: str) -> bool:
    """Whether the primary's role is replayed here, at once or soon."""
    for _time in range(40):
        if _exists(connect, role):
            return True
        time.sleep(0.25)
    return False


def _slot(connect: str, slot: str) -> None:
    """Reserved at once: a slot without a position is one that was lost. Without a limit it could fill this disk."""
    if psql(connect, "SHOW max_slot_wal_keep_size") == [["-1"]]:
        psql(connect, "ALTER SYSTEM SET max_slot_wal_keep_size = '2GB'")
        psql(connect, "SELECT pg_reload_conf()")
    if not psql(connect, f"SELECT 1 FROM pg_replication_slots WHERE slot_name = '{slot}'"):
        psql(connect, f"SELECT pg_create_physical_replication_slot('{slot}', true)")


def _allow(connect: str, name: str, network: str, role: str, web: str) -> None:
    path = Path(psql(connect, "SHOW hba_file")[0][0])
    lines = [
        f"hostssl replication {role} {network} scram-sha-256",
        f"hostssl {web} {network} scram-sha-256",
    ]
    let_in(path, lines, f"branch {name}")
    psql(connect, "SELECT pg_reload_conf()")
    faults = psql(connect, "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL")
    if faults:
        raise PairError(f"{path} has faults: {faults}")
