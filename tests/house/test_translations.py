"""Both languages are complete, and no sentence of the code is missing in them."""

import os
import shutil
import subprocess
import sys

import polib
import pytest

from tests.servers import ROOT


@pytest.mark.parametrize("language", ["ru", "en"])
def test_translation_has_no_gap_and_nothing_fuzzy(language):
    catalogue = polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


def test_every_sentence_of_the_code_is_in_the_catalogue(tmp_path):
    if shutil.which("xgettext") is None:
        message = "Looking for new sentences needs gettext: sudo apt-get install -y gettext"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    for name in ("billing", "clinic", "records", "vetclinic", "deploy", "templates", "locale"):
        shutil.copytree(ROOT / name, tmp_path / name)

    command = [sys.executable, "-m", "django", "makemessages", "-l", "ru", "--no-location"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    fresh = {
        entry.msgid for entry in polib.pofile(str(tmp_path / "locale/ru/LC_MESSAGES/django.po")) if not entry.obsolete
    }
    known = {entry.msgid for entry in polib.pofile(str(ROOT / "locale/ru/LC_MESSAGES/django.po")) if not entry.obsolete}
    assert fresh - known == set()
