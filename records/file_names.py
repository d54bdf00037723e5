"""Names of files as people see them. Nothing is ever stored or found by such a name."""

import unicodedata
from pathlib import PurePosixPath

from records.models.attachment import EXTENSIONS, LONGEST_NAME

NAMELESS = "file"
# Marks that turn text around: "exe.gpj" must not read as "jpg.exe".
TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def clean_name(name: str, content_type: str) -> str:
    """The last part of a path without control and turning characters, short, with the extension of what it is."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(char for char in last if char not in TURNING and unicodedata.category(char) not in ("Cc", "Cs"))
    stem, _dot, extension = plain.strip(" .").rpartition(".")
    ending = EXTENSIONS[content_type]
    known = f".{extension.lower()}" in {*EXTENSIONS.values(), ".jpeg"}
    stem = (stem if known else plain).strip(" .") or NAMELESS
    return stem[: LONGEST_NAME - len(ending)] + ending
