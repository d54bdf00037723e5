"""Both languages are complete, and no sentence of the code is missing in them."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import polib
import pytest

from tests.house.test_import_order import MODULES
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


def test_every_word_that_is_asked_for_is_in_the_catalogue():
    """Also within the braces of an f-string, where xgettext does not look."""
    known = {entry.msgid for entry in polib.pofile(str(ROOT / "locale/ru/LC_MESSAGES/django.po"))}
    asked = {text for path in MODULES.values() if "migrations" not in path.parts for text in words_of(path)}

    assert len(asked) > 500
    assert asked - known == set()


def words_of(path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in ("_", "gettext", "gettext_lazy")
            and node.args
        ):
            text = node.args[0]
            if isinstance(text, ast.Constant):
                yield text.value
