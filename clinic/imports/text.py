"""Words of a foreign file in the form in which the clinic keeps them, or the reason why they are none."""

import datetime as dt
import unicodedata

from django.utils import timezone

from clinic.imports.accounting import RowRefused

SPACES = "\t\n\r"  # control characters that only stand for a space
TURNS_TEXT_AROUND = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def clean_text(text: str | None) -> str:
    """One space between words (no-break spaces too), accents composed; "" for what nobody can see.

    Raises RowRefused for what is no text.
    """
    text = unicodedata.normalize("NFC", text or "")
    for letter in text:
        kind = unicodedata.category(letter)
        if kind == "Cs":
            raise RowRefused("the row is not UTF-8")
        if (kind == "Cc" and letter not in SPACES) or unicodedata.bidirectional(letter) in TURNS_TEXT_AROUND:
            raise RowRefused(f"control character U+{ord(letter):04X}")
    words = " ".join(text.split())
    return words if any(unicodedata.category(letter) not in ("Cf", "Zs") for letter in words) else ""


def past_day(text: str | None) -> dt.date:
    """A date as YYYY-MM-DD, today at the latest."""
    try:
        day = dt.datetime.strptime(clean_text(text), "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError as error:
        raise RowRefused(f"not a date: {text}") from error
    if day > timezone.localdate():
        raise RowRefused(f"a day to come: {text}")
    return day
