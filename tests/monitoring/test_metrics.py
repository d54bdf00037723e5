"""The metrics, of all processes of the web server, and the rules of alarm that are written about them."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from deploy.postgres.pair import free_port
from tests.factories import OwnerFactory, UserFactory
from tests.servers import PAIR, ROOT
from vetclinic.monitoring.exposition import metrics
from vetclinic.monitoring.metrics import LAST_SWITCH

RULES = ROOT / "deploy" / "monitoring" / "alerts.yml"
FUNCTIONS = {"sum", "rate", "increase", "changes", "without", "by", "for"}
databases = pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"])


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def samples(text: str) -> dict[str, list[tuple[dict, float]]]:
    found: dict[str, list[tuple[dict, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


@pytest.fixture
def read_something(db, catch_up):
    """A page was read from the standby, which was left once and has caught up since."""
    LAST_SWITCH.labels("replica", "lagging").set(time.time())
    client = Client()
    client.force_login(UserFactory(role="reception"))
    owner = OwnerFactory()
    catch_up()
    assert client.get(f"/owners/{owner.pk}/").status_code == 200


@pytest.mark.pair
@databases
def test_standby_is_measured_by_name(read_something):
    found = samples(metrics().decode())

    who = {"standby": "standby_1", "branch": "", "upstream": "primary"}
    assert found["vetclinic_standby_connected"] == [(who, 1.0)]
    assert [labels["stage"] for labels, _value in found["vetclinic_standby_lag_bytes"]] == ["write", "flush", "replay"]
    assert found["vetclinic_slot_limit_bytes"] == [(who, 2.0 * 2**30)]
    assert found["vetclinic_slot_lost"] == [(who, 0.0)]
    assert found["vetclinic_database_up"] == [({"server": "default"}, 1.0), ({"server": "replica"}, 1.0)]
    assert found["vetclinic_migrations_pending"] == [({}, 0.0)]


@pytest.mark.pair
@databases
def test_every_metric_of_the_alarm_rules_exists(read_something):
    there = set(samples(metrics().decode()))

    named = {name for rule in rules() for name in re.findall(r"\bvetclinic_\w+", rule["expr"])}

    assert named - there == set()


@pytest.mark.pair
@databases
def test_labels_of_the_alarm_rules_exist(read_something):
    found = samples(metrics().decode())

    for rule in rules():
        for name, inside in re.findall(r"\b(vetclinic_\w+)\{([^}]*)\}", rule["expr"]):
            labels = set(re.findall(r"(\w+)\s*!?=", inside))
            assert labels <= set(found[name][0][0]), rule["alert"]


def test_alarm_rules_have_a_severity_and_a_summary():
    assert {rule["labels"]["severity"] for rule in rules()} == {"warning", "critical"}
    assert all(
        rule["annotations"]["summary"].endswith(".") or "{{" in rule["annotations"]["summary"] for rule in rules()
    )
    assert len({rule["alert"] for rule in rules()}) == len(rules())


@pytest.fixture
def served(tmp_path, transactional_db):
    """A clinic served with the settings of production: its address and process."""
    port = free_port()
    environment = os.environ | PAIR.environment(connection.settings_dict["NAME"]) | {
        "WEB_BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "2", "WEB_THREADS": "2", "CACHE_DIR": str(tmp_path / "cache"),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts"), "DEBUG": "true",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "vetclinic.wsgi"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while not _answers(url):
            assert server.poll() is None and time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.1)
        yield url, server
    finally:
        server.terminate()
        server.wait(30)


def _answers(url: str) -> bool:
    try:
        return _fetch(f"{url}/healthz") == "ok"
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _fetch(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 (our own address)
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        assert error.code == 404
        return ""


def workers(server: subprocess.Popen) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


@pytest.mark.pair
@databases
def test_counts_are_of_all_workers_and_outlive_one(served):
    url, server = served
    for _time in range(12):
        _fetch(f"{url}/visit-answer/{'t' * 43}/")  # looks a letter up, in whichever worker
    before = samples(_fetch(f"{url}/metrics"))

    os.kill(workers(server)[0], signal.SIGKILL)
    until = time.monotonic() + 30
    while len(workers(server)) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    after = samples(_fetch(f"{url}/metrics"))

    def total(found: dict) -> float:
        return sum(value for _labels, value in found.get("vetclinic_reads_total", []))

    assert total(before) > 0
    assert total(after) >= total(before)
