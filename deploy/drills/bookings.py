"""A booking load: writers that note every visit whose commit was acknowledged, as the database then had it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import datetime

import psycopg

BOOK = """
    INSERT INTO appointment (pet_id, vet_id, date, ends_at, reason, status_id)
    VALUES (%(pet)s, %(vet)s, %(start)s::timestamptz + %(n)s * interval '15 minutes',
            %(start)s::timestamptz + (%(n)s + 1) * interval '15 minutes', 'drill', 1)
    RETURNING id, appointment::text
"""
OWNER = "INSERT INTO pet_owner (first_name, last_name) VALUES ('Drill', %s) RETURNING id, pet_owner::text"


class Load:
    """Books visits; without the table of visits it goes on with owners, as a clinic would."""

    def __init__(self, url: str):
        self.url = url
        self.visits: list[tuple[int, str]] = []  # acknowledged: key, the whole row
        self.owners: list[tuple[float, float, int, str]] = []  # begun, acknowledged (this machine's clock), key, row
        self.trouble: list[str] = []
        self._stop = threading.Event()

    def _write(self, number: int, pet: int, vet: int) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            n, visits = 0, True
            while not self._stop.is_set():
                n += 1
                if visits:
                    values = {"pet": pet, "vet": vet, "start": "2040-01-01 00:00+00", "n": n}
                    try:
                        self.visits.append(connection.execute(BOOK, values).fetchone())
                    except psycopg.errors.UndefinedTable:
                        visits = False
                begun = time.monotonic()
                key, row = connection.execute(OWNER, [f"{number}-{n}"]).fetchone()
                self.owners.append((begun, time.monotonic(), key, row))
                time.sleep(0.002)

    def _guarded(self, *words: int) -> None:
        try:
            self._write(*words)
        except psycopg.Error as error:
            self.trouble.append(str(error))

    @contextlib.contextmanager
    def running(self, writers: int = 4) -> Iterator["Load"]:
        with psycopg.connect(self.url) as connection:
            pets = connection.execute("SELECT id FROM pet WHERE deceased_at IS NULL ORDER BY id LIMIT %s", [writers])
            vets = connection.execute("SELECT id FROM veterinarian ORDER BY id LIMIT %s", [writers])
            pairs = [(pet, vet) for (pet,), (vet,) in zip(pets.fetchall(), vets.fetchall(), strict=False)]
        threads = [threading.Thread(target=self._guarded, args=(i, *pair)) for i, pair in enumerate(pairs)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop()
            for thread in threads:
                thread.join()

    def stop(self) -> None:
        self._stop.set()


def drop_visits(url: str) -> tuple[float, datetime, float, str]:
    """The accident. The moment just before it, between two readings of this machine's clock; its position."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE")
        asked = time.monotonic()
        question = "SELECT clock_timestamp(), pg_current_wal_insert_lsn()::text"
        moment, position = connection.execute(question).fetchone()
        answered = time.monotonic()
        connection.execute("DROP TABLE appointment CASCADE")
    return asked, moment, answered, position
