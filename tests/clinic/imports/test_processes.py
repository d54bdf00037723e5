"""The real commands as processes: at once, off the terminal, and with the database going away under them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from clinic.models import Breed, ImportedRow, Pet
from tests.servers import PAIR, ROOT

ROWS = 8000
PUBLIC = ROOT.parent / "shared" / "data"
committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def register(tmp_path) -> Path:
    path = tmp_path / "pets.csv"
    lines = (f"2015-12-18,Pet {number},Cat,\n" for number in range(ROWS))
    path.write_text("issue_date,pet_name,species,breed\n" + "".join(lines))
    return path


def start(path: Path, refused: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_pets", str(path), "--refused", str(path.with_name(refused))],
        cwd=ROOT,
        env=os.environ | PAIR.environment(connection.settings_dict["NAME"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@committed
def test_bar_off_a_terminal_is_silent(register):
    importing = start(register, "refused")

    said, complained = importing.communicate()

    assert (importing.returncode, complained) == (0, "")
    assert said == f"{ROWS} read = {ROWS} imported + 0 there already + 0 refused\n"


@committed
def test_two_imports_at_once_store_every_row_once(register):
    both = [start(register, f"refused-{number}") for number in range(2)]

    said = [importing.communicate()[0] for importing in both]

    assert all(" 0 refused" in each for each in said)
    assert Pet.objects.count() == ImportedRow.objects.count() == ROWS


@committed
def test_database_going_away_ends_in_one_line_and_the_next_run_goes_on(register, capsys):
    importing = start(register, "refused")
    while not Pet.objects.exists() and importing.poll() is None:
        time.sleep(0.02)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name <> 'vetclinic probe'"  # this process asks with it whether the primary is there
        )
    _said, complained = importing.communicate()

    call_command("import_pets", register, refused=register.with_name("refused"))

    assert importing.returncode == 1
    assert complained.startswith("CommandError: The database failed:")
    assert complained.count("\n") == 1
    assert Pet.objects.count() == ImportedRow.objects.count() == ROWS


@pytest.mark.django_db
def test_whole_registers_of_breeds_are_accounted_for(capsys, tmp_path):
    if not (PUBLIC / "fci-breeds.csv").exists():
        message = "The public files are not beside the checkout (../shared/data)."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    for name in ("fci-breeds.csv", "vbo-catbreeds.tsv"):
        call_command("import_breeds", PUBLIC / name, refused=tmp_path / name)
    said = capsys.readouterr().out

    assert "359 read = 359 imported + 0 there already + 0 refused" in said
    assert "266 read = 256 imported + 0 there already + 10 refused" in said
    assert Breed.objects.count() == 615
