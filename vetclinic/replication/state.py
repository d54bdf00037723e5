"""What this request knows about the standbys, and the one question that follows: must it read the primary?"""

from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from vetclinic.monitoring.metrics import READS
from vetclinic.replication import positions, watch
from vetclinic.replication.positions import Position
from vetclinic.replication.reasons import Reason

# Sessions as the primary has them: one that was ended must not come back from a standby into this machine's cache.
PRIMARY_ONLY = frozenset({"sessions", "auth", "admin", "contenttypes"})


@dataclass
class Reads:
    """One request's reads: `position` is where its user last wrote, `standby` the one that was chosen."""

    safe: bool
    position: Position | None = None
    refused: Reason | None = None  # why the rest of the request reads the primary
    standby: str = ""
    replayed: bool = False  # every standby has `position`
    reading_only: bool = False  # the primary is away: all is read from `standby`, as it is
    wrote: bool = False
    told: set[tuple[str, Reason]] = field(default_factory=set)
    changed_users: set = field(default_factory=set)  # ids of the people who must see what this request wrote


current: ContextVar[Reads | None] = ContextVar("reads", default=None)


def must_read_primary(model, instance=None) -> Reason | None:
    """Why a read of `model` has to go to the primary; None: the standby that the request has chosen."""
    reads = current.get()
    if reads is None or not settings.STANDBYS:
        return Reason.OUTSIDE
    if not reads.safe:
        return Reason.UNSAFE
    if reads.refused:
        return reads.refused
    if reads.reading_only:
        return None
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return Reason.TRANSACTION
    if model._meta.app_label in PRIMARY_ONLY:
        return Reason.OWN_TABLE
    if instance is not None and instance._state.db == DEFAULT_DB_ALIAS:
        return Reason.RELATION
    if not reads.standby:
        reads.refused = _choose(reads)
    return reads.refused


def server_of_read(model, instance=None) -> str:
    """The alias that a read of `model` goes to. Counts each place and reason once a request."""
    reason = must_read_primary(model, instance)
    reads = current.get()
    if reads is None or not settings.STANDBYS:
        return DEFAULT_DB_ALIAS
    why = reason or (Reason.PRIMARY_AWAY if reads.reading_only else Reason.FIT)
    server = DEFAULT_DB_ALIAS if reason else reads.standby
    if (server, why) not in reads.told:
        reads.told.add((server, why))
        READS.labels(server, why).inc()
    return server


def read_primary() -> None:
    """The rest of this request reads the primary, whatever the standby has."""
    reads = current.get()
    if reads is not None:
        reads.refused = Reason.ASKED


def wait_for_writes_of(user_id: object) -> None:
    """Whoever is signed in on two devices sees on one what was written on the other."""
    reads = current.get()
    if reads is None or not settings.STANDBYS or not reads.safe or reads.refused or reads.reading_only:
        return
    position = positions.of_user(user_id)
    if position is not None and (reads.position is None or reads.position < position):
        reads.position, reads.standby, reads.replayed = position, "", False


def show_at_once_to(user_id: object) -> None:
    """What this request writes is about that person, who must not read as if it had not been."""
    reads = current.get()
    if reads is not None:
        reads.changed_users.add(user_id)


def _choose(reads: Reads) -> Reason | None:
    """Take the first fit standby, and with a position one that seems to have it: that one is asked, by one query."""
    verdicts = {alias: watch.watch(alias).verdict for alias in settings.STANDBYS}
    fit = [alias for alias, verdict in verdicts.items() if verdict.reason is Reason.FIT]
    if not fit:
        return verdicts[settings.STANDBYS[0]].reason
    if reads.position is None:
        reads.standby = _fresh(fit[0])
        return None
    lsn = reads.position.lsn
    alias = next((alias for alias in fit if verdicts[alias].replayed >= lsn), fit[0])
    _fresh(alias)
    try:
        missing = reads.position.missing_in(alias)
    except (DatabaseError, InterfaceError):
        watch.watch(alias).distrust()
        connections[alias].close()
        return Reason.FAILED
    if missing is None:
        reads.standby = alias
        # Another one, which the next page may read, may lack it still.
        reads.replayed = all(verdicts[other].replayed >= lsn for other in verdicts if other != alias)
    return missing


def _fresh(alias: str) -> str:
    """After a failure every thread's connection is a new one, so that each does not find out for itself."""
    connection = connections[alias]
    if connection.connection is not None and not watch.watch(alias).trusts(connection.connection):
        connection.close()
    return alias
