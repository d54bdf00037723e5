"""An owner's statement: every movement once, and what is left equals what the open invoices and the deposit say."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions import (
    credit_invoice,
    refund_payment,
    return_deposit,
    take_deposit,
    take_payment,
    void_invoice,
)
from billing.income import Period
from billing.models import Deposit, Invoice
from billing.statement import statement
from tests.billing.bills import issue
from tests.factories import OwnerFactory, PetFactory, UserFactory

pytestmark = pytest.mark.django_db
ALWAYS = Period(dt.date(2000, 1, 1), dt.date(2100, 1, 1))
ACTS = ("bill", "pay", "credit", "void", "refund", "deposit", "return", "from deposit")


def moment(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=ZoneInfo("Europe/Moscow"))


def owed_by(owner) -> Decimal:
    owed = Invoice.objects.filter(pet_owner=owner).unpaid().with_balance().aggregate(sum=Sum("balance"))["sum"]
    return (owed or 0) - Deposit.objects.of(owner).balance()


def test_statement_of_a_period_begins_with_what_was_owed_before():
    owner, manager = OwnerFactory(), UserFactory(role="manager")
    first, second = (issue("100", pet=PetFactory(pet_owner=owner), now=moment(day)) for day in (2, 10))
    take_payment(invoice=first, amount=Decimal(30), method="cash", now=moment(5), by=manager)
    take_payment(invoice=second, amount=Decimal(100), method="card", now=moment(20), by=manager)

    shown = statement(owner, Period(dt.date(2026, 3, 6), dt.date(2026, 3, 19)))

    assert (shown.before, shown.billed, shown.paid, shown.after) == (70, 100, 0, 170)
    assert [(each.day, each.billed, each.left) for each in shown.entries] == [(dt.date(2026, 3, 10), 100, 170)]


def test_several_animals_of_one_owner_stand_on_one_statement():
    owner = OwnerFactory()
    pets = [PetFactory(pet_owner=owner, name=name) for name in ("Боня", "Феня")]
    for number, pet in enumerate(pets):
        issue("10", pet=pet, now=moment(3 + number))
    issue("999")

    shown = statement(owner, ALWAYS)

    assert [(each.pet, each.billed) for each in shown.entries] == [("Боня", 10), ("Феня", 10)]


def test_payment_near_midnight_stands_on_the_day_of_the_clinics_clock():
    owner = OwnerFactory()
    bill = issue("10", pet=PetFactory(pet_owner=owner), now=moment(3))
    late = dt.datetime(2026, 3, 4, 21, 30, tzinfo=dt.UTC)  # 00:30 in Moscow
    take_payment(invoice=bill, amount=Decimal(10), method="cash", now=late, by=UserFactory(role="manager"))

    assert [each.day for each in statement(owner, ALWAYS).entries] == [dt.date(2026, 3, 3), dt.date(2026, 3, 5)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 28), st.integers(0, 2)), max_size=10))
def test_what_is_left_is_what_is_owed_less_the_deposit(acts):
    owner, manager, bills = OwnerFactory(), UserFactory(role="manager"), []
    for number, (kind, day, which) in enumerate(acts):
        act(kind, moment(day), bills[which % len(bills)] if bills else None, owner, manager, bills, number)

    shown = statement(owner, ALWAYS)

    assert shown.after == owed_by(owner)
    assert [each.day for each in shown.entries] == sorted(each.day for each in shown.entries)
    assert (shown.entries[-1].left if shown.entries else 0) == shown.after


def act(kind, now, bill, owner, manager, bills, number) -> None:
    more = {"now": now, "by": manager}
    if kind == "bill":
        free = timezone.now() + dt.timedelta(hours=number)
        bills.append(issue("50.50", "20", pet=PetFactory(pet_owner=owner), date=free, now=now))
    elif kind == "deposit":
        take_deposit(owner=owner, amount=Decimal("33.30"), method="cash", **more)
    elif kind == "return" and Deposit.objects.of(owner).balance() >= 3:
        return_deposit(owner=owner, amount=Decimal(3), method="cash", reason="Asked", **more)
    elif bill:
        bill = Invoice.objects.with_balance().get(pk=bill.pk)
        is_open = bill.status_id in (12, 13)
        if kind == "pay" and is_open and bill.balance >= 7:
            take_payment(invoice=bill, amount=Decimal(7), method="card", **more)
        elif kind == "from deposit" and is_open and min(bill.balance, Deposit.objects.of(owner).balance()) >= 5:
            take_payment(invoice=bill, amount=Decimal(5), method="deposit", **more)
        elif kind == "refund" and bill.paid >= 2:
            refund_payment(invoice=bill, amount=Decimal(2), method=["cash", "deposit"][number % 2], reason="x", **more)
        elif kind == "credit" and is_open and bill.balance >= 3 and bill.credited < 20:
            credit_invoice(invoice=bill, amounts={bill.lines.first().pk: Decimal(3)}, reason="Less", **more)
        elif kind == "void" and bill.status_id == 12 and not bill.payments.exists() and not bill.credited:
            void_invoice(invoice=bill, reason="Wrong", **more)


@pytest.fixture
def bill(client):
    client.force_login(UserFactory(role="reception"))
    return issue("100", pet=PetFactory(pet_owner=OwnerFactory(language="en", last_name="=cmd")))


def test_page_csv_and_pdf_are_there(client, bill):
    address = f"/owners/{bill.pet_owner_id}/statement"

    answers = [client.get(f"{address}/"), client.get(f"{address}/?format=csv"), client.get(f"{address}.pdf")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    rows = b"".join(answers[1].streaming_content).decode().splitlines()
    today = timezone.localdate()
    assert rows[2].startswith(f"{today},Invoice {bill},")
    assert rows[-1] == f"{today},Total,,100.00,0.00,100.00"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?from=2026-05-02&to=2026-05-01", "The period ends before it begins."),
        ("?from=2026-02-30", "Enter a valid date."),
        ("?to=9999-12-31", "Choose a day between 1900 and 2100."),
        ("?from=%3Cb%3E", "Enter a valid date."),
    ],
)
def test_page_of_a_bad_period_says_so_and_shows_this_year(client, bill, asked, said):
    answer = client.get(f"/owners/{bill.pet_owner_id}/statement/{asked}")

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert str(bill) in answer.content.decode()


def test_statement_of_a_merged_owner_is_that_of_the_other_one(client, bill):
    merged = OwnerFactory(merged_into=bill.pet_owner, is_active=False)

    answer = client.get(f"/owners/{merged.pk}/statement/")

    assert (answer.status_code, answer.url) == (302, f"/owners/{bill.pet_owner_id}/statement/")


def test_statement_takes_as_many_queries_for_one_bill_as_for_five(client, bill, django_assert_num_queries):
    address = f"/owners/{bill.pet_owner_id}/statement/"
    client.get(address)
    for _more in range(5):
        with django_assert_num_queries(6):
            client.get(address)
        issue("1", pet=PetFactory(pet_owner=bill.pet_owner))
