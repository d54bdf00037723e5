"""A filled clinic on this machine: a primary, a standby, gunicorn with the settings of production, and the worker.

    python -m deploy.demo [--folder DIR] [--port N] [--size small]     # Ctrl-C stops all four; the data stays

Letters that the worker sends are files in the folder's mail/.

Environment: PORT (8000; the next free one if taken), LANGUAGE_CODE (ru or en: of the pages and, on the first
start, of the data).
"""

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TextIO

from deploy.postgres.pair import Pair, PairError, free_port, port_is_free

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60
LOOK_EVERY_S = 1.0
PR_SET_PDEATHSIG = 1
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ROLES = ("reception", "vet", "manager", "admin")


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def main() -> int:
    wish, began = parse(), time.monotonic()
    for number in ENDS:  # SIGINT too: a shell's background job inherits it as ignored
        signal.signal(number, signal.default_int_handler)
    pair = gunicorn = worker = None
    try:
        lock = hold(wish.folder)  # noqa: F841 (held until the end)
        pair = Pair(wish.folder / "postgres")
        pair.start()
        kept = keep_secrets(wish.folder)
        os.environ |= environment(pair, wish.folder, kept["secret_key"])
        note = prepare(wish.size, kept["password"])
        port = choose_port(wish.port)
        os.environ["SITE_URL"] = f"http://localhost:{port}"  # for the links in letters
        worker = work(wish.folder / "worker.log")
        gunicorn = serve(port)
        wait_until_it_answers(gunicorn, port)
        welcome(port, kept["password"], time.monotonic() - began, note)
        return watch(pair, gunicorn, worker, wish.folder)
    except (DemoError, PairError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        # A second Ctrl-C must not leave half of it running.
        for number in ENDS:
            signal.signal(number, signal.SIG_IGN)
        stop(pair, gunicorn, worker)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy.demo", description="Serve a filled clinic on this machine.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".local" / "demo", help="where the servers live")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="0: any free one")
    parser.add_argument("--size", default="small", help="of the data made on the first start")
    wish = parser.parse_args()
    wish.folder = wish.folder.absolute()
    return wish


def hold(folder: Path):
    """A second demo of the same folder is told so, before it could touch the servers of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DemoError(f"A demo is already running in {folder}.") from error
    return lock


def keep_secrets(folder: Path) -> dict[str, str]:
    """The key and the logins' password: made on the first start, the same on every later one."""
    path = folder / "secrets.json"
    if not path.exists():
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps({"secret_key": secrets.token_urlsafe(50), "password": secrets.token_urlsafe(9)}))
        new.rename(path)
    return json.loads(path.read_text())


def environment(pair: Pair, folder: Path, secret_key: str) -> dict[str, str]:
    """Production's settings, for plain HTTP on this machine alone."""
    return pair.environment() | {
        "DJANGO_SETTINGS_MODULE": "vetclinic.settings",
        "SECRET_KEY": secret_key,
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "STATIC_ROOT": str(folder / "static"),
        "CACHE_DIR": str(folder / "cache"),
        "ATTACHMENT_DIR": str(folder / "media"),
        "LANGUAGE_CODE": os.environ.get("LANGUAGE_CODE", "ru"),
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
    }


def prepare(size: str, password: str) -> str:
    """Bring tables, static files and data up to date; what a person should know about the data, or ""."""
    import django  # here, not above: its settings are read from the environment that we have just made
    from django.db import connections

    django.setup()
    print("Preparing the tables, the static files and the data …", flush=True)
    manage("migrate", "--verbosity=0")
    collect_static()
    manage("seed_demo", f"--size={size}", f"--password={password}")
    note = staleness()
    connections.close_all()
    return note


def manage(*words: str) -> None:
    """A command of manage.py, which works as the tables' owner where it must; what it complains of is shown."""
    done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise DemoError(f"{words[0]} did not succeed: see above.")


def collect_static() -> None:
    """Compressing takes seconds: it is left out when no file has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for path in sorted(storage.path(name) for finder in get_finders() for name, storage in finder.list([])):
        digest.update(f"{path} {Path(path).stat().st_mtime_ns}\n".encode())
    mark = Path(settings.STATIC_ROOT).with_suffix(".collected")
    if not mark.exists() or mark.read_text() != digest.hexdigest():
        mark.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        mark.write_text(digest.hexdigest())


def staleness() -> str:
    from django.utils import timezone

    from clinic.models import Appointment

    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if Appointment.objects.filter(date__gte=today).exists():
        return ""
    return "All visits of this demo are past by now. To begin afresh:  make clean, then make demo"


def choose_port(wished: int) -> int:
    if wished == 0:
        return free_port()
    return next(port for port in range(wished, 65536) if port_is_free(port))


def serve(port: int) -> subprocess.Popen:
    command = ["-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
    return start([*command, "--bind", f"127.0.0.1:{port}", "vetclinic.wsgi"])


def work(log: Path) -> subprocess.Popen:
    """The worker, which plans and sends reminders. It says what it begins, whether one asks or not: into its log."""
    with log.open("w") as words:
        return start([str(ROOT / "manage.py"), "procrastinate", "--verbosity", "0", "worker"], words)


def start(words: list[str], log: TextIO | None = None) -> subprocess.Popen:
    """Python in a session of its own: Ctrl-C comes to us, and we stop it before its database."""
    libc = ctypes.CDLL(None)
    return subprocess.Popen(
        [sys.executable, *words],
        stdout=log,
        stderr=log,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
    )


def wait_until_it_answers(gunicorn: subprocess.Popen, port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    for path in ("/healthz", "/login/"):
        while not answers(f"http://127.0.0.1:{port}{path}"):
            if gunicorn.poll() is not None:
                raise DemoError("gunicorn stopped before it answered; its words are above.")
            if time.monotonic() > until:
                raise DemoError(f"http://127.0.0.1:{port}{path} did not answer within {STARTS_WITHIN_S} s.")
            time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (our own http address)
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def welcome(port: int, password: str, seconds: float, note: str) -> None:
    print(f"\nVetclinic:  http://localhost:{port}/     up in {seconds:.1f} s\n")
    for role in ROLES:
        print(f"  {role:<10} {password}")
    print("\nLogin and password of each role. Ctrl-C stops it; the data stays in .local.")
    if note:
        print(note)
    sys.stdout.flush()


def watch(pair: Pair, gunicorn: subprocess.Popen, worker: subprocess.Popen, folder: Path) -> int:
    """Until Ctrl-C, or until what cannot be missed has died. Without standby or worker the clinic goes on."""
    standby_is_up = worker_is_up = True
    while True:
        time.sleep(LOOK_EVERY_S)
        if gunicorn.poll() is not None:
            print(f"gunicorn has died (status {gunicorn.returncode}).", file=sys.stderr)
            return 1
        if not is_up(pair, "primary"):
            print(f"The primary has died; see {pair.folder / 'primary.log'}", file=sys.stderr)
            return 1
        if worker_is_up and worker.poll() is not None:
            worker_is_up = False
            print(f"The worker has died, no reminders are sent; see {folder / 'worker.log'}", file=sys.stderr)
        if standby_is_up and not is_up(pair, "standby"):
            standby_is_up = False
            print(
                f"The standby has died, the primary answers alone; see {pair.folder / 'standby.log'}", file=sys.stderr
            )


def is_up(pair: Pair, name: str) -> bool:
    """Whether the server's process is there: its first line in postmaster.pid is its id."""
    with contextlib.suppress(OSError, IndexError):
        number = (pair.folder / name / "postmaster.pid").read_text().splitlines()[0]
        return Path("/proc", number).exists()
    return False


def stop(pair: Pair | None, *programs: subprocess.Popen | None) -> None:
    running = [program for program in programs if program is not None and program.poll() is None]
    for program in running:
        program.terminate()
    for program in running:
        try:
            program.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
    if pair is not None:
        pair.stop()


if __name__ == "__main__":
    sys.exit(main())
