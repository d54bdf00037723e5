"""Triggers by which the database refuses what the clinic forbids, each with a name that pages can explain."""

import pgtrigger


def refusal(constraint: str) -> str:
    """The statement with which a trigger refuses, under a name that pages can explain."""
    return (
        f"RAISE EXCEPTION 'refused: {constraint}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{constraint}', TABLE = TG_TABLE_NAME;"
    )


def refuse(name: str, constraint: str, operation, *, condition=None, only_if: str = "", row: str = "NEW"):
    """A trigger that refuses `operation` with the constraint name `constraint`.

    `condition` narrows it by old and new values, `only_if` by an SQL condition on other tables.
    """
    error = refusal(constraint)
    body = f"IF {only_if} THEN {error} END IF;" if only_if else error
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.Before,
        condition=condition,
        func=f"{body} RETURN {row};",
    )
