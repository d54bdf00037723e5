"""Which backups stay: one of each of the last days and weeks that have one. The clock of today has no say."""

from datetime import datetime

from deploy.backup.catalogue import Entry


def kept(entries: list[Entry], days: int, weeks: int) -> list[Entry]:
    """Those that stay, oldest first.

    Days are counted among those that have a backup, newest by position in the log first: a clock that jumps a
    year ahead makes one day more, and ages nothing.
    """
    newest_first = sorted(entries, key=lambda entry: entry.place, reverse=True)
    by_day = _newest_of_each(newest_first, "%Y-%m-%d")[: max(1, days)]
    by_week = _newest_of_each(newest_first, "%G-%V")[:weeks]
    # The last two always: were the newest taken twice a day, the moments between them would be lost.
    return sorted(
        {entry.name: entry for entry in [*newest_first[:2], *by_day, *by_week]}.values(), key=lambda entry: entry.place
    )


def _newest_of_each(newest_first: list[Entry], period: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    for entry in newest_first:
        found.setdefault(datetime.fromisoformat(entry.started).strftime(period), entry)
    return list(found.values())
