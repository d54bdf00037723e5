"""A clinic served as in production (gunicorn, primary and standby), and a real Chromium that visits it."""

import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.postgres.pair import free_port
from tests.e2e.samples import PETCLINIC_SQL, PETS_CSV, SET_UP
from tests.servers import PAIR, ROOT

PASSWORD = "whisker-harbour-42"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


@dataclass
class Clinic:
    """A served clinic: its address, its server's process, and its management commands."""

    url: str
    environment: dict[str, str]
    pid: int = 0

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def clinic(tmp_path_factory):
    """An empty clinic, migrated."""
    with served("e2e", tmp_path_factory.mktemp("clinic")) as clinic:
        yield clinic


@contextmanager
def served(database: str, folder: Path) -> Iterator[Clinic]:
    """A clinic in a new database of its own on the suite's servers, answering until the end of the block."""
    PAIR.sql(f"CREATE DATABASE {database} OWNER vetclinic")
    port = free_port()
    environment = os.environ | PAIR.environment(database) | {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CACHE_DIR": str(folder / "cache"),
        "ATTACHMENT_DIR": str(folder / "media"),
        "STATIC_ROOT": str(folder / "static"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "counts"),
        "LANGUAGE_CODE": "en",
    }  # fmt: skip
    clinic = Clinic(f"http://127.0.0.1:{port}", environment)
    clinic.manage("migrate", "-v0")
    clinic.manage("collectstatic", "--noinput", "-v0")
    log = (folder / "gunicorn.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}", "vetclinic.wsgi"],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    clinic.pid = server.pid
    try:
        _wait_for(f"{clinic.url}/healthz", server, folder / "gunicorn.log")
        yield clinic
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def staffed(clinic, tmp_path_factory):
    """The clinic with imported animals, four people, one vet at work around the clock."""
    folder = tmp_path_factory.mktemp("imports")
    (folder / "pets.csv").write_text(PETS_CSV)
    (folder / "petclinic.sql").write_text(PETCLINIC_SQL)
    clinic.manage("import_pets", str(folder / "pets.csv"), "--refused", str(folder / "pets.refused"))
    clinic.manage("import_petclinic", str(folder / "petclinic.sql"), "--refused", str(folder / "petclinic.refused"))
    clinic.manage("shell", "-c", SET_UP.format(password=PASSWORD))
    return clinic


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _attempt in range(150):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (our own address)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer: {log.read_text()}")


@pytest.fixture(scope="session", autouse=True)
def browser_can_run():
    if CHROMIUM is None or find_library("atomic") is None:
        message = "Browser tests need Chromium and its driver's library: sudo apt-get install -y chromium libatomic1"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": QUIET + sandbox}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, clinic):
    return browser_context_args | {
        "locale": "en-GB",
        "base_url": clinic.url,
        "viewport": {"width": 1440, "height": 900},
    }


def watch(page) -> list[str]:
    """What goes wrong in the browser from now on: answers of 400 and above, scripts' errors, refusals of the CSP."""
    faults: list[str] = []
    page.on("response", lambda answer: faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    # A page that is left while it fades in ends its transition: the browser says so, nothing is wrong.
    page.on("pageerror", lambda error: None if "Transition was" in str(error) else faults.append(str(error)))
    return faults


START_VISIT = """
import datetime as dt
from django.utils import timezone
from clinic.models import Appointment, Pet, Veterinarian
from records.actions import start_visit
vet, now = Veterinarian.objects.get(user__username="vet"), timezone.now()
visit = Appointment.objects.create(
    pet=Pet.objects.get(name="Leo"), vet=vet, date=now, ends_at=now + dt.timedelta(minutes=30), reason="cough",
    squeezed_in=True, squeezed_in_reason="for a test",
)
start_visit(appointment=visit, by=vet.user)
print(visit.pk)
"""


@pytest.fixture
def visit(staffed) -> str:
    """The address of a visit that has just begun with the vet."""
    return f"/visits/{staffed.manage('shell', '-v0', '-c', START_VISIT).split()[-1]}/"


def sign_in(page, username: str) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def sign_out(page) -> None:
    page.context.clear_cookies()
