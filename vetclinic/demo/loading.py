"""Rows into tables by COPY, a batch of every table at a time, in one transaction."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# In the order of their references. Generated and defaulted columns are left to the database.
COLUMNS = {
    "branch": "id name time_zone",
    "specialization": "id name",
    "veterinarian": "id specialization_id first_name last_name user_id branch_id",
    "working_hours": "vet_id weekday starts_at ends_at",
    "service": "id name code category unit cost valid_from valid_to",
    "pet_owner": "id first_name last_name phone address",
    "pet": "id pet_owner_id name species breed birth_date gender color description",
    "appointment": "id pet_id vet_id date ends_at reason status_id arrived_at started_at finished_at booked_by_id",
    "medical_record": "id appointment_id complaint diagnosis prescription author_id created_at signed_at",
    "treatment": "id appointment_id service_id date quantity unit_price performed_by_id",
    "invoice": "id pet_owner_id record_id date amount status_id year number issued_at due_date",
    "invoice_line": "invoice_id treatment_id service_id name quantity unit_price discount total",
    "payment": "invoice_id amount method paid_at taken_by_id",
    "invoice_counter": "year last_number",
}
WITH_TRIGGERS = ("appointment", "medical_record", "treatment", "invoice", "invoice_line", "payment")
BATCH = 20_000


class Loader:
    """Collects rows by table and copies them when a batch is full. `progress(n)` hears of every n rows."""

    def __init__(self, progress):
        self.rows: dict[str, list[tuple]] = defaultdict(list)
        self.pending = 0
        self.progress = progress

    def add(self, table: str, *values) -> None:
        self.rows[table].append(values)
        self.pending += 1

    def flush_if_full(self) -> None:
        if self.pending >= BATCH:
            self.flush()

    def flush(self) -> None:
        with connection.cursor() as cursor:
            for table, columns in COLUMNS.items():
                rows = self.rows.pop(table, [])
                if not rows:
                    continue
                with cursor.copy(f"COPY {table} ({', '.join(columns.split())}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        self.progress(self.pending)
        self.pending = 0


@contextmanager
def loading(progress) -> Iterator[Loader]:
    """One transaction in which the row triggers rest; constraints stay. What they would derive, the rows carry."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        for table in WITH_TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        loader = Loader(progress)
        yield loader
        loader.flush()
        # Checks that wait for the end of the transaction have to happen before a table can be altered again.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in WITH_TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, columns in COLUMNS.items():
            if columns.startswith("id "):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE")
