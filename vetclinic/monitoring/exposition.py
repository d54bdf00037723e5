"""The figures of the operations page as Prometheus metrics. deploy/monitoring/alerts.yml has the thresholds."""

from collections.abc import Iterator

from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vetclinic.monitoring import asking, counted
from vetclinic.monitoring.backup_metrics import Backups
from vetclinic.monitoring.health import pending_migrations
from vetclinic.monitoring.standbys import STAGES, Standby, standbys

STANDBY = ("standby", "branch", "upstream")


class Replication(Collector):
    """Asks the servers each time that the metrics are fetched."""

    def collect(self) -> Iterator[Metric]:
        answers = asking.ask_all()
        up = GaugeMetricFamily(
            "vetclinic_database_up", "Whether a database answers this web server.", labels=["server"]
        )
        for alias, answer in answers.items():
            up.add_metric([alias], float(answer is not None))
        yield up
        yield _right_to_see(answers)
        yield _migrations(answers)
        yield from _of_standbys(standbys(answers))


COLLECTORS: list[type[Collector]] = [Replication, Backups]


def metrics() -> bytes:
    """All that is measured, in the text format of Prometheus."""
    registry = counted.registry()
    for collector in COLLECTORS:
        registry.register(collector())
    return generate_latest(registry)


def _right_to_see(answers: dict[str, dict | None]) -> Metric:
    right = GaugeMetricFamily(
        "vetclinic_monitoring_right", "Whether the role may see replication (pg_monitor).", labels=["server"]
    )
    for alias, answer in answers.items():
        if answer:
            right.add_metric([alias], float(answer["may_see"]))
    return right


def _migrations(answers: dict[str, dict | None]) -> Metric:
    count = GaugeMetricFamily("vetclinic_migrations_pending", "Migrations of this version that are not applied.")
    pending = pending_migrations() if answers["default"] else None
    if pending is not None:
        count.add_metric([], len(pending))
    return count


def _of_standbys(found: list[Standby]) -> Iterator[Metric]:
    connected = GaugeMetricFamily("vetclinic_standby_connected", "Whether a standby receives the log.", labels=STANDBY)
    in_bytes = GaugeMetricFamily(
        "vetclinic_standby_lag_bytes",
        "Log that a standby has not written, flushed, replayed.",
        labels=(*STANDBY, "stage"),
    )
    in_seconds = GaugeMetricFamily(
        "vetclinic_standby_lag_seconds", "How late a standby writes, flushes, replays.", labels=(*STANDBY, "stage")
    )
    kept = GaugeMetricFamily("vetclinic_slot_kept_bytes", "Log that a slot keeps on its server.", labels=STANDBY)
    limit = GaugeMetricFamily("vetclinic_slot_limit_bytes", "How much it may keep; then it is cut.", labels=STANDBY)
    lost = GaugeMetricFamily(
        "vetclinic_slot_lost", "Whether a slot was cut: the standby must be rebuilt.", labels=STANDBY
    )
    conflicts = CounterMetricFamily(
        "vetclinic_standby_conflicts", "Queries that a standby cancelled to replay.", labels=(*STANDBY, "kind")
    )
    for standby in found:
        who = [standby.name, standby.branch, standby.upstream]
        connected.add_metric(who, float(standby.is_connected))
        for stage in STAGES:
            _add(in_bytes, [*who, stage], standby.lag_bytes[stage])
            _add(in_seconds, [*who, stage], standby.lag_s[stage])
        _add(kept, who, standby.kept)
        _add(limit, who, standby.limit)
        if standby.slot:
            lost.add_metric(who, float(standby.wal_status == "lost"))
        for kind, count in (standby.conflicts or {}).items():
            conflicts.add_metric([*who, kind], count)
    return iter((connected, in_bytes, in_seconds, kept, limit, lost, conflicts))


def _add(metric: GaugeMetricFamily, labels: list[str], value: float | None) -> None:
    """What nobody knows has no sample: 0 would be a lie."""
    if value is not None:
        metric.add_metric(labels, value)
