"""Translations: `python -m deploy.messages compile` makes the .mo files, `… extract` looks for new sentences.

The .mo files are not committed. Compiling needs nothing but polib; extracting needs gettext's programs.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
IGNORED = (".venv", ".local", "tests", "deploy", "static")


def compile_all() -> None:
    for path in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def extract() -> None:
    if shutil.which("xgettext") is None:
        subprocess.run([ROOT / "deploy" / "install", "gettext"], check=True)
    ignored = [word for name in IGNORED for word in ("-i", name)]
    command = [sys.executable, "-m", "django", "makemessages", "-l", "ru", "-l", "en", "--no-location", *ignored]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    {"compile": compile_all, "extract": extract}[sys.argv[1]]()
