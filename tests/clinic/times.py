"""Times that the clinic's rules accept whenever the suite runs."""

import datetime as dt
import zoneinfo

MOSCOW = zoneinfo.ZoneInfo("Europe/Moscow")


def next_morning(hour: int = 10, minute: int = 0, *, days: int = 1) -> dt.datetime:
    """A time of tomorrow (or `days` ahead) on the clock of the factories' branch."""
    day = dt.datetime.now(MOSCOW).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour, minute), MOSCOW)
