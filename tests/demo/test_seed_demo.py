"""Demo data of both languages: whole, lively today, and the same again for the same seed."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from billing.models import CreditNote, Deposit, Invoice, Payment, TillCount
from clinic.actions import book_appointment, register_owner
from clinic.availability import free_slots_of_day
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment, Pet, PetOwner, Service, Veterinarian
from clinic.models.service import OPEN_END
from tests.demo.invariants import INVARIANTS
from tests.factories import OwnerFactory
from vetclinic.access.models import User
from vetclinic.demo.loading import Wish, load
from vetclinic.demo.today import Today

PASSWORD = "whisker-harbour-42"


def seed(**options) -> str:
    out = io.StringIO()
    call_command("seed_demo", **({"password": PASSWORD, "stdout": out} | options))
    return out.getvalue()


def fingerprint() -> list:
    tables = ("pet_owner", "pet", "appointment", "treatment", "invoice", "payment", "credit_note", "deposit", "service")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
        counts = cursor.fetchone()
    owners = PetOwner.objects.order_by("pk").values_list("first_name", "last_name", "phone", "address")
    pets = Pet.objects.order_by("pk").values_list("name", "breed", "gender", "pet_owner_id")
    visits = Appointment.objects.order_by("pk").values_list("pet_id", "vet_id", "reason")
    return [counts, list(owners), list(pets), list(visits)]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.django_db
def test_small_demo_seeded_keeps_every_invariant(settings, language):
    settings.LANGUAGE_CODE = language

    seed()

    broken = {}
    with connection.cursor() as cursor:
        for sentence, question in INVARIANTS.items():
            cursor.execute(question)
            rows = cursor.fetchmany(5)
            if rows:
                broken[sentence] = rows
    assert broken == {}


@pytest.mark.parametrize("hour", [0, 4, 10, 14, 18, 23])
@pytest.mark.django_db
def test_small_demo_at_any_hour_shows_a_lively_board_without_a_future(hour):
    now = timezone.localtime().replace(hour=hour, minute=7)

    load(Wish("small", 1, "en", PASSWORD, now))

    states = set(Appointment.objects.filter(date__date=now.date()).values_list("status", flat=True))
    late = [
        Appointment.objects.filter(**{f"{name}__gt": now}).count()
        for name in ("arrived_at", "started_at", "finished_at")
    ]
    late.append(Invoice.objects.filter(issued_at__gt=now).count())
    expected = {AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED}
    assert (expected | {AppointmentStatus.NO_SHOW} <= states, late) == (True, [0, 0, 0, 0])


@pytest.mark.django_db
def test_small_demo_today_has_invoices_to_pay():
    seed()

    bills = Invoice.objects.filter(record__appointment__date__date=timezone.localdate())

    assert {InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PAID} <= set(
        bills.values_list("status", flat=True)
    )


@pytest.mark.django_db
def test_small_demo_has_each_kind_of_money_in_both_branches():
    seed()

    branches = [model.objects.order_by().values("branch").distinct().count() for model in (Payment, Deposit, TillCount)]
    counts = TillCount.objects.filter(difference=0).count(), TillCount.objects.exclude(difference=0).count()

    assert branches == [2, 2, 2]
    assert (min(counts) > 0, CreditNote.objects.exists()) == (True, True)
    assert Invoice.objects.filter(status=InvoiceStatus.VOID, record__invoices__status=InvoiceStatus.ISSUED).exists()


@pytest.mark.django_db
def test_small_demo_on_coming_days_has_visits_and_free_times():
    seed()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    free = free_slots_of_day(Veterinarian.objects.select_related("branch"), tomorrow, 30, timezone.now())

    booked = Appointment.objects.filter(date__date=tomorrow).count()
    assert (booked > 5, len(free) > 5) == (True, True)


@pytest.mark.django_db
def test_small_demo_seeded_has_the_size_it_says():
    seed()

    counts = [model.objects.count() for model in (Veterinarian, PetOwner, Pet)]

    assert counts == [5, 300, 450]
    assert 2_450 <= Appointment.objects.count() <= 2_500
    assert Service.objects.exclude(valid_to=OPEN_END).count() > 3


@pytest.mark.django_db
def test_work_goes_on_after_seeding_takes_the_next_ids():
    seed()
    reception, vet = User.objects.get(username="reception"), Veterinarian.objects.select_related("branch").first()
    slots = free_slots_of_day([vet], timezone.localdate() + dt.timedelta(days=8), 30, timezone.now())
    slot = (slots or free_slots_of_day([vet], timezone.localdate() + dt.timedelta(days=9), 30, timezone.now()))[0]

    owner = register_owner(first_name="Anna", last_name="Lane", phone="+79160000000", by=reception)
    visit = book_appointment(
        vet=vet,
        pet=Pet.objects.filter(deceased_at=None).first(),
        start=slot.start,
        minutes=30,
        reason="x",
        by=reception,
    )

    assert (owner.pk, visit.pk > 2_400) == (301, True)


@pytest.mark.django_db
def test_same_seed_twice_makes_the_same_clinic():
    now = timezone.now()
    seen = []

    for number in (7, 7, 8):
        with transaction.atomic():
            load(Wish("small", number, "ru", PASSWORD, now))
            seen.append(fingerprint())
            transaction.set_rollback(True)

    assert (seen[0] == seen[1], seen[1] == seen[2]) == (True, False)


@pytest.mark.django_db
def test_seed_demo_run_again_changes_nothing():
    seed()
    before = fingerprint()

    said = seed(seed=2, size="medium")

    assert "already filled" in said
    assert fingerprint() == before


@pytest.mark.django_db
def test_seed_demo_run_again_makes_a_missing_login():
    seed()
    User.objects.get(username="admin").delete()

    seed()

    assert User.objects.get(username="admin").check_password(PASSWORD)


@pytest.mark.django_db
def test_seed_demo_in_a_clinic_with_own_owners_is_refused():
    OwnerFactory()

    with pytest.raises(CommandError, match="data of its own"):
        seed()

    assert not User.objects.filter(username="admin").exists()


@pytest.mark.django_db
def test_seed_demo_without_password_prints_one_that_opens():
    said = seed(password=None)

    password = said.strip().rpartition(" ")[2]

    assert {user.username for user in User.objects.all() if user.check_password(password)} == {
        "reception", "vet", "manager", "admin",
    }  # fmt: skip


@pytest.mark.django_db
def test_seed_demo_with_an_empty_password_is_refused():
    with pytest.raises(CommandError, match="needs a password"):
        seed(password=" ")


@pytest.mark.django_db
def test_vet_login_after_seeding_is_the_first_vet():
    seed()

    vet = User.objects.get(username="vet").vet

    assert vet.pk == 1


def test_today_before_dawn_squeezes_the_past_into_the_night():
    night = Today(now=60.0)

    times = [night.past(minute) for minute in (0, 345, 690)]

    assert times == [0, 30, 60]


@pytest.mark.django_db
def test_small_demo_has_corrections_and_deposits_of_every_kind():
    seed()

    kinds = {row.kind for row in Deposit.objects.all()}
    refunds = Payment.objects.filter(kind="refund")

    assert kinds == {"taken", "used", "returned"}
    assert CreditNote.objects.count() >= refunds.count() > 5
    assert Service.objects.exclude(cost_price=None).count() > 5
