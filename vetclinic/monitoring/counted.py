"""What the processes of this web server have counted: where pages read from, and when a standby was last left."""

import datetime as dt
import os
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, multiprocess

from vetclinic.monitoring.metrics import LAST_SWITCH, READS
from vetclinic.replication.reasons import Reason


@dataclass(frozen=True)
class Switch:
    """Reads of a standby went to the primary."""

    standby: str
    reason: str
    at: dt.datetime


def registry() -> CollectorRegistry:
    """Of all processes, where they share PROMETHEUS_MULTIPROC_DIR (deploy/gunicorn.conf.py); else of this one."""
    made = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(made)
    else:
        made.register(READS)
        made.register(LAST_SWITCH)
    return made


def shares() -> dict[str, float]:
    """The part of all reads that each server has answered, since the web server began. A form that is sent must go
    to the primary: it does not count. Empty before the first.
    """
    counts: dict[str, float] = {}
    for labels, value in _samples("vetclinic_reads_total"):
        if labels["reason"] != Reason.UNSAFE:
            counts[labels["server"]] = counts.get(labels["server"], 0) + value
    total = sum(counts.values())
    return {server: count / total for server, count in counts.items()} if total else {}


def last_switch() -> Switch | None:
    """The latest, of any standby."""
    switches = [
        Switch(labels["standby"], labels["reason"], dt.datetime.fromtimestamp(value, dt.UTC))
        for labels, value in _samples("vetclinic_reads_last_switch_timestamp_seconds")
        if value
    ]
    return max(switches, key=lambda switch: switch.at, default=None)


def _samples(name: str) -> list[tuple[dict[str, str], float]]:
    return [
        (sample.labels, sample.value)
        for metric in registry().collect()
        for sample in metric.samples
        if sample.name == name
    ]
