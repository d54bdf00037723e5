"""What the drills of backups ask of the clinic's database, and do to it."""

import contextlib
import json
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from deploy.backup import wal
from deploy.backup.closure import key_of, rows_of_owner
from deploy.backup.running import run
from deploy.backup.settings import Settings
from deploy.backup.words import BackupError
from deploy.postgres.pair import Pair
from deploy.postgres.programs import psql


class Database:
    pair: Pair
    settings: Settings

    def sql(self, statement: str) -> str:
        """Of the primary, whichever that is by now."""
        return "\n".join("|".join(row) for row in psql(self.settings.url, statement))

    def write_something(self) -> None:
        self.sql("UPDATE pet SET name = name WHERE id = 1")

    def drain(self) -> float:
        return wal.ship(self.settings)

    def schema_of(self, table: str) -> list[str]:
        """A table's definition with indexes, constraints and triggers, as pg_dump writes it; order does not matter."""
        text = run("pg_dump", "-s", "-t", table, "--no-owner", "-d", "vetclinic", url=self.settings.url)
        return sorted(line for line in text.splitlines() if line and not line.startswith(("--", "\\")))

    def lateness(self) -> float:
        """Seconds from a lone write until its segment is archived, with nobody asking for it."""
        began = time.monotonic()
        self.write_something()
        segment = self.sql("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        while self.sql("SELECT last_archived_wal FROM pg_stat_archiver") < segment:
            if time.monotonic() - began > 90:
                raise BackupError(f"{segment} is not archived after 90 s.")
            time.sleep(0.2)
        return time.monotonic() - began

    def moment(self) -> str:
        return self.sql("SELECT clock_timestamp()")

    def lose_an_owner(self) -> int:
        """Remove the owner with most invoices and all that hangs on it, past every rule."""
        owner = int(self.sql("SELECT pet_owner_id FROM invoice GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"))
        with psycopg.connect(self.settings.url) as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in rows_of_owner(connection, owner).items():
                key = key_of(connection, table)
                keys = [json.loads(row["json"])[key.as_string(connection).strip('"')] for row in rows]
                delete = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(sql.Identifier(table), key)
                connection.execute(delete, [keys])
        return owner

    @contextlib.contextmanager
    def twin(self, name: str) -> Iterator[str]:
        """The address of a copy of the clinic's database on the same server, to be ruined."""
        self.sql(f"DROP DATABASE IF EXISTS {name}")
        self.pair.sql(f"CREATE DATABASE {name} TEMPLATE vetclinic")
        yield self.settings.url.removesuffix("vetclinic") + name
        self.pair.sql(f"DROP DATABASE {name} WITH (FORCE)")
