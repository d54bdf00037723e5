"""Files that are broken, foreign or hostile: one bad row is refused alone, and nothing else suffers from it."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.models import Appointment, Breed, Pet, PetOwner, Specialization

pytestmark = pytest.mark.django_db

HEAD = "issue_date,pet_name,species,breed\n"
VBO_HEAD = "vbo_id\tterm_label\tbreed_name_to_be_used_for_label\tspecies_to_be_used_for_label\nID\tLABEL\t\t\n"
CAT = "INSERT INTO types (name) SELECT 'cat' WHERE NOT EXISTS (SELECT 1);"
VISIT = "INSERT INTO visits (pet_id, visit_date, description) VALUES (1, '{}', '{}');"


@pytest.fixture
def run(tmp_path, capsys):
    """Writes a file, imports it, and returns what the command said and the refused rows."""

    def run(command: str, text: str, name: str = "file") -> tuple[str, list[list[str]]]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return again(command, path)

    def again(command: str, path: Path):
        refused = path.with_suffix(".refused")
        call_command(command, path, refused=refused)
        with refused.open(encoding="utf-8", newline="") as file:
            return capsys.readouterr().out, list(csv.reader(file))[1:]

    return run


def owner(first_name: str) -> str:
    columns = "(first_name, last_name, address, city, telephone)"
    return f"INSERT INTO owners {columns} VALUES ('{first_name}', 'Black', '1450 Oak Blvd.', 'Monona', '6085555387');"


def pet(name: str, type_id: int = 1, owner_id: int = 1) -> str:
    return f"INSERT INTO pets (name, birth_date, type_id, owner_id) VALUES ('{name}', '2000-01-01', {type_id}, {owner_id});"


@pytest.mark.parametrize("following", [3, 9000])
def test_csv_quote_never_closed_spoils_its_line_alone(run, following):
    text = HEAD + '2015-01-01,"Rex,Dog,Pug\n' + "2015-01-01,Ada,Dog,Pug\n" * following

    said, refused = run("import_pets", text)

    assert f"{following + 1} read = {following} imported + 0 there already + 1 refused" in said
    assert refused[0][0] == "2"


def test_pet_with_endless_name_is_refused_and_the_next_imported(run):
    text = HEAD + f"2015-01-01,{'x' * 200_000},Dog,Pug\r\n2015-01-01,Ada,Dog,Pug\r\n"

    said, refused = run("import_pets", text)

    assert "2 read = 1 imported" in said
    assert refused[0][1] == "not a line of a table: field larger than field limit (131072)"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("\u200b", "the name is empty"),
        ("\u00a0", "the name is empty"),
        ("Max\x1fine", "control character U+001F"),
        ("Max\u202eine", "control character U+202E"),
        ("x" * 51, "name: Ensure this value has at most 50 characters (it has 51)."),
    ],
)
def test_pet_with_unusable_name_is_refused_with_the_reason(run, settings, name, reason):
    settings.LANGUAGE_CODE = "ru"

    _said, refused = run("import_pets", HEAD + f"2015-01-01,{name},Dog,Pug\n")

    assert refused == [["2", reason, "2015-01-01", name, "Dog", "Pug"]]


def test_refused_formula_is_only_text_in_the_list_of_refusals(run):
    text = HEAD + "=1+1,,Dog,Pug\n"

    _said, refused = run("import_pets", text)

    assert refused[0][2] == "'=1+1"


def test_row_that_only_the_database_refuses_is_refused_alone(run):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pet ADD CONSTRAINT no_rex CHECK (name <> 'Rex')")

    said, refused = run("import_pets", HEAD + "".join(f"2015-01-01,{name},Dog,Pug\n" for name in ("Ada", "Rex", "Bob")))

    assert "3 read = 2 imported + 0 there already + 1 refused" in said
    assert "no_rex" in refused[0][1]
    assert set(Pet.objects.values_list("name", flat=True)) == {"Ada", "Bob"}


@pytest.mark.parametrize("command", ["import_pets", "import_petclinic", "import_breeds"])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEAD.encode("utf-16"), b"vbo_id\tother\nVBO:1\tx\n"])
def test_file_of_another_format_ends_in_one_line_and_leaves_no_list(tmp_path, command, content):
    path, refused = tmp_path / "file", tmp_path / "refused"
    path.write_bytes(content)

    with pytest.raises(CommandError) as error:
        call_command(command, path, refused=refused)

    assert str(error.value).isprintable()
    assert not refused.exists()


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_file_that_cannot_be_read_ends_in_one_line(tmp_path, name):
    with pytest.raises(CommandError, match=r"^[^\n]+: (No such file or directory|Is a directory)$"):
        call_command("import_pets", tmp_path / name)


def test_refusals_into_the_imported_file_are_not_written(tmp_path):
    path = tmp_path / "pets.csv"
    path.write_text(HEAD + "2015-01-01,,Dog,Pug\n")

    with pytest.raises(CommandError, match="cannot go into the file that is imported"):
        call_command("import_pets", path, refused=tmp_path / "." / "pets.csv")

    assert path.read_text() == HEAD + "2015-01-01,,Dog,Pug\n"


def test_sql_quote_not_doubled_spoils_its_line_alone(run):
    text = "\n".join([owner("O'Brien"), owner("Ada"), owner("O''Hara")])

    said, refused = run("import_petclinic", text)

    assert "3 read = 2 imported + 0 there already + 1 refused" in said
    assert refused[0][:2] == ["1", "a quote is not closed or not doubled"]
    assert set(PetOwner.objects.values_list("first_name", flat=True)) == {"Ada", "O'Hara"}


def test_sql_comments_with_quotes_and_semicolons_are_skipped(run):
    text = f"-- Linda's; pets\n{owner('Ada')} -- it's;\n/* it's\n; */\n{owner('Bob')}"

    said, _refused = run("import_petclinic", text)

    assert "2 read = 2 imported" in said


def test_sql_rows_of_one_statement_are_counted_one_by_one(run):
    text = "INSERT INTO specialties (name) VALUES ('surgery'),\n ('radiology', 1),\n ('dentistry');"

    said, refused = run("import_petclinic", text)

    assert "3 read = 2 imported + 0 there already + 1 refused" in said
    assert refused == [["2", "2 values for 1 columns", "radiology, 1"]]


def test_sql_expressions_are_refused_and_not_computed(run):
    text = (
        owner("Ada")
        + "\nINSERT INTO specialties (name) VALUES (upper('surgery'));\nINSERT INTO types SELECT * FROM pet;"
    )

    said, refused = run("import_petclinic", text)

    assert "3 read = 1 imported + 0 there already + 2 refused" in said
    assert [row[0] for row in refused] == ["3", "2"]


def test_refused_type_does_not_change_the_species_of_others(run):
    text = "\n".join(["INSERT INTO types (name) SELECT 'b\x00t';", CAT, owner("Ada"), pet("Tom", 2), pet("Bat", 1)])

    said, _refused = run("import_petclinic", text)

    assert list(Pet.objects.values_list("name", "species")) == [("Tom", "cat")]
    assert "4 read = 2 imported + 0 there already + 2 refused" in said


def test_pets_of_two_files_keep_their_own_owners(run):
    for name in ("Ada", "Bob"):
        run("import_petclinic", "\n".join([CAT, owner(name), pet("Tom")]), name)

    said, _refused = run("import_petclinic", "\n".join([CAT, owner("Bob"), pet("Tom")]))

    assert "2 read = 0 imported + 2 there already + 0 refused" in said
    assert set(Pet.objects.values_list("name", "pet_owner__first_name")) == {("Tom", "Ada"), ("Tom", "Bob")}


def test_specialty_that_the_clinic_has_is_used_and_not_doubled(run):
    for name in ("Surgery", "general practice", "general practice"):
        Specialization.objects.create(name=name)
    vets = "INSERT INTO vets (first_name, last_name) VALUES ('Ada', 'Black'), ('Bob', 'Black');"
    links = "INSERT INTO vet_specialties VALUES (1, 1), (7, 1);"

    said, refused = run("import_petclinic", f"INSERT INTO specialties (name) VALUES ('surgery');\n{vets}\n{links}")

    assert "4 read = 2 imported + 1 there already + 1 refused" in said
    assert refused[0][1] == "its vet or its specialty is not in the file, or was refused"
    assert Specialization.objects.count() == 3


def test_visits_of_a_pet_on_one_day_follow_each_other_in_any_run(run):
    before = [CAT, owner("Ada"), pet("Tom"), VISIT.format("2010-03-04", "rabies shot")]
    run("import_petclinic", "\n".join(before))

    run("import_petclinic", "\n".join([*before, VISIT.format("2010-03-04", "a"), VISIT.format("2010-03-04", "b")]))

    first, second, third = Appointment.objects.order_by("date")
    assert (first.ends_at, second.ends_at) == (second.date, third.date)


@pytest.mark.parametrize(
    ("day", "text", "reason"),
    [
        ("2090-03-04", "check", "a day to come: 2090-03-04"),
        ("2010-02-30", "check", "not a date: 2010-02-30"),
        ("2010-03-04", "", "reason: This field cannot be blank."),
        ("2010-03-04", "x" * 256, "reason: Ensure this value has at most 255 characters (it has 256)."),
    ],
)
def test_visit_that_cannot_have_been_is_refused_with_the_reason(run, day, text, reason):
    file = "\n".join([CAT, owner("Ada"), pet("Tom"), VISIT.format(day, text)])

    _said, refused = run("import_petclinic", file)

    assert [row[:2] for row in refused] == [["4", reason]]


def test_breeds_of_broken_lines_are_refused_alone(run):
    text = VBO_HEAD + 'VBO:1\nVBO:2\t"B (Cat)\tBobtail\tCat\nVBO:3\t\tMerged\tCat\nVBO:4\tAegean (Cat)\tAegean\tCat\n'

    said, refused = run("import_breeds", text)

    assert "4 read = 2 imported + 0 there already + 2 refused" in said
    assert [row[1] for row in refused] == ["1 columns instead of 4", "the ontology has no label for it"]


def test_breed_typed_in_by_hand_is_there_already(run):
    Breed.objects.create(species="dog", name="English Pointer", source="")

    said, _refused = run(
        "import_breeds", "id,name,group\n1,ENGLISH POINTER,Pointing Dogs\n2,BEAGLE,Hounds\n3,BEAGLE,Hounds\n"
    )

    assert "3 read = 1 imported + 2 there already + 0 refused" in said
