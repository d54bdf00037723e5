"""A private PostgreSQL primary with a streaming standby, for demo, tests, benchmarks and drills.

Everything lives in one folder: two data directories, logs, ports and passwords. The servers listen on
127.0.0.1 only, on free ports below the ephemeral range, never on 5432, and run as an ordinary user also
when root starts them. Only the standard library is needed:

    python3 -m deploy.postgres.pair install     # find PostgreSQL 15+, or install it where that is allowed
    python3 -m deploy.postgres.pair start DIR   # prints DATABASE_URL=… and its like
    python3 -m deploy.postgres.pair stop DIR
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST_VERSION = 15
RECOVERS_WITHIN_S = 300  # after a crash, under load
PORTS = range(20_000, 32_000)  # Linux hands out client ports from 32768 up: a client could sit on ours
SLOT = "standby_1"
OWNER, SITE = "vetclinic", "vetclinic_site"  # who owns the tables, and who works with their rows
PASSWORDS = {OWNER: "owner_password", SITE: "site_password"}  # their keys in state.json

PRIMARY_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",  # socket paths are limited to 107 bytes, a checkout's path is not
    "wal_level": "replica",
    "max_connections": "120",
    "max_wal_senders": "8",
    "max_replication_slots": "8",
    "max_slot_wal_keep_size": "2GB",  # a standby that stays away must not fill the primary's disk
    "hot_standby_feedback": "on",  # long reads on the standby are not cancelled by vacuum
    "wal_receiver_status_interval": "1s",
    "wal_receiver_timeout": "10s",  # after half of it without a word the standby asks whether the primary is there
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
    "timezone": "'UTC'",
}


class PairError(Exception):
    """Something a person has to do first; the text says what."""


def find_programs() -> Path | None:
    """The folder with the newest PostgreSQL server programs of version 15 or later, or None."""
    on_path = shutil.which("initdb")
    folders = list(Path("/usr/lib/postgresql").glob("*/bin")) + ([Path(on_path).parent] if on_path else [])
    found = [(_version(folder), folder) for folder in folders if (folder / "initdb").exists()]
    usable = sorted((v, f) for v, f in found if v >= OLDEST_VERSION and (f / "pg_basebackup").exists())
    return usable[-1][1] if usable else None


def _version(folder: Path) -> int:
    text = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)", text)
    return int(number[1]) if number else 0


def install_programs() -> Path:
    """Find PostgreSQL, or install Debian's package when this user may; else say the one line to run."""
    programs = find_programs()
    if programs:
        return programs
    line = "apt-get install -y postgresql postgresql-contrib"
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (
        sudo and subprocess.run(["sudo", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode
    ):
        raise PairError(f"PostgreSQL {OLDEST_VERSION} or later is needed. Please run:  sudo {line}")
    print("Installing PostgreSQL from the distribution …", flush=True)
    # Keep the package from starting a server of its own on 5432: only the programs are wanted.
    config = Path("/etc/postgresql-common/createcluster.conf")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    subprocess.run([*sudo, "mkdir", "-p", config.parent], check=True)
    if not config.exists():
        subprocess.run(
            [*sudo, "tee", config],
            input=b"create_main_cluster = false\n",
            check=True,
            stdout=subprocess.DEVNULL,
        )
    for words in (["update", "-q"], line.split()[1:]):
        subprocess.run([*sudo, *environment, "apt-get", *words], check=True, stdout=subprocess.DEVNULL)
    programs = find_programs()
    if not programs:
        raise PairError(f"The distribution has no PostgreSQL {OLDEST_VERSION} or later.")
    return programs


def free_port(avoid: set[int] = frozenset()) -> int:
    """A port below the ephemeral range on which nobody listens now."""
    while True:
        port = secrets.choice(PORTS)
        if port not in avoid and port_is_free(port):
            return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return not _fails(probe.bind, ("127.0.0.1", port))


def _fails(call, *args) -> bool:
    try:
        call(*args)
    except OSError:
        return True
    return False


def ordinary_user() -> dict:
    """Arguments for subprocess that drop root for the postgres (or nobody) user; nothing when not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PairError("Neither a postgres nor a nobody user exists to run the servers as.")


def user_name() -> str:
    """As whom the servers run."""
    return pwd.getpwuid(ordinary_user().get("user", os.geteuid())).pw_name


class Pair:
    """One primary and one standby in a folder. `start` is idempotent; `stop` keeps the data."""

    def __init__(self, folder: Path | str, *, settings: dict[str, str] | None = None):
        self.asked_folder = Path(folder).absolute()
        self.settings = PRIMARY_SETTINGS | (settings or {})
        self.as_user = ordinary_user()
        self.folder = self._reachable_folder()
        self.bin = find_programs() or install_programs()
        self._lock = None

    # -- what others ask ------------------------------------------------------------------------------

    def url(self, name: str, database: str = "vetclinic", login: str = SITE) -> str:
        """The URL of "primary" or "standby" for the login of the site, or for the one that owns `database`."""
        state = self._state()
        return f"postgres://{login}:{state[PASSWORDS[login]]}@127.0.0.1:{state[name]}/{database}"

    def port(self, name: str) -> int:
        return self._state()[name]

    def environment(self, database: str = "vetclinic") -> dict[str, str]:
        return {
            "DATABASE_URL": self.url("primary", database),
            "DATABASE_OWNER_URL": self.url("primary", database, OWNER),
            "DATABASE_AS_OWNER": "false",
            "DATABASE_REPLICA_URL": self.url("standby", database),
        }

    def start(self, *, alone: bool = False) -> None:
        """Both servers; `alone` leaves the standby out, and so half of the disk."""
        self._hold_lock()
        self._choose_ports()
        if not (self.folder / "primary").exists():
            self._make_primary()
        self._write_port("primary")
        self.start_server("primary")
        self._make_database()
        if alone:
            return
        if not (self.folder / "standby").exists():
            self._make_standby()
        self._write_port("standby")
        self.start_server("standby")

    def stop(self) -> None:
        for name in ("standby", "primary"):
            self.stop_server(name)
        if self._lock:
            self._lock.close()

    def destroy(self) -> None:
        """Stop both servers and remove the folder with all that is in it."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.asked_folder.is_symlink():
            self.asked_folder.unlink()

    def start_server(self, name: str) -> None:
        if not self._running(name):
            log = self.folder / f"{name}.log"
            self._run("pg_ctl", "start", "-w", "-t", str(RECOVERS_WITHIN_S), "-D", self.folder / name, "-l", log)

    def stop_server(self, name: str, mode: str = "fast") -> None:
        if self._running(name):
            self._run("pg_ctl", "stop", "-w", "-D", self.folder / name, "-m", mode)

    def sql(self, statement: str, server: str = "primary", database: str = "postgres") -> str:
        """Run a statement as the servers' superuser and return what psql prints, unaligned."""
        return self._run(
            "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self._admin_dsn(server, database), "-c", statement
        )

    # -- how it is done -------------------------------------------------------------------------------

    def _reachable_folder(self) -> Path:
        """The folder asked for; or, when the servers' user cannot get there, one it can, linked from there."""
        if self.asked_folder.is_symlink():
            return self.asked_folder.resolve()
        self.asked_folder.parent.mkdir(parents=True, exist_ok=True)
        folder = self.asked_folder
        blocked = subprocess.run(["test", "-x", folder.parent], check=False, **self.as_user).returncode
        if blocked:
            mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"vetclinic-{mark}"
            self.asked_folder.symlink_to(folder)
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.as_user:
            os.chown(folder, self.as_user["user"], self.as_user["group"])
        return folder

    def _hold_lock(self) -> None:
        """One process at a time uses a folder: a second one is told, instead of sharing half of it."""
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PairError(f"Another process uses the servers in {self.asked_folder}. Stop it first.") from error
        for name in ("standby", "primary"):
            self.stop_server(name)  # left behind by a process that was killed

    def _state(self) -> dict:
        return json.loads((self.folder / "state.json").read_text())

    def _choose_ports(self) -> None:
        path = self.folder / "state.json"
        state = json.loads(path.read_text()) if path.exists() else {}
        for key in ("admin_password", *PASSWORDS.values()):
            state.setdefault(key, secrets.token_urlsafe(24))
        for name in ("primary", "standby"):
            if name not in state or not port_is_free(state[name]):
                state[name] = free_port(avoid={state.get("primary", 0)})
        path.touch(mode=0o600)
        path.write_text(json.dumps(state))

    def _make_primary(self) -> None:
        data = self.folder / "primary.new"  # renamed when whole, so that a kill leaves nothing half made
        shutil.rmtree(data, ignore_errors=True)
        password_file = self.folder / "initdb-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._state()["admin_password"])
        if self.as_user:
            os.chown(password_file, self.as_user["user"], self.as_user["group"])
        # Locale C would break ILIKE on Cyrillic; C.UTF-8 is there on every Debian and Ubuntu.
        self._run(
            "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password_file}",
            "--locale=C.UTF-8", "-E", "UTF8", "--data-checksums",
        )  # fmt: skip
        password_file.unlink()
        with (data / "postgresql.conf").open("a") as config:
            config.writelines(f"{key} = {value}\n" for key, value in self.settings.items())
            config.write("include_if_exists 'port.conf'\n")
        data.rename(self.folder / "primary")

    def _make_database(self) -> None:
        for login, key in PASSWORDS.items():
            if not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{login}'"):
                self.sql(f"CREATE ROLE {login} LOGIN; GRANT pg_monitor TO {login}")
            self.sql(f"ALTER ROLE {login} PASSWORD '{self._state()[key]}'")
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = 'vetclinic'"):
            self.sql(f"CREATE DATABASE vetclinic OWNER {OWNER}")

    def _make_standby(self) -> None:
        data = self.folder / "standby.new"
        shutil.rmtree(data, ignore_errors=True)
        known = self.sql(f"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{SLOT}'").strip()
        create_slot = ["-C"] if known == "0" else []
        dsn = self._admin_dsn("primary", "postgres").replace("dbname=postgres", f"application_name={SLOT}")
        self._run(
            "pg_basebackup",
            "-D",
            data,
            "-d",
            dsn,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            *create_slot,
            "-S",
            SLOT,
        )
        data.rename(self.folder / "standby")

    def _write_port(self, name: str) -> None:
        """Ports stand in a file of their own: pg_basebackup copies the primary's, and ports may change."""
        state = self._state()
        lines = [f"port = {state[name]}"]
        if name == "standby":
            conninfo = self._admin_dsn("primary", "replication").replace(
                "dbname=replication", f"application_name={SLOT}"
            )
            lines.append(f"primary_conninfo = '{conninfo}'")
            automatic = self.folder / "standby" / "postgresql.auto.conf"
            kept = [line for line in automatic.read_text().splitlines() if not line.startswith("primary_conninfo")]
            automatic.write_text("\n".join(kept) + "\n")
        path = self.folder / name / "port.conf"
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n")
        if self.as_user:
            os.chown(path, self.as_user["user"], self.as_user["group"])

    def _admin_dsn(self, server: str, database: str) -> str:
        state = self._state()
        return f"host=127.0.0.1 port={state[server]} user=postgres password={state['admin_password']} dbname={database}"

    def _running(self, name: str) -> bool:
        data = self.folder / name
        command = [self.bin / "pg_ctl", "status", "-D", data]
        return (
            data.exists()
            and subprocess.run(command, capture_output=True, check=False, cwd="/", **self.as_user).returncode == 0
        )

    def _run(self, program: str, *args: object) -> str:
        """Run a PostgreSQL program as the servers' user; its own words become the error."""
        # Output goes to a file: a server that pg_ctl starts inherits a pipe, and reading it would never end.
        with tempfile.TemporaryFile("w+") as output:
            command = [self.bin / program, *map(str, args)]
            done = subprocess.run(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
                cwd="/",
                **self.as_user,
            )
            output.seek(0)
            text = output.read()
        if done.returncode:
            log = self.folder / "primary.log"
            raise PairError(f"{program} failed: {text.strip()[-1500:]}\n(see also {log})")
        return text


def main(words: list[str]) -> int:
    try:
        if words == ["install"]:
            print(f"PostgreSQL programs: {install_programs()}")
        elif len(words) == 2 and words[0] == "start":
            pair = Pair(words[1])
            pair.start()
            for key, value in pair.environment().items():
                print(f"{key}={value}")
        elif len(words) == 2 and words[0] == "stop":
            Pair(words[1]).stop()
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except PairError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
