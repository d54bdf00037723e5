"""Files of an animal: who adds, sees, moves and withdraws them, and how they are served."""

import uuid

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError

from records import files
from records.models import Attachment, AttachmentMove
from tests.factories import AppointmentFactory, PetFactory, UserFactory
from tests.records.uploads import pdf, picture, upload
from vetclinic.refusals import RuleViolation
from vetclinic.storage import storage_of

pytestmark = pytest.mark.django_db
SEES = [("vet", 200), ("manager", 200), ("reception", 403), ("admin", 403)]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {"attachments": storage_of("", str(tmp_path / "files"))}
    return tmp_path / "files"


@pytest.fixture
def visit():
    return AppointmentFactory()


def sign_in(client, role):
    user = UserFactory(role=role, password=None)
    client.force_login(user)
    return user


def keep(pet=None, **changes):
    values = {"pet": pet or PetFactory(), "appointment": None, "kind": "lab", "note": "", "upload": upload()}
    return files.keep_file(**values | {"by": UserFactory(role="vet", password=None)} | changes)


def form(**changes):
    return {"kind": "xray", "note": "left paw", "request_key": str(uuid.uuid4()), "file": upload()} | changes


def stored(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


# -- Adding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "code"), [("vet", 302), ("reception", 302), ("manager", 403), ("admin", 403)])
def test_file_is_added_by_role(client, role, code):
    pet = PetFactory()
    sign_in(client, role)

    response = client.post(f"/pets/{pet.pk}/files/add/", form())

    assert response.status_code == code
    assert Attachment.objects.filter(pet=pet).count() == (code == 302)


@pytest.mark.parametrize("act", ["upload", "correct"])
def test_action_refuses_whom_the_matrix_refuses(act):
    attachment, admin = keep(), UserFactory(role="admin", password=None)

    with pytest.raises(RuleViolation) as refusal:
        if act == "upload":
            keep(by=admin)
        else:
            files.withdraw_file(attachment=attachment, reason="x", by=admin)

    expected = {"upload": "attachment_upload_not_allowed", "correct": "attachment_correction_not_allowed"}
    assert refusal.value.code == expected[act]


def test_file_of_a_visit_comes_back_to_the_visit_with_all_its_bytes(client, visit):
    sign_in(client, "vet")
    content = picture("JPEG")

    response = client.post(
        f"/pets/{visit.pet_id}/files/add/", form(visit=visit.pk, file=upload(content, "../../x\u202ez.png"))
    )

    attachment = Attachment.objects.get()
    assert response.headers["Location"] == f"/visits/{visit.pk}/#files"
    assert (attachment.appointment, attachment.name, attachment.content_type) == (visit, "xz.jpg", "image/jpeg")
    assert files.storage().open(attachment.storage_key).read() == content


@pytest.mark.parametrize("text", ["-1", "0", "99999999999999999999", "x", "２", "<b>"])
def test_visit_that_does_not_exist_is_not_found(client, text):
    pet = PetFactory()
    sign_in(client, "vet")

    assert client.post(f"/pets/{pet.pk}/files/add/", form(visit=text)).status_code == 404


def test_visit_of_another_animal_is_not_found(client, visit):
    pet = PetFactory()
    sign_in(client, "vet")

    assert client.post(f"/pets/{pet.pk}/files/add/", form(visit=visit.pk)).status_code == 404


def test_form_sent_twice_keeps_one_file(client, folder):
    pet, sent = PetFactory(), form()
    sign_in(client, "vet")

    codes = [client.post(f"/pets/{pet.pk}/files/add/", sent | {"file": upload()}).status_code for _twice in range(2)]

    assert codes == [302, 302]
    assert Attachment.objects.count() == 1
    assert len(stored(folder)) == 2  # the picture and the small one


def test_other_file_in_a_form_that_was_sent_before_is_refused_and_not_kept(client, folder):
    pet, sent = PetFactory(), form()
    sign_in(client, "vet")

    files = [upload(), upload(pdf(), "other.pdf")]
    codes = [client.post(f"/pets/{pet.pk}/files/add/", sent | {"file": file}).status_code for file in files]

    assert (codes, Attachment.objects.count(), len(stored(folder))) == ([302, 422], 1, 2)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"file": upload(b"<svg><script>alert(1)</script></svg>", "a.png")}, "Only pictures (JPEG, PNG, WebP) and PDF"),
        ({"file": upload(pdf()[:-200], "a.pdf")}, "This PDF is damaged"),
        ({"file": ""}, "Choose a file."),
        ({"kind": "selfie"}, "Select a valid choice"),
        ({"note": "x" * 201}, "at most 200 characters"),
        ({"note": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_bad_input_is_told_by_its_field_and_keeps_nothing(client, folder, changes, sentence):
    pet = PetFactory()
    sign_in(client, "vet")

    response = client.post(f"/pets/{pet.pk}/files/add/", form() | changes, headers={"Accept-Language": "en"})

    assert response.status_code == 422
    assert sentence in response.text
    assert (Attachment.objects.count(), stored(folder)) == (0, [])


def test_empty_file_is_refused(client):
    pet = PetFactory()
    sign_in(client, "vet")
    empty = upload(name="a.png")
    empty.file.truncate(0)

    response = client.post(f"/pets/{pet.pk}/files/add/", form(file=empty), headers={"Accept-Language": "en"})

    assert response.status_code == 422
    assert "This file is empty." in response.text


def test_file_over_the_limit_is_refused_and_keeps_what_was_typed(client, settings, folder):
    settings.ATTACHMENT_MAX_BYTES = 100_000
    pet = PetFactory()
    sign_in(client, "vet")

    response = client.post(
        f"/pets/{pet.pk}/files/add/", form(file=upload(b"x" * 100_001)), headers={"Accept-Language": "en"}
    )

    assert response.status_code == 422
    assert "This file is larger than 97.7\u00a0KB" in response.text
    assert 'value="left paw"' in response.text
    assert stored(folder) == []


def test_storage_that_takes_nothing_is_told_and_leaves_nothing(client, settings, tmp_path):
    (tmp_path / "plain").write_text("a file where the folder should be")
    settings.STORAGES = settings.STORAGES | {"attachments": storage_of("", str(tmp_path / "plain"))}
    pet = PetFactory()
    sign_in(client, "vet")

    response = client.post(f"/pets/{pet.pk}/files/add/", form(), headers={"Accept-Language": "en"})

    assert response.status_code == 503
    assert "is full or does not answer" in response.text
    assert 'value="left paw"' in response.text
    assert Attachment.objects.count() == 0


# -- Seeing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "code"), SEES)
def test_file_is_served_by_role(client, role, code):
    attachment = keep()
    sign_in(client, role)

    assert client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/").status_code == code


def test_picture_is_served_so_that_nothing_in_it_runs(client):
    content = picture("PNG") + b"<script>alert(1)</script>"
    attachment = keep(upload=upload(content, "скан.html"))
    sign_in(client, "vet")

    response = client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/")

    assert response.getvalue() == content
    assert {name: response.headers[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response.headers["Content-Disposition"] == ("inline; filename*=utf-8''%D1%81%D0%BA%D0%B0%D0%BD.html.png")


@pytest.mark.parametrize("rest", ["", "small/", "move/", "withdraw/"])
def test_file_under_another_animal_is_not_found(client, rest):
    attachment, other = keep(), PetFactory()
    sign_in(client, "vet")

    assert client.get(f"/pets/{other.pk}/files/{attachment.pk}/{rest}").status_code == 404


def test_file_that_is_gone_from_the_storage_is_not_found(client):
    attachment = keep()
    files.storage().delete(attachment.storage_key)
    sign_in(client, "vet")

    assert client.get(f"/pets/{attachment.pet_id}/files/{attachment.pk}/").status_code == 404


def test_storage_has_no_address():
    with pytest.raises(ValueError, match="no address of their own"):
        storages["attachments"].url("00/x")


@pytest.mark.parametrize(("role", "shown"), [("vet", True), ("manager", True), ("reception", False)])
def test_animal_page_lists_files_by_role(client, role, shown):
    attachment = keep()
    sign_in(client, role)

    response = client.get(f"/pets/{attachment.pet_id}/")

    assert ("scan.png" in response.text) == shown


def test_visit_page_lists_the_files_of_the_visit_only(client, visit):
    keep(visit.pet, appointment=visit, upload=upload(name="of-visit.png"))
    keep(visit.pet, upload=upload(name="of-animal.png"))
    sign_in(client, "vet")

    response = client.get(f"/visits/{visit.pk}/")

    assert "of-visit.png" in response.text
    assert "of-animal.png" not in response.text


# -- Moving and withdrawing ---------------------------------------------------------------------------------


def test_file_moves_to_another_animal_and_both_pages_tell_it(client, visit):
    attachment, other = keep(visit.pet, appointment=visit), PetFactory()
    vet = sign_in(client, "manager")
    address = f"/pets/{visit.pet_id}/files/{attachment.pk}/move/"

    response = client.post(address, {"pet": other.pk, "reason": "wrong cat", "was": visit.pet_id})

    attachment.refresh_from_db()
    move = AttachmentMove.objects.get()
    assert response.headers["Location"] == f"/pets/{other.pk}/#files"
    assert (attachment.pet, attachment.appointment) == (other, None)
    assert (move.from_pet, move.from_appointment, move.to_pet, move.moved_by) == (visit.pet, visit, other, vet)
    assert ["wrong cat" in client.get(f"/pets/{pk}/").text for pk in (visit.pet_id, other.pk)] == [True, True]


@pytest.mark.parametrize(
    "changes", [{"pet": ""}, {"pet": "999999999"}, {"reason": ""}, {"reason": "x" * 201}, {"was": "x"}]
)
def test_move_without_animal_or_reason_is_refused(client, changes):
    attachment, other = keep(), PetFactory()
    sign_in(client, "vet")
    typed = {"pet": other.pk, "reason": "wrong cat", "was": attachment.pet_id} | changes

    response = client.post(f"/pets/{attachment.pet_id}/files/{attachment.pk}/move/", typed)

    assert response.status_code == 422
    assert AttachmentMove.objects.count() == 0


def test_file_moved_meanwhile_is_not_moved_again():
    attachment, second, third = keep(), PetFactory(), PetFactory()
    vet, was = UserFactory(role="vet", password=None), attachment.pet_id
    files.move_file(attachment=attachment, to=second, reason="x", was=was, by=vet)

    with pytest.raises(RuleViolation) as refusal:
        files.move_file(attachment=attachment, to=third, reason="x", was=was, by=vet)

    assert refusal.value.code == "attachment_moved_meanwhile"


def test_withdrawn_file_is_not_moved():
    attachment, vet = keep(), UserFactory(role="vet", password=None)
    files.withdraw_file(attachment=attachment, reason="x", by=vet)

    with pytest.raises(RuleViolation) as refusal:
        files.move_file(attachment=attachment, to=PetFactory(), reason="x", was=attachment.pet_id, by=vet)

    assert refusal.value.code == "attachment_withdrawn"


def test_withdrawn_file_is_not_served_but_its_reason_stays(client, folder):
    attachment = keep()
    sign_in(client, "vet")
    address = f"/pets/{attachment.pet_id}/files/{attachment.pk}/"

    client.post(f"{address}withdraw/", {"reason": "blurred"})

    assert client.get(address).status_code == 404
    assert "blurred" in client.get(f"/pets/{attachment.pet_id}/").text
    assert len(stored(folder)) == 2


# -- Table and storage --------------------------------------------------------------------------------------


def test_check_finds_every_file_whole(capsys):
    keep()

    call_command("check_attachments")

    assert capsys.readouterr().out == "Every file is there and unchanged; 0 without a row.\n"


def test_check_names_what_no_row_names(folder, capsys):
    keep()
    (folder / "00").mkdir(exist_ok=True)
    (folder / "00" / "left").write_bytes(b"x")

    call_command("check_attachments")

    assert "orphan 00/left\n" in capsys.readouterr().out


@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_check_fails_for_a_file_that_is_not_as_it_was(folder, capsys, fault):
    attachment = keep()
    path = folder / attachment.storage_key
    path.write_bytes(b"x") if fault == "changed" else path.unlink()

    with pytest.raises(CommandError, match="1 files are missing or changed"):
        call_command("check_attachments")

    assert capsys.readouterr().out.startswith(f"{fault} {attachment.storage_key}")


def test_refused_row_leaves_no_file(folder, visit):
    with pytest.raises(RuleViolation):
        keep(PetFactory(), appointment=visit)

    assert stored(folder) == []
