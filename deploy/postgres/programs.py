"""PostgreSQL's programs, run as the user that the servers run as, and files that belong to that user."""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

from deploy.postgres.pair import PairError, install_programs, ordinary_user


def run(program: str, *words: object, environment: dict[str, str] | None = None) -> str:
    """What a program prints; its own words become the PairError. `program` is one of PostgreSQL's, or a path."""
    # A server that pg_ctl starts inherits a pipe, and reading it would never end: output goes to a file.
    with tempfile.TemporaryFile("w+") as output:
        path = program if "/" in program else install_programs() / program
        done = subprocess.run(
            [path, *map(str, words)], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
            cwd="/", env=_environment() | (environment or {}), **ordinary_user(),
        )  # fmt: skip
        output.seek(0)
        text = output.read()
    if done.returncode:
        raise PairError(f"{Path(program).name} failed: {text.strip()[-1500:]}")
    return text


def _environment() -> dict[str, str]:
    """libpq looks into the home for certificates; root's is closed to the servers' user."""
    user = ordinary_user()
    return os.environ | ({"HOME": pwd.getpwuid(user["user"]).pw_dir} if user else {})


def psql(dsn: str, statement: str, *, environment: dict[str, str] | None = None) -> list[list[str]]:
    """The rows of the last statement, as text."""
    options = ("-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1")
    text = run("psql", *options, "-d", dsn, "-c", statement, environment=environment)
    return [line.split("\t") for line in text.splitlines()]


def runs(data: Path) -> bool:
    """Whether a server runs on a data directory."""
    command = [install_programs() / "pg_ctl", "status", "-D", data]
    return subprocess.run(command, capture_output=True, check=False, cwd="/", **ordinary_user()).returncode == 0


def start(data: Path) -> None:
    """Its own log says why when it does not come up."""
    log = Path(f"{data}.log")
    try:
        run("pg_ctl", "start", "-w", "-t", "300", "-D", data, "-l", log)
    except PairError as error:
        words = log.read_text().splitlines()[-10:] if log.exists() else []
        raise PairError("\n".join([f"The server of {data} does not start. The end of {log}:", *words])) from error


def stop(data: Path) -> None:
    if runs(data):
        run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)


def control(data: Path) -> dict[str, str]:
    """What pg_controldata says of a server that runs or rests."""
    lines = run("pg_controldata", "-D", data).splitlines()
    return {key.strip(): value.strip() for key, _colon, value in (line.partition(":") for line in lines)}


def write(path: Path, text: str) -> None:
    """A file that only the servers' user reads, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    own(new)
    new.rename(path)


def make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    own(path)


def own(path: Path) -> None:
    """Give it to the servers' user, when root made it."""
    user = ordinary_user()
    if user:
        os.chown(path, user["user"], user["group"])
