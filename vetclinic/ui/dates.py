"""Days as people read them, worked out once a day and language: a page of a long life has a hundred of them."""

import datetime as dt
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language


def short_date(day: dt.date) -> str:
    """What {{ day|date:"SHORT_DATE_FORMAT" }} says."""
    return _short_date(day, get_language() or "")


@lru_cache(maxsize=8192)
def _short_date(day: dt.date, language: str) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
