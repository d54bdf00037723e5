"""The trigger by which a fact of a closed day opens that day again, whoever writes: an action, COPY or psql."""

import pgtrigger


def reopens_income(operation, *, day: str, name: str = "reopens_income", condition=None):
    """After `operation`: open the `day` of the row again."""
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        condition=condition,
        func=f"PERFORM reopen_income({day}, {day}); RETURN NULL;",
    )
