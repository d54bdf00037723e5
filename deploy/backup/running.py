"""How the backup programs run others: with a limit of time, without a shell, as an ordinary user."""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg.conninfo

from deploy.backup.words import BackupError, _
from deploy.postgres.pair import find_programs, ordinary_user

HOURS = 3600
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


def program(name: str) -> str:
    """The path of a PostgreSQL program or of another one on PATH."""
    folder = find_programs()
    found = str(folder / name) if folder and (folder / name).exists() else shutil.which(name)
    if not found:
        raise BackupError(_("The program %(name)s is not installed."), name=name)
    return found


def run(*words: object, timeout: float = 6 * HOURS, url: str = "", right: tuple[int, ...] = (0,)) -> str:
    """What a program printed. Passwords of `url` go by the environment: a list of processes shows none."""
    # Output goes to a file: a server that pg_ctl starts inherits a pipe, and reading it would never end.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        command = [program(str(words[0])), *map(str, words[1:])]
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        try:
            done = subprocess.run(
                command, check=False, timeout=timeout, cwd="/", env=environment(url), **streams, **ordinary_user()
            )
        except subprocess.TimeoutExpired as error:
            raise _not_done(words[0], timeout) from error
        output.seek(0)
        text = output.read()
    if done.returncode not in right:
        raise _failed(words[0], text)
    return text


def run_piped(first: list[object], second: list[object], timeout: float = 6 * HOURS) -> None:
    """`first | second`; both must end well."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        left = _popen(first, stdout=subprocess.PIPE, stderr=errors)
        right = _popen(second, stdin=left.stdout, stderr=errors)
        left.stdout.close()
        try:
            codes = right.wait(timeout), left.wait(60)
        except subprocess.TimeoutExpired as error:
            raise _not_done(first[0], timeout) from error
        finally:
            left.kill()
            right.kill()
        errors.seek(0)
        if codes != (0, 0):
            raise _failed(f"{first[0]} | {second[0]}", errors.read())


def printable(words: str) -> str:
    """A program that was given another key shows what it read: bytes that no table and no letter takes."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in words)


def _failed(name: object, words: str) -> BackupError:
    return BackupError(_("%(name)s failed: %(words)s"), name=name, words=printable(words).strip()[-1500:])


def _not_done(name: object, timeout: float) -> BackupError:
    return BackupError(_("%(name)s was not done after %(seconds)s s."), name=name, seconds=int(timeout))


def _popen(words: list[object], **streams) -> subprocess.Popen:
    return subprocess.Popen(
        [program(str(words[0])), *map(str, words[1:])], cwd="/", env=environment(), **streams, **ordinary_user()
    )


def environment(url: str = "") -> dict[str, str]:
    """The environment without this clinic's secrets, with the server of `url`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("BACKUP_", "SECRET_", "DATABASE_"))}
    given = psycopg.conninfo.conninfo_to_dict(url) if url else {}
    return kept | {variable: str(given[key]) for key, variable in LIBPQ.items() if given.get(key)}


def own(path: Path) -> Path:
    """Give a path to the user as whom the programs run; nothing unless root runs this."""
    user = ordinary_user()
    if user:
        os.chown(path, user["user"], user["group"])
    return path


def make_folder(path: Path) -> Path:
    """A folder that only the servers' user may look into."""
    if not path.exists():
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        path.mkdir(mode=0o700)
        own(path)
    return path


@contextlib.contextmanager
def scratch(parent: Path, what: str) -> Iterator[Path]:
    """A folder for the time of the block."""
    folder = own(Path(tempfile.mkdtemp(prefix=f".new-{what}-", dir=parent)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only the servers' user may read; it is there whole or not at all."""
    half = path.with_name(f".new-{path.name}")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(text)
    own(half)
    flush(half)
    half.replace(path)


def flush(path: Path) -> None:
    """Onto the disk: after a power cut what has a name must be whole."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_names() -> set[str]:
    """Who may speak to a server of ours through its socket: who runs this, and who runs the server."""
    ids = {os.geteuid(), ordinary_user().get("user", os.geteuid())}
    return {pwd.getpwuid(uid).pw_name for uid in ids}


def free_mb(path: Path) -> int:
    return shutil.disk_usage(path).free // 2**20


def check_space(folder: Path, megabytes: int) -> None:
    """Before it is too late: what is under way on a full disk is lost, and log that waits stops the server."""
    free = free_mb(folder)
    if free < megabytes:
        raise BackupError(
            _("Only %(free)s MB are free in %(folder)s; %(needed)s are needed."),
            free=free, folder=folder, needed=megabytes,
        )  # fmt: skip
