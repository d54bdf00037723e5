"""Where in the primary's log a user's last writes stand: in cookies of the browser, and in this machine's cache.

A position is a cookie of its own, named after it, and is dropped by its name: requests of one browser that overlap can
neither lower each other's nor drop them.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse

from vetclinic.replication.reasons import Reason

PREFIX = "written"
MAX_AGE_S = 3600  # a standby that is later than that is not read anyhow
signer = signing.TimestampSigner(salt="vetclinic.replication.positions")

# All that is committed is flushed, unless commits do not wait for that. A file of the log is named by its timeline.
NOW = """
    SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int, (lsn - '0/0')::bigint
    FROM (SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
                 ELSE pg_current_wal_flush_lsn() END AS lsn) AS now
"""
REPLAYED = """
    SELECT received_tli, (pg_last_wal_replay_lsn() - '0/0')::bigint
    FROM (SELECT) AS one LEFT JOIN pg_stat_wal_receiver ON true
"""


@dataclass(frozen=True, order=True)
class Position:
    """`lsn` in bytes since the beginning. Those of two timelines do not compare: a failover may have lost writes."""

    timeline: int
    lsn: int

    def __str__(self) -> str:
        return f"{self.timeline:X}-{self.lsn:X}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Raises ValueError."""
        timeline, lsn = (int(part, 16) for part in text.split("-"))
        return cls(timeline, lsn)

    def missing_in(self, alias: str) -> Reason | None:
        """Why the standby on whose connection this asks does not have it. Raises DatabaseError."""
        with connections[alias].cursor() as cursor:
            cursor.execute(REPLAYED)
            timeline, replayed = cursor.fetchone()
        if timeline is not None and timeline > self.timeline:
            return Reason.FAILOVER
        has_it = timeline == self.timeline and replayed is not None and replayed >= self.lsn
        return None if has_it else Reason.NOT_REPLAYED


def written_now() -> Position | None:
    """The primary's position; None if it is away by now."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(NOW)
            return Position(*cursor.fetchone())
    except (DatabaseError, InterfaceError):
        return None


def in_cookies(request: HttpRequest) -> tuple[list[str], Position | None, Reason | None]:
    """The names of the cookies that hold positions, the highest of these, and FORGED if one is not of our making."""
    names = [name for name in request.COOKIES if name.startswith(PREFIX)]
    highest, forged = None, None
    for name in names:
        try:
            text = signer.unsign(request.COOKIES[name], max_age=MAX_AGE_S)
            position = Position.parse(text)
            highest = max(highest or position, position)
        except signing.SignatureExpired:
            continue
        except (signing.BadSignature, ValueError):
            forged = Reason.FORGED
    return names, highest, forged


def put(response: HttpResponse, position: Position) -> str:
    """Give the browser a position; the name of its cookie."""
    name = f"{PREFIX}-{position}"
    response.set_cookie(
        name,
        signer.sign(str(position)),
        max_age=MAX_AGE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return name


def drop(response: HttpResponse, names: list[str]) -> None:
    for name in names:
        response.delete_cookie(name, samesite="Lax")


def of_user(user_id: object) -> Position | None:
    """What a person wrote on any device, through the web servers of this machine."""
    return cache.get(_key(user_id))


def remember(user_id: object, position: Position) -> None:
    known = of_user(user_id)
    if known is None or known < position:
        cache.set(_key(user_id), position, MAX_AGE_S)


def forget(user_id: object, replayed: Position) -> None:
    """Unless something newer was written meanwhile."""
    if of_user(user_id) == replayed:
        cache.delete(_key(user_id))


def _key(user_id: object) -> str:
    return f"{PREFIX}-{user_id}"
