"""Two transactions whose order a test decides: one is held open while the other runs beside it, and waits."""

import threading
import time

from django.db import connection, connections

from vetclinic.refusals import RuleViolation


class Aside(threading.Thread):
    """Runs in a connection of its own; `told` is the code of the refusal, None if there was none."""

    told: str | None = "did not end"

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.start()

    def run(self):
        try:
            self.work()
            self.told = None
        except RuleViolation as violation:
            self.told = violation.code
        finally:
            connections.close_all()


def wait_until_somebody_waits_for_a_lock():
    for _attempt in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
