"""Debts: by owner, with their age; whoever was merged owes together with the one who stays."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import debts
from billing.actions import credit_invoice, refund_payment
from billing.models import Invoice
from clinic.merging import merge_owners
from tests.billing.bills import draft, issue, past_triggers, pay
from tests.factories import OwnerFactory, PetFactory, UserFactory
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db
D = Decimal


def overdue(*prices, days: int, owner=None) -> Invoice:
    """An issued invoice whose due date was `days` ago (in `-days` days)."""
    owner = owner or OwnerFactory()
    when = timezone.now() - dt.timedelta(days=days + 14)
    return issue(*prices, now=when, pet=PetFactory(pet_owner=owner))


def rows(**more) -> list:
    return list(debts.debts(Invoice.objects.all(), more.get("today", timezone.localdate())).order_by("account"))


@pytest.fixture
def manager(client):
    user = UserFactory(role="manager")
    client.force_login(user)
    return user


@pytest.fixture
def reception(client):
    user = UserFactory(role="reception")
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-14, "not_due"),
        (0, "not_due"),
        (1, "late_30"),
        (30, "late_30"),
        (31, "late_60"),
        (60, "late_60"),
        (61, "late_90"),
        (90, "late_90"),
        (91, "late_more"),
        (4000, "late_more"),
    ],
)
def test_debt_stands_under_its_age(days, age):
    invoice = overdue("100", days=days)

    (row,) = rows()

    assert {name: row[name] for name in debts.AGES} == dict.fromkeys(debts.AGES, D(0)) | {age: D(100)}
    assert (row["account"], row["count"], row["sum"], row["oldest"]) == (
        invoice.pet_owner_id,
        1,
        D(100),
        invoice.due_date,
    )
    assert row["overdue"] == int(days > 0)


def test_debt_is_what_payments_credits_and_refunds_leave(manager):
    invoice = overdue("100", "50", days=5)
    line = invoice.lines.order_by("id").first()
    pay(invoice, "40")
    refund_payment(invoice=invoice, amount=D("15"), method="cash", reason="x", by=manager)
    credit_invoice(invoice=invoice, amounts={line.pk: D("10.50")}, reason="x", by=manager)
    credited_only = overdue("80", days=5)
    credit_invoice(invoice=credited_only, amounts={credited_only.lines.get().pk: D(30)}, reason="x", by=manager)

    assert [row["sum"] for row in rows()] == [D("114.50"), D("50.00")]


def test_drafts_and_paid_and_void_invoices_are_no_debt():
    draft("100")
    pay(issue("100"), "100")

    assert rows() == []


def test_merged_owners_owe_together():
    old, kept = OwnerFactory(), OwnerFactory()
    overdue("100", days=100, owner=old)
    merge_owners(source=old, target=kept, by=UserFactory(role="manager"))
    overdue("20", days=-3, owner=kept)

    (row,) = rows()

    assert (row["account"], row["count"], row["sum"]) == (kept.pk, 2, D(120))
    assert (row["late_more"], row["not_due"]) == (D(100), D(20))


def test_invoice_without_a_due_date_is_not_overdue():
    invoice = issue("100", now=timezone.now() - dt.timedelta(days=500))
    with_no_due_date(invoice)

    (row,) = rows()

    assert (row["not_due"], row["oldest"], row["overdue"]) == (D(100), debts.NEVER, 0)


def with_no_due_date(invoice) -> None:
    """As an imported one may be."""
    with past_triggers("invoice") as cursor:
        cursor.execute("UPDATE invoice SET due_date = NULL WHERE id = %s", [invoice.pk])


def test_totals_are_the_sums_of_all_rows():
    for days in (-3, 10, 200):
        overdue("100", "0.50", days=days)

    total = debts.totals(Invoice.objects.all(), timezone.localdate())

    assert total == {
        "owners": 3,
        "count": 3,
        "overdue": 2,
        "sum": D("301.50"),
        "not_due": D("100.50"),
        "late_30": D("100.50"),
        "late_60": 0,
        "late_90": 0,
        "late_more": D("100.50"),
    }


def test_page_links_to_the_owner_and_calls_the_phone(client, reception):
    invoice = overdue("100", days=40)
    owner = invoice.pet_owner

    page = client.get(reverse("debts")).content.decode()

    assert page.count(f'href="{reverse("owner", args=[owner.pk])}"') == 1
    assert page.count(f'href="tel:{owner.phone}"') == 1


def test_page_of_the_overdue_leaves_out_who_has_time(client, reception):
    late = overdue("100", days=1)
    overdue("100", days=0)

    response = client.get(reverse("debts"), {"state": "overdue"})

    assert [row["account"] for row in response.context["page"]] == [late.pet_owner_id]


@pytest.mark.parametrize("order", ["oldest", "-oldest", "sum", "-sum"])
def test_every_owner_comes_once_on_the_pages(client, reception, order, monkeypatch):
    monkeypatch.setattr("vetclinic.ui.lists.SIZE", 3)
    for number in range(7):
        overdue(str(100 + number % 3), days=number % 2)
    seen, asked = [], {"order": order}
    while True:
        page = client.get(reverse("debts"), asked).context["page"]
        seen += [row["account"] for row in page]
        if not page.next:
            break
        asked = {"order": order, "after": page.next}

    assert sorted(seen) == sorted(row["account"] for row in rows())
    name = order.removeprefix("-")
    known = {row["account"]: (row[name], row["account"]) for row in rows()}
    assert seen == sorted(known, key=known.get, reverse=order.startswith("-"))


def test_owner_is_found_by_name_also_under_the_merged_record(client, reception):
    old, kept = OwnerFactory(last_name="Zvereva"), OwnerFactory(last_name="Belova")
    overdue("100", days=1, owner=old)
    merge_owners(source=old, target=kept, by=UserFactory(role="manager"))
    overdue("100", days=1)

    for name in ("Zvereva", "Belova"):
        page = client.get(reverse("debts"), {"owner": name}).context["page"]
        assert [row["account"] for row in page] == [kept.pk]


def test_search_that_finds_nobody_does_not_say_that_nobody_owes(client, reception):
    overdue("100", days=3)

    page = client.get(reverse("debts"), {"owner": "zzz"}).text

    assert ("Nobody of that name" in page, "Nobody owes anything" in page) == (True, False)


@pytest.mark.parametrize("text", ["", "x" * 101, "🐈", "Ёж", "<b>", "-1", "%_"])
def test_odd_search_answers_a_page(client, reception, text):
    response = client.get(reverse("debts"), {"owner": text, "state": text, "order": text, "after": text})

    assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 300])
def test_page_takes_the_same_queries_for_one_and_three_hundred(client, reception, django_assert_num_queries, count):
    many_debts(count)

    with django_assert_num_queries(5):  # user, rows, their number, totals, owners
        response = client.get(reverse("debts"))

    assert len(response.context["rows"]) == min(count, 50)


def many_debts(count: int) -> None:
    """Copies of one issued invoice, each of an owner and a record of its own."""
    overdue("100", days=3)
    with past_triggers("invoice") as cursor:
        for number in range(1, count):
            owner = OwnerFactory()
            cursor.execute(
                "WITH visit AS (INSERT INTO appointment (pet_id, vet_id, date, ends_at, reason, status_id)"
                " SELECT pet_id, vet_id, date - %s * interval '1 day', ends_at - %s * interval '1 day', reason, 5"
                " FROM appointment ORDER BY id LIMIT 1 RETURNING id),"
                " record AS (INSERT INTO medical_record (appointment_id) SELECT id FROM visit RETURNING id)"
                " INSERT INTO invoice (pet_owner_id, record_id, date, amount, status_id, year, number, due_date, vet_id,"
                " specialization_id) SELECT %s, record.id, invoice.date, 100, 12, invoice.year, invoice.number + %s,"
                " invoice.due_date, vet_id, specialization_id"
                " FROM record, (SELECT * FROM invoice ORDER BY id LIMIT 1) AS invoice",
                [number, number, owner.pk, number],
            )


def test_export_is_the_page_as_a_table(client, manager):
    invoice = overdue("100", days=40)
    pay(invoice, "0.01")

    response = client.get(reverse("debts_export"))

    lines = cells(response)
    owner = invoice.pet_owner
    assert [len(line) for line in lines] == [10, 10]
    sums = ["0.00", "0.00", "99.99", "0.00", "0.00", "99.99"]
    assert lines[1] == [str(owner), owner.phone, "1", str(invoice.due_date), *sums]
