"""Which backups stay: one of each of the last days, and of the weeks before them. The clock of today has no say."""

from datetime import datetime

from deploy.backup.catalogue import Entry


def kept(entries: list[Entry], days: int, weeks: int) -> list[Entry]:
    """Those that stay, oldest first.

    Days are counted among those that have a backup, newest by position in the log first: a clock that jumps a
    year ahead makes one day more, and ages nothing.
    """
    newest_first = sorted(entries, key=lambda entry: entry.place, reverse=True)
    by_day = _one_of_each(newest_first, "%Y-%m-%d")[: max(1, days)]
    earlier = [entry for entry in newest_first if entry.place < by_day[-1].place] if by_day else []
    # The first of a week stays: that was taken when the week began, and so reaches further back than its last.
    by_week = _one_of_each(earlier, "%G-%V", first=True)[:weeks]
    # The last two always: were the newest taken twice a day, the moments between them would be lost.
    return sorted(
        {entry.name: entry for entry in [*newest_first[:2], *by_day, *by_week]}.values(), key=lambda entry: entry.place
    )


def _one_of_each(newest_first: list[Entry], period: str, *, first: bool = False) -> list[Entry]:
    """The last of each period, or its first."""
    found: dict[str, Entry] = {}
    for entry in newest_first:
        name = datetime.fromisoformat(entry.started).strftime(period)
        if first or name not in found:
            found[name] = entry
    return list(found.values())
