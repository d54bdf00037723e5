"""Backups as Prometheus metrics, for a registry."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vetclinic.monitoring.backups import archive, rows


class Backups(Collector):
    """Asks the database each time that the metrics are fetched."""

    def collect(self) -> Iterator[Metric]:
        last = GaugeMetricFamily(
            "vetclinic_backup_last_success_timestamp_seconds",
            "When a backup, check or proof last went well; 0 for never.",
            labels=["kind"],
        )
        size = GaugeMetricFamily("vetclinic_backup_size_bytes", "How large the last good one is.", labels=["kind"])
        stale = GaugeMetricFamily("vetclinic_backup_stale", "Whether the last good one is too old.", labels=["kind"])
        failed = GaugeMetricFamily("vetclinic_backup_failed", "Whether the last run failed.", labels=["kind"])
        behind = GaugeMetricFamily("vetclinic_wal_archive_behind", "Whether log waits for longer than it may.")
        try:
            for row in rows():
                last.add_metric([row.kind], row.good.ended_at.timestamp() if row.good else 0)
                size.add_metric([row.kind], row.good.size if row.good else 0)
                stale.add_metric([row.kind], float(row.is_stale))
                failed.add_metric([row.kind], float(row.failed is not None))
            yield from (last, size, stale, failed)
            state = archive()
            behind.add_metric([], float(state.is_behind or state.is_failing))
        except DatabaseError:
            return  # what nobody knows has no sample: 0 would be a lie
        yield behind
