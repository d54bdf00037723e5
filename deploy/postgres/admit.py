"""Let a branch's standby follow this server: role, slot, pg_hba.conf, TLS, and the file that the branch needs."""

import ipaddress
import json
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from deploy.postgres.pair import PairError
from deploy.postgres.programs import make_folder, psql, run, write

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
DAYS = 3650  # of a certificate that `admit` makes; it makes another one when run again after that


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
    certificate = _tls(connect, address)
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
    """This branch's lines stand first in pg_hba.conf, in place of those that it had."""
    path = Path(psql(connect, "SHOW hba_file")[0][0])
    mark = f"# branch {name}"
    lines = [line for line in path.read_text().splitlines() if not line.endswith(mark)]
    own = [
        f"hostssl replication {role} {network} scram-sha-256  {mark}",
        f"hostssl {web} {network} scram-sha-256  {mark}",
    ]
    write(path, "\n".join([*own, *lines]) + "\n")
    psql(connect, "SELECT pg_reload_conf()")
    faults = psql(connect, "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL")
    if faults:
        raise PairError(f"{path} has faults: {faults}")


def _tls(connect: str, address: str) -> str:
    """The certificate to trust. One of this server's own is made if it has none that is valid for `address`.

    It lies beside the data directory: what lies inside is copied to every standby, and with it the key would be.
    """
    shown = psql(connect, "SELECT current_setting('ssl'), current_setting('ssl_cert_file'), "
                          "current_setting('data_directory')")[0]  # fmt: skip
    data = Path(shown[2])
    certificate = data / shown[1]
    if shown[0] == "on" and certificate.exists() and _is_for(certificate, address):
        return certificate.read_text()
    folder = data.with_name(f"{data.name}.tls")
    make_folder(folder)
    certificate, key = folder / "server.crt", folder / "server.key"
    kind = "IP" if _is_ip(address) else "DNS"
    run(
        _openssl(), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
        "-subj", f"/CN={address}", "-addext", f"subjectAltName={kind}:{address}", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    key.chmod(0o600)
    for setting, value in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl", "on")):
        psql(connect, f"ALTER SYSTEM SET {setting} = '{value}'")
    psql(connect, "SELECT pg_reload_conf()")
    return certificate.read_text()


def _is_for(certificate: Path, address: str) -> bool:
    """Whether it is valid today and names the address. openssl answers one question at a time."""

    def ask(*words: str) -> subprocess.CompletedProcess:
        command = [_openssl(), "x509", "-noout", *words, "-in", certificate]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    names = ask("-checkip" if _is_ip(address) else "-checkhost", address).stdout
    return "does match" in names and ask("-checkend", "0").returncode == 0


def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _openssl() -> str:
    found = shutil.which("openssl")
    if not found:
        raise PairError("openssl is needed for the server's certificate:  apt-get install -y openssl")
    return found
