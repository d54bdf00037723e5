"""What `make demo` runs, from an empty folder to Ctrl-C."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from deploy.postgres.pair import Pair, port_is_free
from tests.servers import ROOT

UP_WITHIN_S = STOPS_WITHIN_S = 180  # only so that a demo that hangs fails: how fast it is, `make demo` says itself


class Demo:
    """A demo in a folder, its words in a file."""

    def __init__(self, folder: Path):
        self.folder, self.log = folder, folder.parent / f"demo-{time.monotonic_ns()}.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_")}
        self.command = [sys.executable, "-m", "deploy.demo", "--folder", str(folder), "--port", "0"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, pattern: str, seconds: float) -> re.Match:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = re.search(pattern, self.said)
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.fail(f"{pattern} was not said: {self.said}")

    def opened(self, seconds: float) -> str:
        """The printed address, once all has been printed."""
        url = self.wait_for(r"http://localhost:\d+/", seconds)[0]
        self.wait_for("Ctrl-C stops", 5)
        return url

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOPS_WITHIN_S)

    def children(self) -> dict[int, str]:
        """What it started: process id → command line."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {
            int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for pid in task.read_text().split()
        }

    def left_running(self) -> list[str]:
        """Command lines that still name our folder or our server."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if str((self.folder / "postgres").resolve()) in words or str(self.folder) in words:
                    found.append(words)
        return found


@pytest.fixture
def start(tmp_path):
    """Starts a demo in the test's own folder; in the end nothing of it is left, whatever happened."""
    folder, demos = tmp_path / "demo", []

    def start() -> Demo:
        demos.append(Demo(folder))
        return demos[-1]

    yield start
    for demo in demos:
        if demo.process.poll() is None:
            demo.stop()
    Pair(folder / "postgres").destroy()
    shutil.rmtree(folder)


def login_page(url: str) -> str:
    with urllib.request.urlopen(f"{url}login/", timeout=10) as answer:  # noqa: S310 (the demo's own address)
        return answer.read().decode()


def password_in(words: str) -> str:
    return re.search(r"reception +(?:password )?(\S+)", words)[1]


@pytest.mark.pair
def test_demo_started_twice_shows_the_login_keeps_its_password_and_leaves_nothing_running(start):
    first = start()
    url = first.opened(UP_WITHIN_S)
    port = int(url.rsplit(":")[-1].strip("/"))
    page, worker = login_page(url), [pid for pid, words in first.children().items() if "procrastinate" in words]
    first_code, password = first.stop(), password_in(first.said)

    second = start()
    second.opened(UP_WITHIN_S)
    second_code = second.stop(signal.SIGTERM)

    assert 'name="password"' in page
    assert (first_code, second_code) == (0, 0)
    assert password_in(second.said) == password
    assert re.search(r"up in \d+\.\d s", second.said)
    assert "Launching" not in first.said + second.said
    assert port_is_free(port)
    assert [Path(f"/proc/{pid}").exists() for pid in worker] == [False]
    assert second.left_running() == []


@pytest.mark.pair
def test_demo_started_beside_itself_is_refused_and_harms_nothing(start):
    first = start()
    url = first.opened(UP_WITHIN_S)

    second = subprocess.run(first.command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    page = login_page(url)
    first.stop()
    assert (second.returncode, "already running" in second.stderr) == (1, True)
    assert 'name="password"' in page


@pytest.mark.pair
def test_demo_whose_web_server_dies_says_so_and_stops(start):
    demo = start()
    demo.opened(UP_WITHIN_S)

    (gunicorn,) = [pid for pid, words in demo.children().items() if "gunicorn" in words]
    os.kill(gunicorn, signal.SIGKILL)
    code = demo.process.wait(STOPS_WITHIN_S)

    assert (code, "gunicorn has died" in demo.said, demo.left_running()) == (1, True, [])
