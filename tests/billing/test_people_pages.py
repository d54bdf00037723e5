"""The pages of an owner and of an animal."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.actions import take_deposit
from billing.models import Invoice
from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records.models import MedicalRecord
from tests.billing.bills import draft, issue, pay
from tests.factories import AppointmentFactory, BranchFactory, OwnerFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
DIAGNOSIS = "Feline idiopathic cystitis"


def past_visit(pet, *, days=30, vet=None):
    """A visit some days ago whose record says DIAGNOSIS."""
    date = timezone.now() - dt.timedelta(days=days)
    visit = AppointmentFactory(pet=pet, vet=vet or VetFactory(), date=date, ends_at=date + dt.timedelta(minutes=30))
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, diagnosis=DIAGNOSIS)
    return visit


def sign_in(client, role):
    client.force_login(UserFactory(role=role))
    return client


@pytest.mark.parametrize(("role", "shown"), [("vet", True), ("manager", True), ("reception", False)])
def test_history_shows_the_diagnosis_to_those_who_see_records(client, role, shown):
    visit = past_visit(PetFactory())

    page = sign_in(client, role).get(f"/pets/{visit.pet_id}/").content.decode()

    assert visit.reason in page
    assert (DIAGNOSIS in page) == shown


def test_history_shows_a_vet_invoices_of_own_visits_only(client):
    pet, vet = PetFactory(), VetFactory()
    mine = issue("100", pet=pet, vet=vet)
    other = issue("100", visit=past_visit(pet))
    client.force_login(vet.user)

    page = client.get(f"/pets/{pet.pk}/").content.decode()

    assert (str(mine) in page, str(other) in page) == (True, False)


def test_history_shows_treatments_and_the_invoice(client):
    invoice = issue("1250.50")

    page = sign_in(client, "reception").get(f"/pets/{invoice.record.appointment.pet_id}/").content.decode()

    assert [text in page for text in (invoice.lines.get().name, str(invoice), "₽1,250.50", "Issued")] == [True] * 4


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("role", ["vet", "reception"])
def test_history_takes_at_most_eight_queries_for_one_and_three(client, django_assert_max_num_queries, role, count):
    pet = PetFactory()
    for days in range(count):
        issue("100", "50", visit=past_visit(pet, days=days + 1))
    sign_in(client, role)

    with django_assert_max_num_queries(8):
        answer = client.get(f"/pets/{pet.pk}/")

    assert len(answer.context["history"].entries) == count


def test_history_of_five_hundred_visits_is_one_page_and_continues_on_a_second(client, django_assert_max_num_queries):
    pet, vet = PetFactory(), VetFactory()
    start = timezone.now() - dt.timedelta(days=600)
    days = [start + dt.timedelta(days=day) for day in range(503)]
    Appointment.objects.bulk_create(
        Appointment(pet=pet, vet=vet, date=day, ends_at=day + dt.timedelta(minutes=30), reason="recheck")
        for day in days
    )
    sign_in(client, "vet")

    with django_assert_max_num_queries(8):
        first = client.get(f"/pets/{pet.pk}/").context["history"]
    second = client.get(f"/pets/{pet.pk}/", {"before": first.older}).context["history"]

    assert (len(first.entries), len(second.entries), second.older) == (500, 3, "")


def test_visits_of_the_same_moment_are_not_lost_between_two_pages(client, monkeypatch):
    monkeypatch.setattr("billing.history.VISITS_SHOWN", 1)
    pet, moment = PetFactory(), timezone.now() - dt.timedelta(days=3)
    times = {"date": moment, "ends_at": moment + dt.timedelta(minutes=30), "status_id": AppointmentStatus.CANCELLED}
    visits = {
        AppointmentFactory(pet=pet, **times).pk,
        AppointmentFactory(pet=pet, date=moment, ends_at=times["ends_at"]).pk,
    }
    sign_in(client, "vet")

    older = client.get(f"/pets/{pet.pk}/").context["history"].older
    monkeypatch.undo()
    rest = client.get(f"/pets/{pet.pk}/", {"before": older}).context["history"]

    assert {each.id for each in rest.entries} == visits


@pytest.mark.parametrize("before", ["zz", "2026-01-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_history_before_something_odd_is_a_page(client, before):
    visit = past_visit(PetFactory())

    answer = sign_in(client, "reception").get(f"/pets/{visit.pet_id}/", {"before": before})

    assert answer.status_code == 200


def test_history_is_on_the_clock_of_the_branch(client):
    vet = VetFactory(branch=BranchFactory(time_zone="Asia/Vladivostok"))
    date = dt.datetime(2025, 12, 31, 15, tzinfo=dt.UTC)
    visit = AppointmentFactory(vet=vet, date=date, ends_at=date + dt.timedelta(minutes=30))

    page = sign_in(client, "reception").get(f"/pets/{visit.pet_id}/").content.decode()

    assert "<h3>2026</h3>" in page


def test_coming_visit_stands_beside_the_history(client):
    later = timezone.now() + dt.timedelta(days=3)
    visit = AppointmentFactory(date=later, ends_at=later + dt.timedelta(minutes=30))

    history = sign_in(client, "reception").get(f"/pets/{visit.pet_id}/").context["history"]

    assert ([each.id for each in history.coming], history.entries) == ([visit.pk], [])


def test_pet_without_owner_and_history_is_shown(client):
    pet = PetFactory(pet_owner=None, species="")

    answer = sign_in(client, "reception").get(f"/pets/{pet.pk}/")

    assert answer.status_code == 200


def test_owner_page_adds_up_what_is_owed(client):
    owner = OwnerFactory()
    invoice = issue("100.00", pet=PetFactory(pet_owner=owner))
    pay(invoice, "30.50")
    draft("999", pet=PetFactory(pet_owner=owner))

    answer = sign_in(client, "reception").get(f"/owners/{owner.pk}/")

    assert answer.context["owed"] == Decimal("69.50")


def test_owner_page_shows_visits_pets_and_the_phone(client):
    later = timezone.now() + dt.timedelta(days=3)
    pet = PetFactory(pet_owner=OwnerFactory(phone="+79161234567"))
    coming = AppointmentFactory(pet=pet, date=later, ends_at=later + dt.timedelta(minutes=30), reason="vaccination")
    past = past_visit(pet)

    answer = sign_in(client, "reception").get(f"/owners/{pet.pet_owner_id}/")

    assert [each["visit"] for each in answer.context["coming"]] == [coming]
    assert [each["visit"] for each in answer.context["past"]] == [past]
    assert 'href="tel:+79161234567"' in answer.content.decode()


def test_visit_that_is_over_before_its_time_is_a_past_one(client):
    """Somebody came early; and a visit in between two others is expected like any."""
    later = timezone.now() + dt.timedelta(hours=1)
    pet = PetFactory()
    times = {"pet": pet, "date": later, "ends_at": later + dt.timedelta(minutes=30)}
    over = AppointmentFactory(status_id=AppointmentStatus.COMPLETED, **times)
    AppointmentFactory(status_id=AppointmentStatus.CANCELLED, **times)
    expected = AppointmentFactory(squeezed_in=True, squeezed_in_reason="bleeds", **times)

    page = sign_in(client, "reception").get(f"/owners/{pet.pet_owner_id}/")

    shown = [[each["visit"] for each in page.context[name]] for name in ("coming", "past")]
    assert shown == [[expected], [over]]


@pytest.mark.parametrize(("query", "shown", "goes_on"), [("", 2, True), ("?all", 3, False)])
def test_owner_page_says_when_there_is_more_and_shows_it(client, monkeypatch, query, shown, goes_on):
    monkeypatch.setattr("billing.views.owner_page.RECENT", 2)
    pet = PetFactory()
    for days in (1, 2, 3):
        issue("100", visit=past_visit(pet, days=days))

    page = sign_in(client, "reception").get(f"/owners/{pet.pet_owner_id}/{query}")

    assert [len(page.context[name]) for name in ("past", "invoices")] == [shown, shown]
    assert ('href="?all"' in page.text) == goes_on


@pytest.mark.parametrize(("query", "shown", "goes_on"), [("", 2, True), ("?all", 3, False)])
def test_owner_page_says_when_the_deposit_had_more_changes_and_shows_them(client, monkeypatch, query, shown, goes_on):
    monkeypatch.setattr("billing.views.owner_page.RECENT", 2)
    owner, reception = OwnerFactory(), UserFactory(role="reception")
    for amount in (1, 2, 3):
        take_deposit(owner=owner, amount=Decimal(amount), method="cash", by=reception)

    page = sign_in(client, "reception").get(f"/owners/{owner.pk}/{query}")

    assert (len(page.context["deposits"]), 'href="?all#deposit"' in page.text) == (shown, goes_on)


def test_owner_page_shows_a_vet_no_invoices_of_others(client):
    invoice = issue("100")

    answer = sign_in(client, "vet").get(f"/owners/{invoice.pet_owner_id}/")

    assert list(answer.context["invoices"]) == []
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_owner_page_takes_the_same_queries_for_one_and_three(client, django_assert_num_queries, count):
    owner = OwnerFactory()
    for _pet in range(count):
        issue("100", visit=past_visit(PetFactory(pet_owner=owner)))
    sign_in(client, "reception")

    with django_assert_num_queries(12):
        client.get(f"/owners/{owner.pk}/")


@pytest.mark.parametrize("pk", ["0", "2147483648", "99999999999", "9" * 30])
@pytest.mark.parametrize("kind", ["pets", "owners"])
def test_page_of_nobody_is_not_found(client, kind, pk):
    assert sign_in(client, "reception").get(f"/{kind}/{pk}/").status_code == 404


def test_admin_sees_neither_pets_nor_owners(client):
    pet = PetFactory()
    sign_in(client, "admin")

    codes = [client.get(url).status_code for url in (f"/pets/{pet.pk}/", f"/owners/{pet.pet_owner_id}/")]

    assert codes == [403, 403]
