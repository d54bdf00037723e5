"""What a backup has said, in the language of who reads it: the programs store sentences and figures apart."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext


def in_words(said: list[dict]) -> str:
    """`said` as deploy/backup/words.py makes it: each a sentence in English and its figures."""
    return " ".join(_sentence(**one) for one in said)


def _sentence(text: str, facts: dict) -> str:
    """Without figures it may be another program's words: they are shown as they are, as is what does not fit."""
    if not facts:
        return gettext(text) if text else ""
    try:
        return gettext(text) % {name: _fact(name, fact) for name, fact in facts.items()}
    except (KeyError, TypeError, ValueError):
        return text


def _fact(name: str, fact: object) -> object:
    if name.endswith("_at"):
        return _moment(str(fact))
    return number_format(fact, force_grouping=True) if isinstance(fact, int | float) else fact


def _moment(text: str) -> str:
    try:
        return date_format(timezone.localtime(dt.datetime.fromisoformat(text)), "SHORT_DATETIME_FORMAT")
    except ValueError:
        return text
