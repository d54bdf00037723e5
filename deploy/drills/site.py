"""A filled clinic for drills: servers of its own, gunicorn as a clinic runs it, and people who ask for pages."""

import atexit
import contextlib
import functools
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from deploy.postgres.pair import Pair, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = secrets.token_urlsafe(9)
WORKERS, THREADS = 2, 8
PEOPLE_COUNT = 20
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
READY_WITHIN_S = 60
PEOPLE = """
from django.contrib.auth.hashers import make_password
from vetclinic.access.models import User
for number in range({count}):
    User(username=f"drill{{number}}", password=make_password("{password}"), role="reception").save()
"""
SAMPLES = """
import json
from clinic.models import PetOwner, Pet
owners = PetOwner.objects.filter(is_active=True, merged_into=None).exclude(phone="").order_by("id")
print(json.dumps({"owners": list(owners.values("id", "first_name", "last_name", "phone")[:40]),
                  "pets": list(Pet.objects.filter(is_active=True).order_by("id").values_list("id", flat=True)[:20])}))
"""


class Servers(Pair):
    """A pair, and a second standby when one is asked for."""

    def add_standby(self) -> None:
        """A second one, "second"; nothing if it is there."""
        state = self._state()
        if "second" in state:
            return
        state["second"] = free_port(avoid=set(state.values()))
        (self.folder / "state.json").write_text(json.dumps(state))
        dsn = self._admin_dsn("primary", "postgres").replace("dbname=postgres", "application_name=second")
        self._run("pg_basebackup", "-D", self.folder / "second", "-d", dsn, "-R", "-X", "stream", "-c", "fast")
        port = self.folder / "second" / "port.conf"
        port.unlink()
        port.touch(mode=0o600)
        port.write_text(f"port = {state['second']}\n")
        if self.as_user:
            os.chown(port, self.as_user["user"], self.as_user["group"])
        self.start_server("second")

    def stop(self) -> None:
        self.stop_server("second")
        super().stop()

    @contextlib.contextmanager
    def late_replay(self, by: str) -> Iterator[None]:
        """In the block, commits are replayed on the first standby only so long after they were made: "5s"."""
        self._delay_replay(by)
        try:
            yield
        finally:
            self._delay_replay("0")

    def _delay_replay(self, by: str) -> None:
        self.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{by}'", "standby")
        self.sql("SELECT pg_reload_conf()", "standby")

    def wait_until_replayed(self, server: str = "standby") -> None:
        position, until = self.sql("SELECT pg_current_wal_lsn()").strip(), time.monotonic() + READY_WITHIN_S
        while self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", server).strip() != "t":
            assert time.monotonic() < until, f"{server} does not catch up"  # noqa: S101
            time.sleep(0.05)

    def processes(self, name: str) -> list[int]:
        """The server's processes, the first of all first."""
        first = int((self.folder / name / "postmaster.pid").read_text().splitlines()[0])
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


@dataclass
class Site:
    """A served clinic. `owners` and `pets` are rows to look at."""

    url: str
    servers: Pair
    owners: list[dict]
    pets: list[int]
    gunicorn: subprocess.Popen
    log: Path

    def sign_in(self, username: str) -> "Person":
        return Person(self.url, username)

    def last_fault(self) -> str:
        """The end of what the web server wrote, where the cause of an answer that should not have been stands."""
        return self.log.read_text()[-3000:]


class Person:
    """Somebody signed in, with a browser's cookies."""

    def __init__(self, url: str, username: str, password: str = PASSWORD):
        self.url, self.browser = url, requests.Session()
        self.browser.trust_env = False
        form = self.get("/login/")
        typed = {"username": username, "password": password, "csrfmiddlewaretoken": TOKEN.search(form.text)[1]}
        answer = self.browser.post(f"{url}/login/", typed, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.status_code  # noqa: S101

    def get(self, path: str) -> requests.Response:
        return self.browser.get(self.url + path, timeout=60, headers={"Accept-Language": "en"})

    def post(self, path: str, form: dict) -> requests.Response:
        form = {"csrfmiddlewaretoken": self.browser.cookies["csrftoken"]} | form
        return self.browser.post(
            self.url + path, form, timeout=60, allow_redirects=False, headers={"Accept-Language": "en"}
        )

    def rename(self, owner: dict, name: str) -> requests.Response:
        return self.post(f"/owners/{owner['id']}/edit/", owner | {"last_name": name})


@functools.cache
def site() -> "Clinic":
    """Servers with a small demo clinic and receptionists drill0, drill1, …: of a process, gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="vetclinic-drill-"))
    folder.chmod(0o711)  # the servers run as another user
    servers = Servers(folder / "postgres", settings={"shared_preload_libraries": "'pg_stat_statements'"})
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(servers.destroy)
    servers.start()
    clinic = Clinic(folder, servers)
    clinic.fill()
    return clinic


@functools.cache
def served_site() -> "Site":
    """The clinic as it is usually served, for all drills of a process that change nothing of that."""
    stack = contextlib.ExitStack()
    served = stack.enter_context(site().served())
    atexit.register(stack.close)
    return served


class Clinic:
    """A filled clinic that waits to be served."""

    def __init__(self, folder: Path, servers: Pair):
        self.folder, self.servers = folder, servers
        self.environment = os.environ | servers.environment() | {
            "DJANGO_SETTINGS_MODULE": "vetclinic.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DEBUG": "false",
            "HTTPS": "false",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "STATIC_ROOT": str(folder / "static"),
            "ATTACHMENT_DIR": str(folder / "media"),
            "LANGUAGE_CODE": "en",
            "COUNT_SQL": "true",
            "WEB_WORKERS": str(WORKERS),
            "WEB_THREADS": str(THREADS),
        }  # fmt: skip

    def fill(self) -> None:
        self.manage("migrate", "-v0")
        self.manage("seed_demo", "--size", "small", "--seed", "1", "--password", PASSWORD)
        self.prepare()
        self.servers.sql("ANALYZE", database="vetclinic")
        self.servers.wait_until_replayed()

    def prepare(self) -> None:
        """Static files, people who can sign in, rows to look at: of tables that are filled."""
        self.manage("collectstatic", "--noinput", "-v0")
        self.manage("shell", "-v0", "-c", PEOPLE.format(count=PEOPLE_COUNT, password=PASSWORD))
        self.samples = json.loads(self.manage("shell", "-v0", "-c", SAMPLES))

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        environment = self.environment | {"CACHE_DIR": str(self.folder / "cache")}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr  # noqa: S101
        return done.stdout

    @contextlib.contextmanager
    def served(self, **changes: str) -> Iterator[Site]:
        """By gunicorn, with `changes` of the environment, until the end of the block."""
        port, log = free_port(), self.folder / f"gunicorn-{secrets.token_hex(4)}.log"
        environment = self.environment | {"CACHE_DIR": f"{log}.cache"} | changes
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
        command += ["--bind", f"127.0.0.1:{port}", "vetclinic.wsgi"]
        with log.open("w") as words:
            gunicorn = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=words)
        served = Site(f"http://127.0.0.1:{port}", self.servers, gunicorn=gunicorn, log=log, **self.samples)
        try:
            _wait_for(served)
            yield served
        finally:
            gunicorn.terminate()
            gunicorn.wait(40)

    def url(self, *standbys: str) -> str:
        """An address for DATABASE_REPLICA_URL with these servers, or host:port of something in front of one."""
        parts = urlsplit(self.servers.url("standby"))
        hosts = [each if ":" in each else f"127.0.0.1:{self.servers.port(each)}" for each in standbys]
        return f"postgres://{parts.username}:{parts.password}@{','.join(hosts)}{parts.path}"


def _wait_for(served: Site) -> None:
    """Until a page with a query is answered a few times: both workers have begun."""
    until = time.monotonic() + READY_WITHIN_S
    for _time in range(4):
        while True:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{served.url}/login/", timeout=30).status_code == 200:
                    break
            assert served.gunicorn.poll() is None and time.monotonic() < until, served.log.read_text()  # noqa: S101
            time.sleep(0.1)
