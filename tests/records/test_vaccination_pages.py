"""Doses on the visit's page, on the animal's, in the certificate and in Django admin: who notes what, bad input."""

import datetime as dt
import io
import subprocess
import uuid

import pytest
from django.utils import timezone
from pypdf import PdfReader

from clinic.models.service import ServiceCategory
from records.actions import add_treatment, sign_record, start_visit
from records.models import MedicalRecord, RecordDraft, Treatment, Vaccination, VaccineKind
from records.vaccinating import give_dose
from tests.factories import (
    AppointmentFactory,
    PetFactory,
    ServiceFactory,
    UserFactory,
    VaccinationFactory,
    VaccineKindFactory,
)

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "", "diagnosis": "healthy", "prescription": "", "notes": "", "version": 1}
KINDS = "/admin/records/vaccinekind/"
BAD_DAYS = ("9999-12-31", "0001-01-01", "2026-02-30", "-1", "завтра", "<b>", "1" * 500)


@pytest.fixture
def visit():
    visit = AppointmentFactory(pet__birth_date=dt.date(2020, 1, 1))
    start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


def typed(kind, **changes) -> dict:
    """The visit's form with a dose in it, as the browser sends it."""
    dose = {"kind": kind.pk, "batch": "", "valid_until": "", "treatment": "", "request_key": str(uuid.uuid4())}
    return TEXT | {f"dose-{name}": value for name, value in (dose | changes).items()}


def earlier(kind, batch="") -> dict:
    key = str(uuid.uuid4())
    return {"kind": kind.pk, "given_on": "2024-02-29", "valid_until": "", "batch": batch, "request_key": key}


def doses() -> list[dict]:
    names = ("pet", "kind", "appointment", "vet", "treatment", "given_on", "valid_until", "batch", "noted_by")
    return list(Vaccination.objects.order_by("id").values(*names))


# -- At a visit ---------------------------------------------------------------------------------------------


def test_dose_is_noted_with_the_text_of_the_visit(vet_client, visit):
    kind, today = VaccineKindFactory(), timezone.localdate(timezone=visit.vet.zone)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(kind, batch="A-17") | {"at": "vaccinations"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/visits/{visit.pk}/#vaccinations")
    assert MedicalRecord.objects.get().diagnosis == "healthy"
    assert doses() == [
        {
            "pet": visit.pet_id, "kind": kind.pk, "appointment": visit.pk, "vet": visit.vet_id, "treatment": None,
            "given_on": today, "valid_until": kind.valid_until(today), "batch": "A-17", "noted_by": visit.vet.user_id,
        }
    ]  # fmt: skip


@pytest.mark.parametrize("rest", ["", "treatments/", "finish/"])
def test_dose_that_was_typed_is_noted_by_every_button(vet_client, visit, rest):
    service = ServiceFactory()
    treatment = {"service": service.pk, "quantity": "1", "request_key": str(uuid.uuid4())}

    answer = vet_client.post(f"/visits/{visit.pk}/{rest}", typed(VaccineKindFactory()) | treatment)

    assert (answer.status_code, len(doses())) == (302, 1)


def test_form_sent_twice_notes_one_dose(vet_client, visit):
    form = typed(VaccineKindFactory())

    codes = [
        vet_client.post(f"/visits/{visit.pk}/", form).status_code,
        vet_client.post(f"/visits/{visit.pk}/", form | {"version": 2}).status_code,
    ]

    assert (codes, len(doses())) == ([302, 302], 1)


def test_dose_is_billed_as_a_vaccination_of_the_visit_until_that_is_removed(vet_client, visit):
    service = ServiceFactory(category=ServiceCategory.VACCINE)
    treatment = add_treatment(appointment=visit, service=service, by=visit.vet.user)
    vet_client.post(f"/visits/{visit.pk}/", typed(VaccineKindFactory(), treatment=treatment.pk))
    billed = doses()[0]["treatment"]

    answer = vet_client.post(f"/visits/{visit.pk}/treatments/{treatment.pk}/remove/", TEXT | {"version": 2})

    assert (billed, answer.status_code, doses()[0]["treatment"]) == (treatment.pk, 302, None)


def bad_doses(kind) -> list[dict]:
    others = VaccineKindFactory(species="dog"), VaccineKindFactory(is_active=False)
    treatment = add_treatment_elsewhere()
    return [
        *({"kind": value} for value in (-1, 10**9, "x", "1" * 500, "🐈", *(each.pk for each in others))),
        *({"valid_until": day} for day in (*BAD_DAYS, timezone.localdate().isoformat())),
        *({"batch": batch} for batch in ("x" * 41,)),
        *({"treatment": value} for value in (treatment.pk, -1, "x")),
        *({"request_key": key} for key in ("", "x")),
    ]


def add_treatment_elsewhere() -> Treatment:
    other = AppointmentFactory()
    start_visit(appointment=other, by=other.vet.user)
    service = ServiceFactory(category=ServiceCategory.VACCINE)
    return add_treatment(appointment=other, service=service, by=other.vet.user)


def test_dose_typed_wrong_is_told_and_nothing_typed_is_lost(vet_client, visit):
    kind = VaccineKindFactory()

    for bad in bad_doses(kind):
        form = typed(kind, batch="ПАРТИЯ <b>") | {f"dose-{name}": value for name, value in bad.items()}
        answer = vet_client.post(
            f"/visits/{visit.pk}/", form | {"version": MedicalRecord.objects.get(appointment=visit).version}
        )

        page = answer.content.decode()
        assert (bad, answer.status_code) == (bad, 422)
        assert "batch" in bad or 'value="ПАРТИЯ &lt;b&gt;"' in page
        assert "healthy" in page
    assert doses() == []


def test_same_vaccine_twice_a_day_is_refused(vet_client, visit):
    kind = VaccineKindFactory()
    give_dose(appointment=visit, kind=kind, by=visit.vet.user)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(kind))

    assert answer.status_code == 422
    assert "This dose is noted already: the same vaccine, the same day." in answer.content.decode()
    assert len(doses()) == 1


def test_dose_is_taken_back_while_the_visit_goes_on(vet_client, visit):
    dose = give_dose(appointment=visit, kind=VaccineKindFactory(), by=visit.vet.user)
    address = f"/visits/{visit.pk}/vaccinations/{dose.pk}/remove/"

    codes = [vet_client.post(address, TEXT | {"version": version}).status_code for version in (1, 2)]

    assert (codes, doses()) == ([302, 302], [])


def test_dose_of_a_signed_visit_stays(vet_client, visit):
    dose = give_dose(appointment=visit, kind=VaccineKindFactory(), by=visit.vet.user)
    sign_record(record=MedicalRecord.objects.get(), by=visit.vet.user)
    before = doses()

    answers = [
        vet_client.post(f"/visits/{visit.pk}/vaccinations/{dose.pk}/remove/", TEXT),
        vet_client.post(f"/visits/{visit.pk}/", typed(VaccineKindFactory())),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("signed" in answer.content.decode() for answer in answers)
    assert doses() == before


def test_dose_in_the_visit_of_another_vet_is_not_there_for_a_writer(client, visit):
    other = AppointmentFactory(vet__branch=visit.vet.branch)
    client.force_login(other.vet.user)

    answer = client.post(f"/visits/{visit.pk}/", typed(VaccineKindFactory()))

    assert (answer.status_code, doses()) == (404, [])


def test_dose_being_typed_is_kept_in_the_draft_and_comes_back(vet_client, visit):
    form = typed(VaccineKindFactory(name="rabies"), batch="B-9") | {"window": str(uuid.uuid4())}

    vet_client.post(f"/visits/{visit.pk}/draft/", form)
    page = vet_client.get(f"/visits/{visit.pk}/").content.decode()

    assert "dose-request_key" not in RecordDraft.objects.get().fields
    assert 'value="B-9"' in page
    assert "selected>rabies</option>" in page


def test_visit_shows_the_last_dose_of_each_kind_and_what_a_dose_of_today_presets(vet_client, visit):
    kind, today = VaccineKindFactory(name="rabies"), timezone.localdate(timezone=visit.vet.zone)
    VaccinationFactory(pet=visit.pet, kind=kind, given_on=dt.date(2021, 1, 1), batch="OLD")
    VaccinationFactory(pet=visit.pet, kind=kind, given_on=dt.date(2022, 1, 1), batch="LAST")

    page = vet_client.get(f"/visits/{visit.pk}/").content.decode()

    assert f'data-until="{kind.valid_until(today)}"' in page
    assert ("LAST" in page, "OLD" in page, page.count("overdue since")) == (True, False, 1)


# -- Given elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["reception", "vet", "manager"])
def test_dose_given_elsewhere_is_noted_by_who_edits_animals(client, role):
    pet, kind, person = PetFactory(), VaccineKindFactory(), UserFactory(role=role)
    client.force_login(person)

    answer = client.post(f"/pets/{pet.pk}/vaccinations/", earlier(kind, batch="K7"))

    assert answer.status_code == 302
    assert doses() == [
        {
            "pet": pet.pk, "kind": kind.pk, "appointment": None, "vet": None, "treatment": None, "batch": "K7",
            "given_on": dt.date(2024, 2, 29), "valid_until": dt.date(2025, 2, 28), "noted_by": person.pk,
        }
    ]  # fmt: skip
    page = client.get(f"/pets/{pet.pk}/")
    assert page.context["doses"][0].is_elsewhere
    assert [each.kind for each in page.context["history"].entries] == ["dose"]


def test_history_of_vaccinations_has_those_of_visits_and_those_given_elsewhere(client, visit):
    give_dose(appointment=visit, kind=VaccineKindFactory(name="rabies <b>"), batch="Q1", by=visit.vet.user)
    VaccinationFactory(pet=visit.pet, kind__name="parvo", given_on=dt.date(2024, 1, 1))
    VaccinationFactory(given_on=dt.date(2024, 1, 1))
    client.force_login(UserFactory())

    shown = {
        query: [
            entry.title
            for entry in client.get(f"/pets/{visit.pet_id}/{query}").context["history"].entries
            if entry.title
        ]
        for query in ("?kind=dose", "?kind=dose&q=q1", "?kind=file")
    }

    assert shown == {"?kind=dose": ["rabies <b>", "parvo"], "?kind=dose&q=q1": ["rabies <b>"], "?kind=file": []}
    page = client.get(f"/pets/{visit.pet_id}/?kind=dose").content.decode()
    assert "rabies &lt;b&gt;</a>" in page


def test_earlier_dose_sent_twice_is_noted_once(client):
    pet, form = PetFactory(), earlier(VaccineKindFactory())
    client.force_login(UserFactory())

    codes = [client.post(f"/pets/{pet.pk}/vaccinations/", form).status_code for _time in range(2)]

    assert (codes, len(doses())) == ([302, 302], 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given_on": "2019-12-31"}, "The animal did not live on this day."),
        ({"given_on": "2024-06-02"}, "The animal did not live on this day."),
        ({"given_on": "2099-01-01"}, "This day is yet to come."),
        ({"valid_until": "2024-02-29"}, "A dose is valid until a day after"),
        *(({"given_on": day}, "") for day in ("", *BAD_DAYS)),
        ({"kind": ""}, "This field is required."),
        ({"kind": "-1"}, ""),
        ({"batch": "x" * 41}, ""),
    ],
)
def test_earlier_dose_of_an_impossible_day_is_refused(client, changes, said):
    pet = PetFactory(birth_date=dt.date(2020, 1, 1), deceased_at=dt.date(2024, 6, 1))
    client.force_login(UserFactory())

    answer = client.post(f"/pets/{pet.pk}/vaccinations/", earlier(VaccineKindFactory()) | changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert doses() == []


def test_mistyped_earlier_dose_is_taken_back(client):
    dose = VaccinationFactory()
    client.force_login(UserFactory())
    address = f"/pets/{dose.pet_id}/vaccinations/{dose.pk}/remove/"

    codes = [client.post(address).status_code for _click in range(2)]

    assert (codes, doses()) == ([302, 302], [])


def test_dose_of_another_animal_is_not_taken_back(client):
    dose, other = VaccinationFactory(), PetFactory()
    client.force_login(UserFactory())

    client.post(f"/pets/{other.pk}/vaccinations/{dose.pk}/remove/")

    assert len(doses()) == 1


def test_dose_of_a_visit_is_not_taken_back_on_the_animals_page(client, visit):
    dose = give_dose(appointment=visit, kind=VaccineKindFactory(), by=visit.vet.user)
    client.force_login(UserFactory())

    answer = client.post(f"/pets/{visit.pet_id}/vaccinations/{dose.pk}/remove/", follow=True)

    assert "This dose belongs to a visit: it is changed there." in answer.content.decode()
    assert len(doses()) == 1


# -- The certificate ----------------------------------------------------------------------------------------


def words(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("role", ["reception", "vet", "manager"])
def test_certificate_reads_back_as_the_rows(client, visit, settings, role):
    settings.CLINIC_NAME = "Клиника «Лапа»"
    owner, pet = visit.pet.pet_owner, visit.pet
    owner.last_name, owner.first_name, owner.language = "Ёлкина", "Анна", "ru"
    owner.save()
    pet.name, pet.breed, pet.color = "Ёжик <b>", "сиамская", "рыжий"
    pet.microchip, pet.is_neutered = "643094100123456", True
    pet.save()
    given = give_dose(appointment=visit, kind=VaccineKindFactory(name="Бешенство"), batch="А-1/7", by=visit.vet.user)
    rows = [
        VaccinationFactory(pet=pet, kind__name=f"Вакцина {n}", given_on=dt.date(2021, 1, n), batch=f"ПАРТИЯ-{n}")
        for n in range(1, 29)
    ]
    client.force_login(UserFactory(role=role))

    answer = client.get(f"/pets/{pet.pk}/vaccinations.pdf")

    by_pypdf = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(answer.content)).pages)
    by_poppler = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True
    )
    lines = [words(line) for line in by_poppler.stdout.decode().splitlines()]
    for row in rows:
        line = f"{row.given_on:%d.%m.%Y}{row.kind}{row.batch}{row.valid_until:%d.%m.%Y}"
        assert [each.startswith(words(line)) for each in lines].count(True) == 1
    line = f"{given.given_on:%d.%m.%Y}БешенствоА-1/7{given.valid_until:%d.%m.%Y}{visit.vet}"
    assert words(line) in lines
    expected = [
        "Ёжик <b>",
        "сиамская",
        "рыжий",
        "643094100123456",
        "кастрировано",
        "01.01.2020",
        "Ёлкина Анна",
        "Клиника «Лапа»",
    ]
    assert [each for each in expected if words(each) not in words(by_pypdf)] == []


def test_certificate_of_an_animal_without_doses_says_so(client):
    client.force_login(UserFactory())

    answer = client.get(f"/pets/{PetFactory(pet_owner=None).pk}/vaccinations.pdf")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")


# -- Kinds, in Django admin ---------------------------------------------------------------------------------


def test_kind_is_added_and_taken_out_of_use_by_an_administrator(client):
    client.force_login(UserFactory(role="admin"))
    form = {"name": "Rabies", "species": "", "every": "12", "unit": "month", "is_active": "on"}

    added = client.post(f"{KINDS}add/", form)
    changed = client.post(f"{KINDS}{VaccineKind.objects.get().pk}/change/", form | {"is_active": "", "every": "36"})

    kind = VaccineKind.objects.get()
    assert (added.status_code, changed.status_code) == (302, 302)
    assert (kind.name, kind.every, kind.is_active) == ("Rabies", 36, False)


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "x" * 61}, {"name": "Taken"}, {"unit": "year"}, {"species": "goat"}]
    + [{"every": every} for every in ("", "0", "-1", "3661", "1000000000", "x")],
    ids=str,
)
def test_bad_kind_is_told_and_not_stored(client, changes):
    VaccineKindFactory(name="Taken")
    client.force_login(UserFactory(role="admin"))
    form = {"name": "Rabies", "species": "", "every": "12", "unit": "month", "is_active": "on"} | changes

    answer = client.post(f"{KINDS}add/", form)

    assert answer.status_code == 200
    assert "errornote" in answer.content.decode()
    assert VaccineKind.objects.count() == 1


@pytest.mark.parametrize("role", ["reception", "vet", "manager"])
def test_kinds_are_edited_by_nobody_else(client, role):
    client.force_login(UserFactory(role=role))

    assert client.get(KINDS).status_code == 302
