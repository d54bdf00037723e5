"""The units that a clinic installs: systemd understands them, and they start programs that exist."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
UNITS = sorted((ROOT / "deploy/systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
JOBS = [unit for unit in SERVICES if unit.with_suffix(".timer").exists()]
SITE = [unit for unit in SERVICES if unit.stem in ("vetclinic-web", "vetclinic-worker")]


def test_units_pass_systemds_own_check(tmp_path):
    if not shutil.which("systemd-analyze"):
        message = "systemd-analyze is not installed: the units were not checked."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/vetclinic", str(ROOT)))

    named = [str(tmp_path / unit.name) for unit in UNITS if "@" not in unit.name]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *named], capture_output=True, text=True, check=False
    )

    assert [line for line in done.stderr.splitlines() if "vetclinic-" in line] == []


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_service_starts_a_program_that_exists(unit):
    module, script = re.search(r"python (?:-m (\S+)|(\S+))", unit.read_text()).groups()

    assert importlib.util.find_spec(module) if module else (ROOT / script).exists()


@pytest.mark.parametrize("unit", JOBS, ids=lambda unit: unit.name)
def test_job_that_fails_tells_the_admins(unit):
    assert "OnFailure=vetclinic-alarm@%n.service" in unit.read_text()


def test_install_enables_the_timer_of_each_job():
    install = (ROOT / "deploy/backup/install").read_text()

    assert [unit.stem for unit in JOBS if f"{unit.stem}.timer" not in install] == []
    assert len(JOBS) == len([unit for unit in UNITS if unit.suffix == ".timer"])


@pytest.mark.parametrize("unit", SITE, ids=lambda unit: unit.name)
def test_web_server_and_worker_are_started_again_however_often_they_end(unit):
    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(unit.read_text().splitlines())


def test_every_unit_is_a_job_or_of_the_site_or_made_for_a_name():
    assert [unit.name for unit in SERVICES if unit not in [*JOBS, *SITE] and "@" not in unit.name] == []
