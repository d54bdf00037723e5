"""Translations: `python -m deploy.messages compile` makes the .mo files, `… extract` looks for new sentences.

The .mo files are not committed. Compiling needs nothing but polib; extracting needs gettext's programs.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
IGNORED = (".venv", ".local", "tests", "static")


def compile_all() -> None:
    for path in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def extract() -> None:
    if shutil.which("xgettext") is None:
        subprocess.run([ROOT / "deploy" / "install", "gettext"], check=True)
    ignored = [word for name in IGNORED for word in ("-i", name)]
    command = [sys.executable, "-m", "django", "makemessages", "-l", "ru", "-l", "en", "--no-location", *ignored]
    subprocess.run(command, cwd=ROOT, check=True)
    for path in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        tidy(path)


def tidy(path: Path) -> None:
    """What changes at every run, or is no longer said, is dropped; English sentences are their own translation.

    A guess of gettext's ("fuzzy") is no translation: it is left empty, for `make check` to find.
    """
    catalogue = polib.pofile(str(path), wrapwidth=0)
    catalogue.metadata.pop("POT-Creation-Date", None)
    catalogue[:] = [entry for entry in catalogue if not entry.obsolete]
    for entry in catalogue:
        if entry.fuzzy:
            entry.flags.remove("fuzzy")
            entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
            entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
        if path.parts[-3] == "en" and not entry.translated():
            entry.msgstr = "" if entry.msgid_plural else entry.msgid
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural} if entry.msgid_plural else {}
    catalogue.save()


if __name__ == "__main__":
    {"compile": compile_all, "extract": extract}[sys.argv[1]]()
