"""Names of files, made of what people typed."""

import unicodedata

LONGEST = 80
RESERVED = set('\\/:*?"<>|')


def file_name(text: str) -> str:
    """A name that every system stores and no header or archive takes for more: one line, no path, never empty."""
    plain = "".join("_" if sign in RESERVED or unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return " ".join(plain.split()).strip(". ")[:LONGEST].rstrip(". ") or "_"
