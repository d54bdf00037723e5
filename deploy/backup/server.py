"""A server in a folder of its own, beside the running one: no archive, own port, own socket, reached by its owner."""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from deploy.backup.running import make_folder, printable, run, user_names, write_private
from deploy.backup.words import BackupError, _
from deploy.postgres.configuration import RESTORED
from deploy.postgres.pair import free_port

# A standby refuses to replay with less of these than its primary had.
NOT_LESS = {
    "max_connections": "max_connections setting",
    "max_worker_processes": "max_worker_processes setting",
    "max_wal_senders": "max_wal_senders setting",
    "max_prepared_transactions": "max_prepared_xacts setting",
    "max_locks_per_transaction": "max_locks_per_xact setting",
}


class Server:
    def __init__(self, data: Path, port: int = 0):
        self.data, self.port = data, port or free_port()
        self.log = data.parent / f"{data.name}.log"
        self.socket = Path(tempfile.gettempdir()) / f"vetclinic-{self.port}"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql:///{database}?host={self.socket}&port={self.port}&user=postgres"

    def configure(self, settings: dict[str, str]) -> None:
        """Write the server's whole configuration; that of the server it was copied from stays there beside it."""
        own_settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.socket),
            "archive_mode": "off",
            "shared_buffers": "256MB",
            "max_wal_size": "4GB",
            "wal_level": "replica",
            "hot_standby": "on",
        }
        path, kept = self.data / "postgresql.conf", self.data / "postgresql.conf.before"
        if path.exists() and not kept.exists():
            path.rename(kept)
        lines = [RESTORED]
        lines += [f"{name} = '{value}'" for name, value in (own_settings | self._not_less() | settings).items()]
        write_private(self.data / "postgresql.conf", "\n".join([*lines, ""]))
        write_private(self.data / "postgresql.auto.conf", "")
        access = ["local all all peer map=owner", "host all all 127.0.0.1/32 scram-sha-256", ""]
        write_private(self.data / "pg_hba.conf", "\n".join(access))
        write_private(self.data / "pg_ident.conf", "".join(f"owner {name} postgres\n" for name in user_names()))

    def _not_less(self) -> dict[str, str]:
        facts = self.facts()
        return {name: facts[key] for name, key in NOT_LESS.items()}

    def facts(self) -> dict[str, str]:
        """What pg_controldata says."""
        lines = run("pg_controldata", self.data).splitlines()
        return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def start(self, wait: bool = True) -> None:
        make_folder(self.socket)
        words = ["-w", "-t", "300"] if wait else ["-W"]
        run("pg_ctl", "start", *words, "-D", self.data, "-l", self.log)

    def runs(self) -> bool:
        return "server is running" in run("pg_ctl", "status", "-D", self.data, right=(0, 3, 4))

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data, right=(0, 1))
        if self.socket.exists():
            with contextlib.suppress(OSError):
                self.socket.rmdir()

    def complaint(self) -> str:
        """The last words of a server that gave up."""
        text = printable(self.log.read_text(errors="replace")) if self.log.exists() else ""
        found = re.findall(r"(?:FATAL|PANIC|ERROR):\s*(.+)", text)
        return (
            "; ".join(dict.fromkeys(line for line in found if not line.startswith("the database system is")))
            or "its log says nothing"
        )

    @contextlib.contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=5) as connection:
            yield connection

    def tell(self, statement: str, database: str = "postgres") -> None:
        with self.connect(database) as connection:
            connection.execute(statement)

    def ask(self, question: str, database: str = "postgres"):
        """The first value of the answer."""
        with self.connect(database) as connection:
            return connection.execute(question).fetchone()[0]


@contextlib.contextmanager
def scratch_server(folder: Path) -> Iterator[Server]:
    """An empty server for the time of the block. Its data need not outlive the machine."""
    data = folder / "server"
    run("initdb", "-D", data, "-U", "postgres", "-A", "peer", "--locale=C.UTF-8", "-E", "UTF8")
    server = Server(data)
    server.configure({"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "jit": "off"})
    try:
        server.start()
        yield server
    except psycopg.OperationalError as error:
        raise BackupError(_("The server for comparing failed: %(words)s"), words=str(error)) from error
    finally:
        server.stop()
