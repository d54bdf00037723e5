"""The trigger by which a fact of a closed day opens that day again, whoever writes: an action, COPY or psql.

A clock is at most 12 hours behind and 14 ahead of UTC: an instant may belong to any day between. Days are closed only
when they are over on every clock (billing.closing), so what is written now never opens one.
"""

import pgtrigger


def reopens_income(operation, *, day: str = "", instant: str = "", name: str = "reopens_income", condition=None):
    """After `operation`: open the `day` of the row again, or the days that its `instant` may belong to."""
    days = f"{day}, {day}" if day else days_of(instant)
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        condition=condition,
        func=f"PERFORM reopen_income({days}); RETURN NULL;",
    )


def days_of(instant: str) -> str:
    """The first and the last day, as SQL, that an instant has on some clock of the world."""
    utc = f"{instant} AT TIME ZONE 'UTC'"
    return f"({utc} - interval '12 hours')::date, ({utc} + interval '14 hours')::date"
