"""Papers for owners: what was written can be read back from them, private notes cannot; who may print what."""

import datetime as dt
import io
import subprocess
import time
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from clinic.enums import AppointmentStatus as S
from clinic.models import Appointment, PetOwner
from records.actions import add_treatment, save_record, sign_record, start_visit
from records.addenda import append_addendum
from records.drawing import drawn_history
from records.models import MedicalRecord, Vaccination
from records.papers import papers_of, sheet_of, visits_of
from records.vaccinating import give_dose
from tests.billing.bills import past_triggers
from tests.factories import (
    AppointmentFactory,
    MeasurementFactory,
    PetFactory,
    ServiceFactory,
    UserFactory,
    VaccinationFactory,
    VaccineKindFactory,
    VetFactory,
)
from vetclinic.refusals import RuleViolation
from vetclinic.ui import pdf as drawing
from vetclinic.ui.pdf import joined, pdf

pytestmark = pytest.mark.django_db
SECRET = "Скандалист, не грубить"
WRITTEN = {
    "complaint": "Кашляет третий день",
    "diagnosis": "Острый бронхит, лёгкая форма",
    "prescription": "Амоксициллин 50 мг 2 раза в день",
    "notes": SECRET,
}
PAPERS = ("/visits/{visit.pk}/discharge.pdf", "/visits/{visit.pk}/visit.pdf", "/pets/{visit.pet_id}/history.pdf")
LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБЖЁЯabcxyzABCXYZ0123456789<>&\"'/=;:.,!?()%«»—№€₽{}#"


def written_visit(*, signed=True, texts=WRITTEN, **details):
    """A visit with a record and a treatment."""
    visit = AppointmentFactory(**details)
    vet = visit.vet.user
    record = start_visit(appointment=visit, by=vet)
    record = save_record(record=record, version=record.version, **texts, by=vet)
    add_treatment(appointment=visit, service=ServiceFactory(name="Рентген"), by=vet)
    if signed:
        sign_record(record=record, by=vet)
    return visit


def text_of(content: bytes) -> str:
    return "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages)


def text_by_poppler(content: bytes) -> str:
    """pypdf misreads a page on which an empty box stands for a sign that no font of the machine has."""
    return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def packed(text: str) -> str:
    """Without the white space, which a page breaks as it needs."""
    return "".join(text.split())


def sign_in(client, role):
    client.force_login(UserFactory(role=role))
    return client


@pytest.mark.parametrize("address", PAPERS)
def test_paper_reads_back_as_the_record_without_private_notes(client, address):
    visit = written_visit(pet__name="Ёжик")

    answer = sign_in(client, "manager").get(address.format(visit=visit))

    text = packed(text_of(answer.content))
    expected = ["Ёжик", WRITTEN["diagnosis"], WRITTEN["prescription"], "Рентген", str(visit.vet)]
    assert [each for each in expected if packed(each) not in text] == []
    assert packed(SECRET) not in text
    assert answer.headers["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(("address", "counts"), list(zip(PAPERS, ([1, 1, 0], [1, 1, 0], [2, 1, 1]), strict=True)))
def test_paper_shows_what_was_measured_at_its_visit_as_the_owner_reads_numbers(client, address, counts):
    """A history has all weights once more at its end, also those without a visit."""
    visit = written_visit(signed=False, pet__pet_owner__language="ru")
    for kind, value, unit in (("temperature", "38.5", "°C"), ("weight", "4.2", "kg")):
        MeasurementFactory(appointment=visit, kind=kind, value=Decimal(value), unit=unit)
    MeasurementFactory(pet=visit.pet, value=Decimal("7.7"))

    text = packed(text_of(sign_in(client, "manager").get(address.format(visit=visit)).content))

    assert [text.count(number) for number in ("4,2", "38,5°C", "7,7")] == counts
    assert text.index("4,2") < text.index("38,5")


@pytest.mark.parametrize("address", PAPERS)
def test_paper_shows_the_doses_of_its_visit(client, address):
    visit = written_visit(signed=False, pet__pet_owner__language="ru")
    give_dose(appointment=visit, kind=VaccineKindFactory(name="Бешенство"), batch="A12", by=visit.vet.user)
    ends = Vaccination.objects.get().valid_until

    text = packed(text_of(sign_in(client, "manager").get(address.format(visit=visit)).content))

    assert f"Бешенство,серияA12,до{ends:%d.%m.%Y}" in text


@pytest.mark.parametrize("address", PAPERS[:2])
def test_paper_of_a_visit_has_no_dose_of_another_day(client, address):
    visit = written_visit()
    VaccinationFactory(pet=visit.pet, kind=VaccineKindFactory(name="Чумка"))

    assert "Чумка" not in text_of(sign_in(client, "manager").get(address.format(visit=visit)).content)


def test_history_ends_with_every_dose_and_every_weight(client):
    visit = written_visit(pet__pet_owner__language="en")
    dose = VaccinationFactory(pet=visit.pet, kind=VaccineKindFactory(name="Distemper"), batch="B7")
    weighed = timezone.now() - dt.timedelta(days=40)
    MeasurementFactory(pet=visit.pet, value=Decimal("7.75"), taken_at=weighed)
    MeasurementFactory(value=Decimal("99"))

    text = text_of(sign_in(client, "vet").get(f"/pets/{visit.pet_id}/history.pdf").content)

    there = timezone.localdate(weighed)
    assert text.index("Рентген") < text.index("Distemper") < text.index("7.75")
    assert ("given elsewhere" in text, dose.batch in text, f"{there.day} {there:%b %Y}: 7.75" in text) == (
        True,
        True,
        True,
    )
    assert "99" not in text.partition("Weight, kg")[2]


def test_parts_of_a_long_history_have_its_doses_once():
    pet = long_history(101)
    VaccinationFactory(pet=pet, kind=VaccineKindFactory(name="Distemper"))

    text = text_of(joined(drawn_history(pet, now=timezone.now())))

    assert text.count("Distemper") == 1


@pytest.mark.parametrize("address", PAPERS)
def test_each_page_of_a_paper_says_whose_it_is(client, address):
    long = WRITTEN | {"prescription": "\n".join(f"День {day}: мазь, покой" for day in range(150))}
    visit = written_visit(texts=long, pet__name="Ёжик")

    pages = PdfReader(io.BytesIO(sign_in(client, "vet").get(address.format(visit=visit)).content)).pages

    texts = [page.extract_text() for page in pages]
    assert len(texts) > 2
    assert [text for text in texts if f"Ёжик · {visit.pet.pet_owner}" not in text] == []


@pytest.mark.parametrize("address", PAPERS)
def test_addenda_stand_on_a_paper_with_author_and_time_on_the_branchs_clock(client, address):
    visit = written_visit(vet__branch__time_zone="Asia/Vladivostok", pet__pet_owner__language="en")
    written_visit(pet=visit.pet, date=visit.date - dt.timedelta(days=5))
    addendum = append_addendum(record=visit.medical_record, text="Анализ пришёл: <b>норма</b>", by=visit.vet.user)
    there = addendum.created_at.astimezone(visit.vet.zone)

    text = packed(text_of(sign_in(client, "manager").get(address.format(visit=visit)).content))

    assert text.count(packed(f"Addendum · {visit.vet} · ")) == 1
    assert packed(f"{there:%H:%M} Анализ пришёл: <b>норма</b>") in text


@pytest.mark.parametrize("address", PAPERS)
def test_paper_names_who_signed_the_record(client, address):
    """Of a record from before visits were kept as signed: somebody else is the visit's vet by now."""
    visit = AppointmentFactory(vet__last_name="Booked")
    author = VetFactory(last_name="Signatory")
    MedicalRecord.objects.create(appointment=visit, author=author, signed_at=timezone.now(), **WRITTEN)

    text = text_of(sign_in(client, "manager").get(address.format(visit=visit)).content)

    assert ("Signatory" in text, "Booked" in text) == (True, False)


@pytest.mark.parametrize("address", PAPERS)
def test_fonts_of_a_paper_are_embedded(client, address):
    visit = written_visit()

    content = sign_in(client, "manager").get(address.format(visit=visit)).content

    pages = PdfReader(io.BytesIO(content)).pages
    fonts = [font.get_object() for each in pages for font in each["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert fonts
    assert all("/FontFile2" in each and "Golos" in each["/FontName"] for each in descriptors)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.fixed_dictionaries({name: st.text(LETTERS + " \n", max_size=200) for name in WRITTEN}))
def test_every_typed_word_stands_in_the_paper(texts):
    visit = AppointmentFactory(pet__name="Barsik")
    MedicalRecord.objects.create(appointment=visit, **texts | {"notes": ""})
    sheet = sheet_of(visit, now=timezone.now())

    text = packed(text_of(pdf("print/visit.html", sheet.context, language="ru")))

    typed = [texts[name] for name in ("complaint", "diagnosis", "prescription")]
    assert [words for words in typed if packed(words) not in text] == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_any_script_and_emoji_make_a_paper(typed):
    visit = AppointmentFactory(pet__name="Barsik")
    MedicalRecord.objects.create(appointment=visit, diagnosis=f"до {typed} после")
    sheet = sheet_of(visit, now=timezone.now())

    text = text_by_poppler(pdf("print/discharge.html", sheet.context, language="ru"))

    assert ("Barsik" in text, "до" in text, "после" in text) == (True, True, True)


@pytest.mark.parametrize("typed", ["🐈", "😀🐶", "漢字", "עברית", "\u202eабв", "ё\u0301"])
def test_words_beside_what_the_font_lacks_stay(typed):
    visit = AppointmentFactory()
    MedicalRecord.objects.create(appointment=visit, diagnosis=f"Кот {typed}\nздоров")
    sheet = sheet_of(visit, now=timezone.now())

    text = text_by_poppler(pdf("print/discharge.html", sheet.context, language="ru"))

    assert ("Кот" in text, "здоров" in text) == (True, True)


@pytest.mark.parametrize(("language", "month"), [("ru", "марта"), ("en", "March")])
@pytest.mark.parametrize("address", PAPERS)
def test_paper_is_in_the_owners_language_whoever_prints_it(client, address, language, month):
    date = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
    visit = AppointmentFactory(pet__pet_owner__language=language, date=date)
    MedicalRecord.objects.create(appointment=visit, **WRITTEN)

    answer = sign_in(client, "manager").get(address.format(visit=visit), headers={"Accept-Language": "en"})

    reader = PdfReader(io.BytesIO(answer.content))
    assert month in text_of(answer.content)
    assert reader.root_object["/Lang"] == language


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("address", PAPERS)
def test_draft_says_that_it_is_not_signed(client, address, signed):
    visit = written_visit(signed=signed, pet__pet_owner__language="en")

    text = text_of(sign_in(client, "manager").get(address.format(visit=visit)).content)

    assert ("Draft, not signed" in text) == (not signed)


def test_discharge_sheet_names_the_next_booked_visit_on_its_branchs_clock(client):
    visit = written_visit(pet__pet_owner__language="en")
    later = (timezone.now() + dt.timedelta(days=3)).replace(hour=22, minute=15, second=0, microsecond=0)
    other = VetFactory(branch__time_zone="Asia/Vladivostok", last_name="Vetrova")
    AppointmentFactory(pet=visit.pet, vet=other, date=later)

    text = text_of(sign_in(client, "reception").get(f"/visits/{visit.pk}/discharge.pdf").content)

    starts = later.astimezone(other.zone)
    assert packed(f"{starts:%A}, {starts.day} {starts:%B}, 08:15 · Vetrova") in packed(text)


def test_discharge_sheet_names_a_next_visit_that_is_squeezed_in():
    visit = written_visit()
    squeezed = {"squeezed_in": True, "squeezed_in_reason": "bleeds"}
    coming = AppointmentFactory(pet=visit.pet, vet=visit.vet, date=visit.date + dt.timedelta(days=7), **squeezed)

    assert sheet_of(visit, now=visit.date).coming == coming


@pytest.mark.parametrize(
    "state", [S.ARRIVED, S.IN_PROGRESS, S.COMPLETED, S.CANCELLED, S.NO_SHOW], ids=lambda state: state.name.lower()
)
def test_discharge_sheet_names_no_visit_to_which_nobody_is_to_come(state):
    """One may be over before its hour: who comes early is seen early."""
    visit = written_visit()
    later = AppointmentFactory(pet=visit.pet, vet=visit.vet, date=visit.ends_at + dt.timedelta(hours=1))
    with past_triggers("appointment") as cursor:
        cursor.execute("UPDATE appointment SET status_id = %s WHERE id = %s", [state, later.pk])

    assert sheet_of(visit, now=visit.date).coming is None


@pytest.mark.parametrize(
    ("role", "codes"),
    [("reception", [200, 403, 403]), ("vet", [200, 200, 200]), ("manager", [200] * 3), ("admin", [403] * 3)],
)
def test_reception_prints_the_discharge_sheet_only(client, role, codes):
    visit = written_visit()
    sign_in(client, role)

    assert [client.get(address.format(visit=visit)).status_code for address in PAPERS] == codes


@pytest.mark.parametrize("address", PAPERS[:2])
def test_visit_without_a_record_has_no_paper(client, address):
    visit = AppointmentFactory()

    assert sign_in(client, "vet").get(address.format(visit=visit)).status_code == 404


def test_history_of_an_animal_without_visits_is_a_paper(client):
    pet = PetFactory(pet_owner=None)

    answer = sign_in(client, "vet").get(f"/pets/{pet.pk}/history.pdf")

    assert (answer.status_code, pet.name in text_of(answer.content)) == (200, True)


def test_history_leaves_out_visits_that_did_not_take_place():
    visit = written_visit()
    later = timezone.now() + dt.timedelta(days=3)
    AppointmentFactory(pet=visit.pet, date=later)

    assert list(visits_of(visit.pet)) == [visit]


def test_history_of_the_animal_is_not_that_of_another():
    visit, other = written_visit(), written_visit()

    assert [paper.visit for paper in papers_of(visits_of(visit.pet))] == [visit]
    assert other.pet_id != visit.pet_id


def long_history(count=500):
    """An animal with many visits, each with a record."""
    pet, vet = PetFactory(), VetFactory()
    start = timezone.now() - dt.timedelta(days=count + 1)
    days = [start + dt.timedelta(days=day) for day in range(count)]
    visits = Appointment.objects.bulk_create(
        Appointment(pet=pet, vet=vet, date=day, ends_at=day + dt.timedelta(minutes=30), reason="осмотр", status_id=5)
        for day in days
    )
    MedicalRecord.objects.bulk_create(
        MedicalRecord(appointment=visit, diagnosis=f"Диагноз№{number}.") for number, visit in enumerate(visits)
    )
    return pet


def test_history_of_five_hundred_visits_is_drawn_in_parts_with_pages_numbered_on(django_assert_max_num_queries):
    pet = long_history()
    began = time.process_time()

    with django_assert_max_num_queries(53):  # 10 parts of five, the visits, the doses and weights
        content = joined(drawn_history(pet, now=timezone.now()))

    reader = PdfReader(io.BytesIO(content))
    texts = [each.extract_text() for each in reader.pages]
    assert [number for number in range(500) if f"Диагноз№{number}." not in packed("".join(texts))] == []
    assert [text.split()[-1] for text in texts] == [str(number) for number in range(1, len(texts) + 1)]
    assert time.process_time() - began < 30


def test_long_history_says_first_how_long_it_is_and_then_how_far(client):
    pet = long_history(101)
    sign_in(client, "vet")

    before = client.get(f"/pets/{pet.pk}/history.pdf")
    made = client.get(f"/pets/{pet.pk}/history.pdf?make=1")
    after = client.get(f"/pets/{pet.pk}/history/progress/")

    assert (before.headers["Content-Type"], "?make=1" in before.content.decode()) == ("text/html; charset=utf-8", True)
    assert made.headers["Content-Disposition"].startswith("attachment")
    assert (after.context["state"].phase, after.context["state"].done) == ("done", 3)


@pytest.mark.parametrize("address", PAPERS)
def test_server_that_cannot_print_says_what_to_do(client, monkeypatch, address):
    visit = written_visit()

    def refuse():
        raise RuleViolation("pdf_not_installed", "Run deploy/print-tools.")

    monkeypatch.setattr(drawing, "_weasyprint", refuse)
    answer = sign_in(client, "vet").get(address.format(visit=visit))

    assert (answer.status_code, "Run deploy/print-tools." in answer.content.decode()) == (501, True)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Ёж", "filename*=utf-8''Discharge%20sheet%2C%20%D0%81%D0%B6%2C%20"),
        ('a"b\r\nX: y', 'filename="Discharge sheet, a_b__X_ y, '),
        ("../../x", 'filename="Discharge sheet, .._.._x, '),
    ],
)
def test_name_of_a_download_carries_any_animals_name(client, name, header):
    visit = written_visit(pet__name=name)

    answer = sign_in(client, "vet").get(f"/visits/{visit.pk}/discharge.pdf", headers={"Accept-Language": "en"})

    assert header in answer.headers["Content-Disposition"]
    assert "X" not in answer.headers


def test_finished_visit_offers_its_papers(client):
    visit = written_visit()
    sheet = f'href="/visits/{visit.pk}/discharge.pdf"'

    page_of_reception = sign_in(client, "reception").get(f"/appointments/{visit.pk}/").content.decode()
    page_of_vet = sign_in(client, "vet").get(f"/visits/{visit.pk}/").content.decode()

    assert (sheet in page_of_reception, sheet in page_of_vet) == (True, True)


def test_language_of_an_owner_is_chosen_on_the_form(client):
    owner = PetFactory().pet_owner
    typed = {"last_name": "A", "first_name": "B", "phone": "+79160000001", "language": "en"}

    codes = [
        sign_in(client, "reception").post(f"/owners/{owner.pk}/edit/", typed | {"language": language}).status_code
        for language in ("xx", "en")
    ]

    assert (codes, PetOwner.objects.get(pk=owner.pk).language) == ([422, 302], "en")
