"""`make demo`: a filled clinic in the browser, on a private primary and standby. Ctrl-C stops all of it.

usage: python -m deploy.demo [--folder .local/demo] [--port 8000] [--size small]
"""

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from deploy.postgres.pair import Pair, PairError

ROOT = Path(__file__).resolve().parent.parent
ROLES = ("reception", "vet", "manager", "admin")
PATIENCE_S = 60


class DemoError(Exception):
    """The demo cannot go on; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=str(ROOT / ".local" / "demo"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--size", default="small")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            run(Path(wanted.folder), wanted.port, wanted.size)
    except (DemoError, PairError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(folder: Path, port: int, size: str) -> None:
    """Start the servers, fill the clinic when it is empty, serve it until interrupted."""
    print("Starting a private PostgreSQL primary and its standby …", flush=True)
    pair = Pair(folder / "postgres")
    server = None
    try:
        pair.start()
        kept = _kept(folder)
        port = free_port(port)
        environment = _environment(pair, folder, kept, port)
        _manage(environment, "migrate", "-v0")
        _manage(environment, "collectstatic", "--noinput", "-v0")
        _manage(environment, "seed_demo", "--size", size, "--password", kept["password"])
        server = _serve(environment, port)
        _show(port, kept["password"])
        code = server.wait()
        raise DemoError(f"The web server stopped by itself (exit code {code}). Its words are above.")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        if server and server.poll() is None:
            server.terminate()
            server.wait(30)
        pair.stop()
        print("\nStopped. The data stays for the next time; `make clean` removes it.", flush=True)


def free_port(wished: int) -> int:
    """The wished port of 127.0.0.1, or the next one that nobody uses."""
    for port in range(wished, wished + 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise DemoError(f"No port from {wished} to {wished + 99} is free. Choose another one: make demo PORT=9000")


def _kept(folder: Path) -> dict[str, str]:
    """What the demo draws once and keeps: the secret key and the password of the logins."""
    path = folder / "secrets.json"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps({"secret_key": secrets.token_urlsafe(50), "password": secrets.token_urlsafe(9)}))
    return json.loads(path.read_text())


def _environment(pair: Pair, folder: Path, kept: dict[str, str], port: int) -> dict[str, str]:
    return os.environ | pair.environment() | {
        "SECRET_KEY": kept["secret_key"],
        "DEBUG": "false",
        "HTTPS": "false",  # plain HTTP, on this machine alone
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CACHE_DIR": str(folder / "cache"),
        "STATIC_ROOT": str(folder / "static"),
        "WEB_BIND": f"127.0.0.1:{port}",
    }  # fmt: skip


def _manage(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise DemoError(f"manage.py {words[0]} failed; its words are above.")


def _serve(environment: dict[str, str], port: int) -> subprocess.Popen:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "deploy/gunicorn.conf.py",
        "vetclinic.wsgi",
        "--log-level",
        "warning",
    ]
    # A group of its own: Ctrl-C in the terminal reaches this program only, which then stops all in order.
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5):
                return server
        time.sleep(0.1)
    server.terminate()
    raise DemoError("The web server does not answer; its words are above.")


def _show(port: int, password: str) -> None:
    print(f"\nVetclinic is open at  http://127.0.0.1:{port}/\n")
    for role in ROLES:
        print(f"  {role:<10}  password {password}")
    print("\nCtrl-C stops it.", flush=True)


def _interrupt(_signal, _frame) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
