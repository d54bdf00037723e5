"""What the servers say of replication: each is asked once, on a connection of its own and with a deadline."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from vetclinic.replication import probe

# Bytes are counted from where this server's log ends: of a standby, where what it has received ends.
QUERY = """
    WITH here AS (
        SELECT CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                    ELSE pg_current_wal_lsn() END AS lsn)
    SELECT json_build_object(
        'in_recovery', pg_is_in_recovery(),
        'may_see', pg_has_role('pg_read_all_stats', 'usage'),
        'limit', (SELECT setting::bigint * 1048576 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
        'behind', CASE WHEN pg_is_in_recovery() THEN (SELECT lsn - pg_last_wal_replay_lsn() FROM here)::bigint END,
        'receiver', (SELECT json_build_object('status', status, 'slot', slot_name, 'host', sender_host,
                        'silence_s', extract(epoch FROM clock_timestamp() - last_msg_receipt_time))
                     FROM pg_stat_wal_receiver),
        'conflicts', (SELECT json_build_object('tablespace', confl_tablespace, 'lock', confl_lock,
                        'snapshot', confl_snapshot, 'bufferpin', confl_bufferpin, 'deadlock', confl_deadlock)
                      FROM pg_stat_database_conflicts WHERE datname = current_database()),
        'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'pid', active_pid,
                        'kept', (SELECT lsn - restart_lsn FROM here)::bigint, 'status', wal_status)
                        ORDER BY slot_name), '[]')
                  FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary),
        'senders', (SELECT coalesce(json_agg(json_build_object('pid', pid, 'name', application_name,
                        'address', host(client_addr), 'state', state, 'sync', sync_state,
                        'bytes', json_build_object('write', (lsn - write_lsn)::bigint,
                            'flush', (lsn - flush_lsn)::bigint, 'replay', (lsn - replay_lsn)::bigint),
                        'seconds', json_build_object('write', extract(epoch FROM write_lag),
                            'flush', extract(epoch FROM flush_lag), 'replay', extract(epoch FROM replay_lag)))
                        ORDER BY application_name), '[]')
                    FROM pg_stat_replication, here WHERE application_name IS DISTINCT FROM 'pg_basebackup'))
"""


def ask_all() -> dict[str, dict | None]:
    """Of each server by its alias what QUERY says, or None if it does not answer in time."""
    aliases = [DEFAULT_DB_ALIAS, *settings.STANDBYS]
    with ThreadPoolExecutor(len(aliases)) as threads:  # two that are away cost the time of one
        return dict(zip(aliases, threads.map(_ask, aliases), strict=True))


def _ask(alias: str) -> dict | None:
    try:
        with probe.connect(alias) as connection:
            return probe.ask(connection, QUERY)
    except (psycopg.Error, OSError):
        return None
