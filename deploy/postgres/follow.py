"""In a branch: copy the server that its file names, follow it, and copy anew what has lost its slot."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.postgres.pair import PairError
from deploy.postgres.programs import make_folder, own, psql, run, runs, write

# Of the server that was copied; here they would be wrong, or name files that are not here.
LEFT_OUT = ("ssl", "port", "listen_addresses", "primary_", "archive_", "synchronous_standby_names", "cluster_name")
LEAST = {  # as pg_controldata calls them: as they are set
    "max_connections": "max_connections",
    "max_worker_processes": "max_worker_processes",
    "max_wal_senders": "max_wal_senders",
    "max_prepared_xacts": "max_prepared_transactions",
    "max_locks_per_xact": "max_locks_per_transaction",
}
HBA = "local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n"


@dataclass(frozen=True)
class Upstream:
    """The server that a branch's file names, as a branch reaches it."""

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

    def has_slot(self) -> bool:
        """Whether the slot holds a position: one that was cut at the limit has lost it."""
        kind, position = (*self.command(f"READ_REPLICATION_SLOT {self.bundle['slot']}")[0], "", "")[:2]
        return bool(kind and position)

    def make_slot(self) -> None:
        """Anew, when it was lost."""
        if self.command(f"READ_REPLICATION_SLOT {self.bundle['slot']}")[0][0]:
            self.command(f"DROP_REPLICATION_SLOT {self.bundle['slot']}")
        self.command(f"CREATE_REPLICATION_SLOT {self.bundle['slot']} PHYSICAL RESERVE_WAL")


def follow(bundle: dict, *, data: Path, port: int, listen: str, rebuild: bool = False) -> str:
    """One sentence on what was done. Raises PairError, and has then changed nothing that was there."""
    data = data.absolute()
    upstream = Upstream(bundle, data.with_name(f"{data.name}.branch"))
    exists = data.exists() and any(data.iterdir())
    if exists:
        _refuse_what_is_not_ours(data, bundle)
    upstream.keep_secrets()
    upstream.publish_certificate(data)
    system = upstream.command("IDENTIFY_SYSTEM")[0][0]
    if system != str(bundle["system"]):
        raise PairError(f"{bundle['host']} is another server now ({system}, not {bundle['system']}).")
    has_slot = upstream.has_slot()
    copies = rebuild or not exists or not has_slot
    if copies:
        _copy(upstream, data, has_slot=has_slot)
    # Before the first start, and when host, port or password have changed.
    changed = _configure(upstream, data, port, listen)
    if runs(data) and changed:
        run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)
    if not runs(data):
        run("pg_ctl", "start", "-w", "-t", "60", "-D", data, "-l", f"{data}.log")
    done = "was copied anew" if copies and exists else "was copied" if copies else "was there already"
    return f"{bundle['name']} {done}, and follows {bundle['host']}:{bundle['port']} on port {port}."


def _refuse_what_is_not_ours(data: Path, bundle: dict) -> None:
    is_server = (data / "PG_VERSION").exists()
    system = _control(data).get("Database system identifier") if is_server else None
    if system != str(bundle["system"]) or not (data / "standby.signal").exists():
        raise PairError(f"{data} is not empty, and no standby of {bundle['host']}: nothing was changed.")
    slot = re.findall(r"^primary_slot_name\s*=\s*'(.*)'", (data / "postgresql.auto.conf").read_text(), re.MULTILINE)
    if slot[-1:] != [bundle["slot"]]:
        raise PairError(f"{data} is the standby of another branch ({''.join(slot[-1:])}): nothing was changed.")


def _copy(upstream: Upstream, data: Path, *, has_slot: bool) -> None:
    """Beside what is there, which goes when the copy is whole. The old standby must let go of the slot first."""
    new, ran = data.with_name(f"{data.name}.new"), runs(data)
    if ran:
        run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)
    shutil.rmtree(new, ignore_errors=True)
    make_folder(new)
    try:
        if not has_slot:
            upstream.make_slot()
        run("pg_basebackup", "-D", new, "-d", upstream.dsn, "-X", "stream", "-c", "fast", "-S", upstream.bundle["slot"])
    except PairError:
        shutil.rmtree(new, ignore_errors=True)
        if ran:
            run("pg_ctl", "start", "-w", "-D", data, "-l", f"{data}.log")
        raise
    shutil.rmtree(data, ignore_errors=True)
    new.rename(data)


def _configure(upstream: Upstream, data: Path, port: int, listen: str) -> bool:
    """Whether something is other than it was."""
    bundle, automatic = upstream.bundle, data / "postgresql.auto.conf"
    for name, text in (("postgresql.conf", ""), ("pg_hba.conf", HBA), ("pg_ident.conf", "")):
        if not (data / name).exists():  # where they lie outside of the data directory, they are not copied
            write(data / name, text)
    if (data / "port.conf").exists():
        (data / "port.conf").unlink()
    settings = {
        "port": port,
        "listen_addresses": listen,
        "cluster_name": bundle["name"],
        "primary_conninfo": upstream.dsn,
        "primary_slot_name": bundle["slot"],
        "hot_standby": "on",
        "hot_standby_feedback": "on",
        "wal_receiver_status_interval": "1s",
        "wal_receiver_timeout": "10s",
        "recovery_target_timeline": "latest",
        "max_slot_wal_keep_size": "2GB",
    }
    settings |= _least(data) | _own_tls(data)
    before = automatic.read_text() if automatic.exists() else ""
    others = (*LEFT_OUT, *settings)
    kept = [line for line in before.splitlines() if not line.startswith(others)]
    text = "\n".join([*kept, *(f"{key} = '{value}'" for key, value in settings.items())]) + "\n"
    write(automatic, text)
    (data / "standby.signal").touch(mode=0o600)
    own(data / "standby.signal")
    return text != before


def _own_tls(data: Path) -> dict[str, str]:
    """What `admit` has made here, if others follow this standby."""
    folder = data.with_name(f"{data.name}.tls")
    if not (folder / "server.crt").exists():
        return {}
    return {"ssl": "on", "ssl_cert_file": f"{folder}/server.crt", "ssl_key_file": f"{folder}/server.key"}


def _least(data: Path) -> dict[str, str]:
    """What a standby must have at least: as much as its primary, or it does not start."""
    control = _control(data)
    return {setting: control[f"{name} setting"] for name, setting in LEAST.items()}


def _control(data: Path) -> dict[str, str]:
    lines = run("pg_controldata", "-D", data).splitlines()
    return {key: value.strip() for key, _colon, value in (line.partition(":") for line in lines)}
