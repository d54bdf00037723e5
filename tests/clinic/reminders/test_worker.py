"""Workers as processes: one that is killed between sending and noting, and several at a time."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.exceptions import AlreadyEnqueued

from clinic.models import Reminder
from clinic.tasks import send_reminders
from tests.clinic.reminders.rows import due_reminder, visit_in
from tests.servers import PAIR, ROOT

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WITHIN_S = 40
SEND = "from clinic.reminders.sending import plan_and_send; plan_and_send()"


@pytest.fixture
def start(tmp_path):
    """Starts manage.py with letters going to files of the test's folder; ends in the end what it started."""
    processes = []
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")  # Django empties between tests what it writes itself

    def start(*words: str, **variables: str) -> subprocess.Popen:
        environment = PAIR.environment(connection.settings_dict["NAME"]) | {"EMAIL_URL": f"filemail:///{tmp_path}"}
        command = [sys.executable, "manage.py", *words]
        processes.append(subprocess.Popen(command, cwd=ROOT, env=os.environ | environment | variables))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def ask_for_work() -> None:
    """What the clock does each minute; a worker's own clock may have done it just now."""
    with contextlib.suppress(AlreadyEnqueued):
        send_reminders.defer(timestamp=0)


def letters(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.glob("*.log")]


def wait_until(happened) -> None:
    until = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def states() -> list[str]:
    return sorted(Reminder.objects.filter(kind="day_before").values_list("state", flat=True))


def test_worker_killed_between_sending_and_noting_has_sent_once_and_the_next_sends_the_rest(start, tmp_path):
    due_reminder(visit_in(20))
    ask_for_work()
    killed = start("procrastinate", "worker", EMAIL_BACKEND="tests.clinic.reminders.backends.StopsAfterDelivery")
    wait_until(lambda: (tmp_path / "delivered").exists())
    killed.kill()
    killed.wait()
    between = states()
    due_reminder(visit_in(21))
    ask_for_work()

    start("procrastinate", "worker")
    wait_until(lambda: "sent" in states())

    assert (between, states()) == (["sending"], ["sending", "sent"])
    ids = [line for letter in letters(tmp_path) for line in letter.splitlines() if line.startswith("Message-ID")]
    assert len(ids) == len(set(ids)) == 2


def test_worker_stops_when_it_is_asked_to(start):
    due_reminder(visit_in(20))
    ask_for_work()
    worker = start("procrastinate", "worker")
    wait_until(lambda: states() == ["sent"])

    worker.terminate()

    assert worker.wait(WITHIN_S) == 0


def test_workers_at_once_send_each_reminder_once(start, tmp_path):
    for number in range(40):
        due_reminder(visit_in(20 + number / 100))

    workers = [start("shell", "-c", SEND) for _worker in range(4)]
    for worker in workers:
        assert worker.wait(WITHIN_S) == 0

    ids = [line for letter in letters(tmp_path) for line in letter.splitlines() if line.startswith("Message-ID")]
    assert states() == ["sent"] * 40
    assert len(ids) == len(set(ids)) == 40
