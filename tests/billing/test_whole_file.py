"""An owner's whole file: every row is in it, none of another owner, no name leads out of it."""

import csv
import datetime as dt
import io
import logging
import zipfile
from decimal import Decimal

import pytest
from django.utils import timezone
from pypdf import PdfReader

from billing.actions import credit_invoice, take_deposit
from billing.whole_file import COLUMNS, archive, parts_of, tables_of
from clinic.custody import hand_over_pet
from clinic.merging import merge_owners
from clinic.models import Appointment, PetOwner
from records.addenda import append_addendum
from records.files import keep_file, open_file, storage, withdraw_file
from records.models import Measurement, MedicalRecord
from tests.billing.bills import issue, pay
from tests.factories import OwnerFactory, PetFactory, UserFactory, VaccinationFactory, VetFactory
from tests.records.uploads import pdf, picture, upload
from vetclinic.refusals import RuleViolation
from vetclinic.storage import storage_of
from vetclinic.ui import pdf as drawing
from vetclinic.ui.csv import plain
from vetclinic.ui.progress import Progress

pytestmark = pytest.mark.django_db
SECRET = "Скандалист"
# table that leads to an owner → why it is not in the archive
LEFT_OUT = {
    "attachment_move": "a file goes with the animal that it is of; where it once was by mistake concerns another owner",
    "owner_merge": "cells of the tables that are there, as they were before",
    "record_draft": "not finished, and of the vet alone",
    "vaccination_due": "made of the last dose, which is there",
}


@pytest.fixture(autouse=True)
def nothing_under_way(settings):
    """Progress of this run alone: keys repeat, as every run begins with an empty database."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"attachments": storage_of("", str(tmp_path / "files"))}


def sign_in(client, role="manager"):
    user = UserFactory(role=role)
    client.force_login(user)
    return user


def visits(pet, count, vet=None):
    """Finished visits of an animal, each with a record and a note for nobody outside."""
    vet = vet or VetFactory()
    start = timezone.now() - dt.timedelta(days=count * 5 + pet.pk % 5 + 1)
    days = [start + dt.timedelta(days=5 * number) for number in range(count)]
    made = Appointment.objects.bulk_create(
        Appointment(pet=pet, vet=vet, date=day, ends_at=day + dt.timedelta(minutes=30), reason="осмотр", notes=SECRET)
        for day in days
    )
    MedicalRecord.objects.bulk_create(
        MedicalRecord(appointment=visit, diagnosis=f"=Диагноз {visit.pk}", notes=SECRET) for visit in made
    )
    Measurement.objects.bulk_create(
        Measurement(pet=pet, appointment=visit, kind="weight", value="4.2", unit="kg") for visit in made
    )


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def rows_in(whole: zipfile.ZipFile, name: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(whole.read(f"{name}.csv").decode("utf-8-sig")))
    return [[plain(cell) for cell in row] for row in rows]


def as_text(cell) -> str:
    return "" if cell is None else str(cell)


def taken(client, owner) -> zipfile.ZipFile:
    return opened(b"".join(client.get(f"/owners/{owner.pk}/file/export/").streaming_content))


def test_file_of_five_hundred_visits_holds_every_row_of_the_tables(client):
    owner = OwnerFactory(last_name="=Иванова")
    pets = [PetFactory(pet_owner=owner, name=f"Питомец {number}") for number in range(5)]
    VaccinationFactory(pet=pets[0])
    vet = VetFactory()
    for pet in pets:
        visits(pet, 99, vet)
        pay(issue("100.00", "50.00", pet=pet), "20.50")
    issue("1", pet=PetFactory())
    sign_in(client)

    whole = taken(client, owner)

    found = {name: rows_in(whole, name) for name in COLUMNS}
    stored = {name: tables_of(owner)[name].order_by("pk").values_list(*COLUMNS[name].split()) for name in COLUMNS}
    assert whole.testzip() is None
    assert {name: rows[1:] for name, rows in found.items()} == {
        name: [[as_text(cell) for cell in row] for row in rows] for name, rows in stored.items()
    }
    assert {name: len(rows) - 1 for name, rows in found.items()} == {
        "owner": 1, "pets": 5, "ownerships": 5, "alerts": 0, "waiting": 0, "visits": 500, "records": 500, "addenda": 0,
        "measurements": 495, "vaccinations": 1, "letters": 0, "vaccination_letters": 0, "files": 0, "treatments": 10,
        "invoices": 5, "invoice_lines": 10, "payments": 5, "credit_notes": 0, "credit_lines": 0, "deposits": 0,
    }  # fmt: skip
    assert found["owner"][1][1] == "=Иванова"
    histories = [name for name in whole.namelist() if name.endswith(".pdf")]
    assert histories == [f"{pet.pk} {pet.name}/history.pdf" for pet in pets]
    assert len(PdfReader(io.BytesIO(whole.read(histories[0]))).pages) > 5


def test_every_table_that_leads_to_an_owner_is_in_the_file_or_named_here():
    found, to_follow = {PetOwner}, [PetOwner]
    while to_follow:
        for field in to_follow.pop()._meta.get_fields(include_hidden=True):
            if field.auto_created and not field.concrete and field.related_model not in found:
                found.add(field.related_model)
                to_follow.append(field.related_model)

    there = {rows.model._meta.db_table for rows in tables_of(OwnerFactory()).values()}

    assert {model._meta.db_table for model in found} - there == set(LEFT_OUT)


def test_refund_credit_and_deposit_are_told_from_payments(client):
    owner, manager = OwnerFactory(), UserFactory(role="manager")
    invoice = issue("100", pet=PetFactory(pet_owner=owner))
    pay(invoice, "100")
    line = invoice.lines.get().pk
    credit_invoice(invoice=invoice, amounts={line: Decimal(30)}, reason="dear", refund_by="cash", by=manager)
    take_deposit(owner=owner, amount=Decimal(50), method="card", by=manager)
    client.force_login(manager)

    whole = taken(client, owner)

    payments, notes, lines, deposits = (
        [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        for rows in (rows_in(whole, name) for name in ("payments", "credit_notes", "credit_lines", "deposits"))
    )
    assert [(row["kind"], row["amount"], row["reason"]) for row in payments] == [
        ("payment", "100.00", ""), ("refund", "30.00", "dear"),
    ]  # fmt: skip
    assert [(row["number"], row["amount"], row["reason"]) for row in notes] == [("1", "30.00", "dear")]
    assert [(row["line_id"], row["amount"]) for row in lines] == [(str(line), "30.00")]
    assert [(row["kind"], row["amount"], row["method"]) for row in deposits] == [("taken", "50.00", "card")]


def test_animal_that_was_given_away_is_among_the_earlier_ones_alone(client):
    owner = OwnerFactory()
    pet = PetFactory(pet_owner=owner, name="Leo")
    hand_over_pet(pet=pet, to=OwnerFactory(), was=owner.pk, by=sign_in(client))

    whole = taken(client, owner)

    assert (rows_in(whole, "pets")[1:], [row[2] for row in rows_in(whole, "ownerships")[1:]]) == ([], ["Leo"])


def test_file_leaves_out_what_people_at_work_note_for_each_other(client):
    pet = PetFactory()
    visits(pet, 1)
    sign_in(client)

    whole = taken(client, pet.pet_owner)

    assert [name for name in whole.namelist() if SECRET.encode() in whole.read(name)] == []


def kept(pet, content: bytes, name: str):
    vet = UserFactory(role="vet")
    return keep_file(pet=pet, appointment=None, kind="lab", note="", upload=upload(content, name), by=vet)


def test_files_of_the_animals_are_in_it_with_all_their_bytes_and_no_others(client):
    pet = PetFactory(name="Ёжик")
    results, gone = (kept(pet, pdf(), "анализы.pdf") for _time in range(2))
    paw = kept(pet, picture(), "../../лапа.png")
    withdraw_file(attachment=gone, reason="of another animal", by=UserFactory(role="vet"))
    kept(PetFactory(), picture(), "чужой.png")
    sign_in(client)

    whole = taken(client, pet.pet_owner)

    folder = f"{pet.pk} Ёжик/files"
    expected = {f"{folder}/{results.pk} анализы.pdf": results, f"{folder}/{paw.pk} лапа.png": paw}
    found = {name: whole.read(name) for name in whole.namelist() if "/files/" in name}
    assert found == {name: open_file(attachment).read() for name, attachment in expected.items()}
    assert [row[0] for row in rows_in(whole, "files")[1:]] == [str(results.pk), str(paw.pk)]


def test_file_that_the_storage_has_lost_is_named_and_the_others_are_there(client):
    pet = PetFactory(name="Барсик")
    lost, there = kept(pet, picture(), "a.png"), kept(pet, picture(), "b.png")
    storage().delete(lost.storage_key)
    sign_in(client)

    whole = taken(client, pet.pet_owner)

    folder = f"{pet.pk} Барсик/files"
    assert [name for name in whole.namelist() if "/files/" in name] == [f"{folder}/{there.pk} b.png"]
    assert rows_in(whole, "files_missing") == [["file"], [f"{folder}/{lost.pk} a.png"]]


def test_addenda_are_in_it_with_their_author(client):
    record = issue("1", pet=PetFactory()).record
    addendum = append_addendum(record=record, text="=пришёл анализ", by=record.author.user)
    sign_in(client)

    whole = taken(client, record.appointment.pet.pet_owner)

    row = dict(zip(*rows_in(whole, "addenda"), strict=True))
    assert (row["id"], row["record_id"], row["record__appointment_id"], row["author__last_name"], row["text"]) == (
        str(addendum.pk), str(record.pk), str(record.appointment_id), record.author.last_name, "=пришёл анализ",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a\\..\\b", "..", "con:\r\n", "x" * 50, "🐈"])
def test_names_in_the_file_stay_in_it(client, name):
    pet = PetFactory(name=name)
    sign_in(client)

    names = taken(client, pet.pet_owner).namelist()

    assert [each for each in names if each.startswith("/") or "\\" in each or ".." in each.split("/")] == []
    assert len(set(names)) == len(names) == len(COLUMNS) + 1


def test_file_begins_before_anything_is_drawn(monkeypatch):
    pet = PetFactory()
    monkeypatch.setattr("billing.whole_file.drawn_history", lambda pet, now: pytest.fail("drawn too early"))

    chunks = archive(parts_of(pet.pet_owner, now=timezone.now()))

    assert next(chunks).startswith(b"PK")


def test_file_of_one_who_was_merged_in_is_that_of_who_stays(client):
    source, target = OwnerFactory(), OwnerFactory()
    invoice = issue("10", pet=PetFactory(pet_owner=source))
    user = sign_in(client)
    merge_owners(source=source, target=target, by=user)

    page, refused = client.get(f"/owners/{source.pk}/file/"), client.get(f"/owners/{source.pk}/file/export/")
    whole = taken(client, target)

    assert (page.status_code, page.headers["Location"]) == (302, f"/owners/{target.pk}/file/")
    assert refused.status_code == 404
    assert [row[0] for row in rows_in(whole, "invoices")[1:]] == [str(invoice.pk)]
    assert [row[0] for row in rows_in(whole, "owner")[1:]] == [str(source.pk), str(target.pk)]


@pytest.mark.parametrize("pk", ["0", "99999999999", "9" * 30])
def test_file_of_nobody_is_not_found(client, pk):
    sign_in(client)

    codes = [client.get(f"/owners/{pk}/file/{part}").status_code for part in ("", "export/", "progress/")]

    assert codes == [404] * 3


@pytest.mark.parametrize("role", ["reception", "vet", "admin"])
def test_file_is_for_managers(client, role):
    owner = OwnerFactory()
    sign_in(client, role)

    codes = [client.get(f"/owners/{owner.pk}/file/{part}").status_code for part in ("", "export/", "progress/")]

    assert codes == [403] * 3


def test_who_took_a_file_is_logged_with_its_end(client, caplog):
    owner = OwnerFactory()
    user = sign_in(client)

    with caplog.at_level(logging.INFO, "vetclinic.exports"):
        content = b"".join(client.get(f"/owners/{owner.pk}/file/export/").streaming_content)
        given_up = client.get(f"/owners/{owner.pk}/file/export/")
        first = next(iter(given_up.streaming_content))
        given_up.close()

    line = f"{user.username} took the whole file of owner {owner.pk}"
    assert caplog.messages == [f"{line}: {len(content)} bytes, complete", f"{line}: {len(first)} bytes, broken off"]


def test_second_archive_at_a_time_is_refused_and_a_reload_shows_how_far_the_first_is(client):
    pet = PetFactory()
    user = sign_in(client)
    parts = Progress(f"owner-{pet.pet_owner_id}-{user.pk}").counted("abcd", total=4)
    next(parts)
    next(parts)

    again = client.get(f"/owners/{pet.pet_owner_id}/file/export/")
    page = client.get(f"/owners/{pet.pet_owner_id}/file/").content.decode()

    assert again.status_code == 409
    assert '<progress max="4" value="1"' in page
    assert "/file/export/" not in page


def test_server_that_cannot_print_says_so_before_the_first_byte(client, monkeypatch):
    owner = OwnerFactory()
    sign_in(client)

    def refuse():
        raise RuleViolation("pdf_not_installed", "Run deploy/print-tools.")

    monkeypatch.setattr(drawing, "_weasyprint", refuse)
    answer = client.get(f"/owners/{owner.pk}/file/export/")

    assert (answer.status_code, "Run deploy/print-tools." in answer.content.decode()) == (501, True)
