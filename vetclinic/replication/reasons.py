"""Why a read went where it went: the words of the counters, the log and the operations page."""

from enum import StrEnum


class Reason(StrEnum):
    # to a standby
    FIT = "fit"
    PRIMARY_AWAY = "primary_away"
    # to the primary, because of the request
    OUTSIDE = "outside_of_a_request"
    UNSAFE = "unsafe_request"
    TRANSACTION = "open_transaction"
    OWN_TABLE = "table_of_the_primary"
    RELATION = "row_of_the_primary"
    ASKED = "asked_for"
    # … of what its user wrote
    FORGED = "forged_position"
    FAILOVER = "position_before_failover"
    NOT_REPLAYED = "write_not_replayed"
    # … of the standby
    UNKNOWN = "not_probed_yet"
    AWAY = "standby_away"
    FAILED = "standby_failed"
    BLIND = "role_lacks_pg_monitor"
    SILENT = "receiver_silent"
    LAGGING = "lagging"
    PAUSED = "replay_paused"
    PROMOTED = "promoted"
