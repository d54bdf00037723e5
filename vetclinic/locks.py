"""Locks that a transaction takes before it looks, and forms that arrive twice.

Order, so that nobody waits for each other in a circle: request key, vet, pet, then rows.
"""

import enum
import hashlib
from typing import TypeVar
from uuid import UUID

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


class Lock(enum.IntEnum):
    """The first half of an advisory lock's key: what kind of thing is locked."""

    REQUEST = 1
    VET = 2
    PET = 3
    PRICES = 4  # of the one price list: 0. Who changes it waits for who does
    INCOME_DAY = 10  # numbered from 2000-01-01; the trigger reopens_income takes it shared


def take_lock(kind: Lock, number: int) -> None:
    """Wait for, and hold until the end of the transaction, the advisory lock of one thing (`number`: 32 bits)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number])


def already_done(model: type[M], request_key: UUID | None) -> M | None:
    """The row that an earlier copy of the same form created, if any. Two copies at once wait for each other."""
    if request_key is None:
        return None
    digest = hashlib.sha256(request_key.bytes).digest()
    take_lock(Lock.REQUEST, int.from_bytes(digest[:4], "big", signed=True))
    return model._default_manager.filter(request_key=request_key).first()
