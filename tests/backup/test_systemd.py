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
    module = re.search(r"python -m (\S+)", unit.read_text())[1]

    assert importlib.util.find_spec(module)


@pytest.mark.parametrize("unit", [unit for unit in SERVICES if "@" not in unit.name], ids=lambda unit: unit.name)
def test_service_that_fails_tells_the_admins(unit):
    assert "OnFailure=vetclinic-alarm@%n.service" in unit.read_text()


@pytest.mark.parametrize("unit", [unit for unit in SERVICES if "@" not in unit.name], ids=lambda unit: unit.name)
def test_service_has_its_timer_and_the_install_enables_it(unit):
    assert unit.with_suffix(".timer").exists()
    assert unit.with_suffix(".timer").name in (ROOT / "deploy/backup/install").read_text()
