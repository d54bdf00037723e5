"""What the import commands share: the file, the bar, the file of refusals, the closing line."""

from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from clinic.imports.accounting import account
from clinic.imports.seattle import WrongFormat


class ImportCommand(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--refused", type=Path, help="where refused rows go; default: NAME.refused.csv here")

    @contextmanager
    def importing(self, file: Path, refused: Path | None, total: int | None = None):
        """The account and the progress of one import; says at the end what became of the rows."""
        refused = refused or Path.cwd() / f"{file.name}.refused.csv"
        quiet = not self.stderr.isatty()
        try:
            with account(refused) as book, tqdm(total=total, unit="row", mininterval=5 if quiet else 0.2) as bar:
                yield book, bar.update
        except (OSError, WrongFormat) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(book))
        if book.counts["refused"]:
            self.stdout.write(f"Refused rows, with their lines and reasons: {refused}")

    def lines(self, file: Path) -> int:
        """About how many rows a file has, for the bar."""
        try:
            with file.open("rb") as opened:
                return sum(chunk.count(b"\n") for chunk in iter(lambda: opened.read(1 << 20), b""))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
