"""What is counted, for Prometheus."""

from prometheus_client import Counter, Gauge

READS = Counter(
    "vetclinic_reads",
    "Requests by where they read, and why; one that read in two places counts in both.",
    ["server", "reason"],
)
LAST_SWITCH = Gauge(
    "vetclinic_reads_last_switch_timestamp_seconds",
    "When a standby was last found unfit, so that its reads went to the primary, and why.",
    ["standby", "reason"],
    multiprocess_mode="max",
)
