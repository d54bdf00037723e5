"""Imports of public files: every row is accounted for, a second run changes nothing, a kill loses nothing."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.models import Appointment, Breed, ImportedRow, Pet, PetOwner, Veterinarian
from tests.servers import PAIR, ROOT

PUBLIC = ROOT.parent / "shared" / "data"
HEAD = "issue_date,pet_name,species,breed\n"
PETCLINIC = """-- a sample
INSERT INTO specialties (name) SELECT 'surgery' WHERE NOT EXISTS (SELECT * FROM specialties WHERE name='surgery');
INSERT INTO types (name) SELECT 'cat' WHERE NOT EXISTS (SELECT * FROM types WHERE name='cat');
INSERT INTO vets (first_name, last_name) SELECT 'Helen', 'O''Leary' WHERE NOT EXISTS (SELECT * FROM vets WHERE id=1);
INSERT INTO vets (first_name, last_name) SELECT 'Linda; DROP TABLE pet', 'D' WHERE NOT EXISTS (SELECT 1);
INSERT INTO vet_specialties VALUES (1, 1) ON CONFLICT (vet_id, specialty_id) DO NOTHING;
INSERT INTO owners (first_name, last_name, address, city, telephone)
  SELECT 'Jean', 'Coleman', '105 N. Lake St.', 'Monona', '6085552654' WHERE NOT EXISTS (SELECT * FROM owners);
INSERT INTO owners (first_name, last_name, address, city, telephone) SELECT 'A', 'B', 'C', 'D', 'none' WHERE NOT EXISTS (SELECT 1);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Max', '1995-09-04', 1, 1 WHERE NOT EXISTS (SELECT 1);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Orphan', '1995-09-04', 1, 2 WHERE NOT EXISTS (SELECT 1);
INSERT INTO visits (pet_id, visit_date, description) SELECT 1, '2010-03-04', 'rabies shot' WHERE NOT EXISTS (SELECT 1);
INSERT INTO visits (pet_id, visit_date, description) SELECT 1, '2010-03-04', 'neutered' WHERE NOT EXISTS (SELECT 1);
INSERT INTO visits (pet_id, visit_date, description) SELECT 1, 'yesterday', 'x' WHERE NOT EXISTS (SELECT 1);
INSERT INTO visits (pet_id, visit_date) SELECT 1, '2010-03-05', 'too many' WHERE NOT EXISTS (SELECT 1);
INSERT INTO secrets (a) SELECT 'b' WHERE NOT EXISTS (SELECT 1);
DELETE FROM pet;
"""


def run(command: str, path: Path, capsys) -> tuple[str, list[list[str]]]:
    """What the command said, and the refused rows."""
    refused = path.with_suffix(".refused")
    call_command(command, path, refused=refused)
    with refused.open(encoding="utf-8", newline="") as file:
        return capsys.readouterr().out, list(csv.reader(file))[1:]


@pytest.mark.django_db
def test_pets_with_nasty_names_are_imported_and_the_rest_refused_with_line_and_reason(tmp_path, capsys):
    path = tmp_path / "pets.csv"
    rows = [
        '2015-12-18,"Katie ""Kitty""",Dog,Pug',
        "2015-12-18,Mr\u00a0 Paws,Cat,Siberian",
        "2015-12-18,Пёс 😀,Goat,",
        "2015-12-18,,Cat,Siberian",
        f"2015-12-18,{'x' * 51},Cat,Siberian",
        "2015-12-18,Tab\x00by,Cat,Siberian",
        "2015-12-18,Short",
    ]
    path.write_bytes((HEAD + "\n".join(rows)).encode() + b"\n2015-12-18,Caf\xe9,Cat,Siberian\n")

    said, refused = run("import_pets", path, capsys)

    names = set(Pet.objects.values_list("name", "species"))
    assert names == {('Katie "Kitty"', "dog"), ("Mr Paws", "cat"), ("Пёс 😀", "goat")}
    assert "8 read = 3 imported + 0 there already + 5 refused" in said
    assert [(row[0], row[1].split(":")[0]) for row in refused] == [
        ("5", "the name is empty"),
        ("6", "name"),
        ("7", "control character U+0000"),
        ("8", "2 columns instead of 4"),
        ("9", "the row is not UTF-8"),
    ]


@pytest.mark.django_db
def test_second_run_imports_nothing_but_equal_rows_stay_two_pets(tmp_path, capsys):
    path = tmp_path / "pets.csv"
    path.write_text(HEAD + "2015-12-18,Zen,Cat,\n2015-12-18,Zen,Cat,\n")
    run("import_pets", path, capsys)

    said, _refused = run("import_pets", path, capsys)

    assert "2 read = 0 imported + 2 there already + 0 refused" in said
    assert Pet.objects.count() == 2


@pytest.mark.django_db
def test_file_of_another_format_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match="The first line must be issue_date"):
        call_command("import_pets", path, refused=tmp_path / "refused")


@pytest.mark.django_db
def test_petclinic_is_read_as_data_and_never_run(tmp_path, capsys):
    path = tmp_path / "petclinic.sql"
    path.write_text(PETCLINIC)

    said, refused = run("import_petclinic", path, capsys)

    assert "13 read = 7 imported + 0 there already + 6 refused" in said
    assert [row[0] for row in refused] == ["16", "17", "9", "11", "14", "15"]
    assert PetOwner.objects.get().phone == "+16085552654"
    assert Veterinarian.objects.get(last_name="O'Leary").specialization.name == "surgery"
    assert sorted(Appointment.objects.values_list("reason", flat=True)) == ["neutered", "rabies shot"]


@pytest.mark.django_db
def test_breeds_of_both_registers_are_loaded_once(tmp_path, capsys):
    dogs, cats = tmp_path / "fci.csv", tmp_path / "vbo.tsv"
    dogs.write_text("id,name,group\n1,ENGLISH POINTER,Pointing Dogs\n2,,Pointing Dogs\n")
    head = "vbo_id\tterm_label\tbreed_name_to_be_used_for_label\tspecies_to_be_used_for_label\n"
    cats.write_text(head + "ID\tLABEL\t\t\nVBO:1\tobsolete X\tX\tCat\nVBO:2\tAegean (Cat)\tAegean\tCat\n")

    for _time in range(2):
        run("import_breeds", dogs, capsys)
        run("import_breeds", cats, capsys)

    assert set(Breed.objects.values_list("species", "name")) == {("dog", "English Pointer"), ("cat", "Aegean")}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_import_that_was_killed_goes_on_where_it_was(tmp_path, capsys):
    path, total = tmp_path / "pets.csv", 20_000
    path.write_text(HEAD + "".join(f"2015-12-18,Pet {number},Cat,\n" for number in range(total)))
    environment = os.environ | PAIR.environment(connection.settings_dict["NAME"])
    command = [sys.executable, "manage.py", "import_pets", str(path), "--refused", str(tmp_path / "refused")]
    importing = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    while Pet.objects.count() < 2000 and importing.poll() is None:
        time.sleep(0.02)
    importing.send_signal(signal.SIGKILL)
    importing.wait()
    before = Pet.objects.count()

    said, _refused = run("import_pets", path, capsys)

    assert 0 < before < total
    assert f"{total} read = {total - before} imported + {before} there already + 0 refused" in said
    assert Pet.objects.count() == total == ImportedRow.objects.count()


@pytest.mark.django_db
def test_whole_public_files_are_accounted_for(capsys, tmp_path):
    if not (PUBLIC / "seattle_pets.csv").exists():
        message = "The public files are not beside the checkout (../shared/data)."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    call_command("import_pets", PUBLIC / "seattle_pets.csv", refused=tmp_path / "pets")
    call_command("import_petclinic", PUBLIC / "petclinic-data.sql", refused=tmp_path / "petclinic")
    said = capsys.readouterr().out

    assert "42567 read = 42526 imported + 0 there already + 41 refused" in said
    assert "36 read = 36 imported + 0 there already + 0 refused" in said
    assert "11 more rows" in said
