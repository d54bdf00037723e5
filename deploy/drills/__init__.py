"""Drills: faults provoked on real servers of their own, one line each. `make drill` runs them (docs/operations.md)."""

import importlib
from collections.abc import Callable

# Name of the drill: the module and the function. A drill takes nothing, returns its figures as one line of text,
# raises CannotRun when this machine lacks what it needs, and anything else when what should hold does not.
DRILLS: dict[str, str] = {
    "branches": "deploy.drills.branches:branches",
}


class CannotRun(Exception):  # noqa: N818 (said as a drill says it)
    """This machine lacks something that the drill needs; the text says what."""


def find(name: str) -> Callable[[], str]:
    """The function of a drill; KeyError for a name that is none."""
    module, function = DRILLS[name].split(":")
    return getattr(importlib.import_module(module), function)
