"""Locks that a transaction takes before it looks, and forms that arrive twice.

Order, so that nobody waits for each other in a circle: request key, vet, pet, then rows.
"""

import enum
import hashlib
from typing import TypeVar
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from vetclinic.refusals import SENT_BEFORE, RuleViolation
from vetclinic.rows import has_row

M = TypeVar("M", bound=models.Model)


class Lock(enum.IntEnum):
    """The first half of an advisory lock's key: what kind of thing is locked."""

    REQUEST = 1
    VET = 2
    PET = 3
    PRICES = 4  # of the one price list: 0. Who changes it waits for who does
    SIGN_IN = 5  # of one name, from guess to guess
    INCOME_DAY = 10  # numbered from 2000-01-01; the trigger reopens_income takes it shared


def take_lock(kind: Lock, number: int) -> None:
    """Wait for, and hold until the end of the transaction, the advisory lock of one thing (`number`: 32 bits)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number])


def already_done(model: type[M], request_key: UUID | None, **sent) -> M | None:
    """The row that an earlier copy of the same form created, if any. Two copies at once wait for each other.

    `sent` is what the form says now, by the row's columns. Who goes back in the browser and sends the same form with
    another sum must not read that it was done: a row that says something else is refused.
    """
    if request_key is None:
        return None
    digest = hashlib.sha256(request_key.bytes).digest()
    take_lock(Lock.REQUEST, int.from_bytes(digest[:4], "big", signed=True))
    if not has_row(model, "request_key = %s", request_key):
        return None
    done = model._default_manager.get(request_key=request_key)
    if any(getattr(done, name) != value for name, value in sent.items()):
        raise RuleViolation(
            SENT_BEFORE,
            _(
                "This form was sent before, and what it made is not what you send now."
                " Nothing was saved: look at what is there, and send again if you mean another one."
            ),
        )
    return done
