"""A database failed under a request that only reads: which one it was, and whether another one can answer."""

from collections.abc import Callable
from traceback import walk_tb
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.utils import DatabaseErrorWrapper

from vetclinic.replication import state, watch
from vetclinic.replication.reasons import Reason

T = TypeVar("T")
FAULTS = (DatabaseError, InterfaceError)
# Shutting down, crashed, starting up; a primary that became a standby. Class 08: no connection.
STATES_OF_AWAY = {"57P01", "57P02", "57P03", "25006"}


def steadily(read: Callable[[], T]) -> T:
    """`read()`, for what is read outside of a view; when its server is away, once more from another one."""
    while True:
        try:
            return read()
        except FAULTS as fault:
            reads = state.current.get()
            if reads is None or not give_way(reads, fault):
                raise


def give_way(reads: state.Reads, fault: BaseException) -> bool:
    """Whether reading again can help: `reads` has another server then. Standby, primary, reading only: no circle."""
    if not isinstance(fault, FAULTS):
        return False
    alias = server_of(fault)
    if alias == DEFAULT_DB_ALIAS:
        return _without_primary(reads, fault)
    if alias is None or reads.reading_only or reads.refused:
        return False
    if is_away(fault):
        watch.watch(alias).distrust()
    connections[alias].close()
    reads.refused, reads.standby = Reason.FAILED, ""
    return reads.safe


def _without_primary(reads: state.Reads, fault: BaseException) -> bool:
    if not is_away(fault):
        return False
    watch.primary().ask_now()
    return reads.safe and read_only(reads)


def read_only(reads: state.Reads) -> bool:
    """From now on all is read from a standby as it is. False if none answers, or it has been tried."""
    asked_for_primary = reads.refused is Reason.ASKED
    standby = "" if reads.reading_only or asked_for_primary else watch.readable_standby()
    if standby:
        reads.reading_only, reads.standby, reads.refused = True, standby, None
    return bool(standby)


def server_of(fault: BaseException) -> str | None:
    """The alias of the connection that raised a Django database error, or was not even tried."""
    if isinstance(fault, watch.PrimaryAway):
        return DEFAULT_DB_ALIAS
    for frame, _line in walk_tb(fault.__traceback__):
        own = frame.f_locals.get("self")
        if isinstance(own, DatabaseErrorWrapper):
            return own.wrapper.alias  # type: ignore[attr-defined]
    return None


def is_away(fault: BaseException) -> bool:
    """Whether the server is gone, rather than angry at a statement."""
    code = getattr(fault.__cause__, "sqlstate", None)
    return code is None or code.startswith("08") or code in STATES_OF_AWAY
