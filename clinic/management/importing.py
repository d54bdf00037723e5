"""What the import commands share: the file, the bar, the file of refusals, the closing line."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError
from django.utils import translation
from tqdm import tqdm

from clinic.imports.accounting import WrongFormat, account


class ImportCommand(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--refused", type=Path, help="where refused rows go; default: NAME.refused.csv here")

    @contextmanager
    def importing(self, file: Path, refused: Path | None, read: Callable):
        """What `read` makes of the file, an account and a progress; says at the end what became of the rows.

        The file is looked at first: one of the wrong format leaves no list of refusals, and none is overwritten.
        The reasons in that list are in one language, whatever the clinic's pages speak.
        """
        refused = refused or Path.cwd() / f"{file.name}.refused.csv"
        try:
            total = _lines(file)
            if refused.exists() and refused.samefile(file):
                raise CommandError("The refused rows cannot go into the file that is imported.")
            content = read(file)
            bar = tqdm(total=total, unit="row", disable=None)  # None: only on a terminal
            with translation.override(None), account(refused) as book, bar:
                yield content, book, bar.update
        except WrongFormat as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        except (DatabaseError, InterfaceError) as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(f"The database failed: {reason} Run the command again, it goes on.") from error
        self.stdout.write(str(book))
        if book.counts["refused"]:
            self.stdout.write(f"Refused rows, with their lines and reasons: {refused}")


def _lines(file: Path) -> int:
    """About how many rows a file has, for the bar."""
    with file.open("rb") as opened:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(1 << 20), b""))
