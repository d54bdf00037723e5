"""Which backups stay, whatever the clock says."""

import datetime as dt

import pytest

from deploy.backup.catalogue import Entry
from deploy.backup.retention import kept


def backup(number: int, day: dt.date, hour: int = 3) -> Entry:
    """The `number`th backup of a clinic, taken when its clock showed `day`."""
    taken = dt.datetime.combine(day, dt.time(hour), dt.UTC).isoformat()
    return Entry("base", f"base-{number:03}", taken, taken, {}, timeline=1, start_lsn=f"0/{number:X}000028")


def daily(days: int, first: dt.date = dt.date(2026, 3, 2)) -> list[Entry]:
    return [backup(number, first + dt.timedelta(number)) for number in range(days)]


def numbers(entries: list[Entry]) -> list[int]:
    return [int(entry.name[-3:]) for entry in entries]


def test_retention_after_sixty_days_keeps_seven_days_and_the_first_of_five_weeks_before():
    entries = daily(60)  # the first is of a Monday; the last, 59, of a Thursday

    stay = kept(entries, days=7, weeks=5)

    assert numbers(stay) == [21, 28, 35, 42, 49, 53, 54, 55, 56, 57, 58, 59]


@pytest.mark.parametrize("days", range(60, 67), ids=lambda days: f"{days} days")
def test_retention_done_each_night_reaches_back_thirty_five_days_on_each_day_of_the_week(days):
    stay: list[Entry] = []
    for entry in daily(days):
        stay = kept([*stay, entry], days=7, weeks=5)

    assert 35 <= days - 1 - numbers(stay)[0] <= 41


def test_retention_after_few_days_keeps_all():
    entries = daily(5)

    assert kept(entries, days=7, weeks=4) == entries


def test_retention_when_nothing_was_taken_for_a_year_keeps_what_there_is():
    entries = [*daily(3), backup(3, dt.date(2027, 5, 1))]

    assert kept(entries, days=7, weeks=4) == entries


def test_retention_when_the_clock_jumped_a_year_ahead_keeps_the_days_before():
    entries = [*daily(10), backup(10, dt.date(2027, 3, 12))]

    stay = kept(entries, days=7, weeks=4)

    assert numbers(stay) == [0, 4, 5, 6, 7, 8, 9, 10]


def test_retention_when_the_clock_jumped_back_keeps_the_newest_by_its_place_in_the_log():
    entries = [*daily(10), backup(10, dt.date(1970, 1, 1))]

    stay = kept(entries, days=1, weeks=0)

    assert numbers(stay) == [9, 10]


def test_retention_with_two_of_one_day_keeps_both_while_they_are_the_last():
    entries = [*daily(3), backup(3, dt.date(2026, 3, 4), hour=15)]

    stay = kept(entries, days=1, weeks=0)

    assert numbers(stay) == [2, 3]


def test_retention_of_nothing_is_nothing():
    assert kept([], days=7, weeks=4) == []
