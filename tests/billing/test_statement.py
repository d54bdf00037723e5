"""An owner's statement: what it adds up is what the owner's page says, for any period and all animals."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from billing.actions import credit_invoice, refund_payment, return_deposit, take_deposit, take_payment, void_invoice
from billing.periods import Period
from billing.statement import statement_of
from clinic.merging import merge_owners
from tests.billing.bills import draft, issue, pay
from tests.billing.test_papers import text_of
from tests.factories import AppointmentFactory, BranchFactory, OwnerFactory, PetFactory, UserFactory, VetFactory
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
EVER = Period(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def at(day, hour=12, month=3):
    return dt.datetime(2026, month, day, hour, tzinfo=MOSCOW)


def by():
    return UserFactory(role="manager", password=None)


def bill(owner, price, moment, *, name="Pet"):
    return issue(price, now=moment, visit=visit_of(PetFactory(pet_owner=owner, name=name)))


def visit_of(pet, **details):
    return AppointmentFactory(pet=pet, **details)


def a_busy_account(owner):
    """Two animals, every kind of change, a draft and another owner beside it."""
    first = bill(owner, "1000", at(2), name="Barsik")
    second = bill(owner, "500", at(3), name="Murka")
    take_deposit(owner=owner, amount=Decimal(300), method="cash", now=at(4), by=by())
    take_payment(invoice=first, amount=Decimal(250), method="deposit", now=at(5), by=by())
    take_payment(invoice=first, amount=Decimal(750), method="card", now=at(6), by=by())
    credit_invoice(
        invoice=first,
        amounts={first.lines.get().pk: Decimal(100)},
        reason="Old batch",
        refund_by="deposit",
        now=at(7),
        by=by(),
    )
    void_invoice(invoice=second, reason="Wrong animal", now=at(8), by=by())
    return_deposit(owner=owner, amount=Decimal(50), method="cash", reason="Asked", now=at(9), by=by())
    refund_payment(invoice=first, amount=Decimal("0.10"), method="cash", reason="Change", now=at(10), by=by())
    draft("7000", visit=visit_of(PetFactory(pet_owner=owner)))
    pay(bill(OwnerFactory(), "9000", at(2)), "1", now=at(3))


def seen(found) -> list[tuple]:
    return [(row.day.day, row.kind, row.owed, row.deposit, row.owed_after, row.deposit_after) for row in found.rows]


def brief(found) -> tuple:
    return found.owed_before, found.deposit_before, len(found.rows), found.owed, found.deposit


# -- Sums ---------------------------------------------------------------------------------------------------


def test_statement_tells_every_change_in_order_with_the_balances_after_it():
    owner = OwnerFactory()
    a_busy_account(owner)

    found = statement_of(owner, MARCH)

    assert seen(found) == [
        (2, "invoice", 1000, 0, 1000, 0),
        (3, "invoice", 500, 0, 1500, 0),
        (4, "taken", 0, 300, 1500, 300),
        (5, "payment", -250, -250, 1250, 50),
        (6, "payment", -750, 0, 500, 50),
        (7, "refund", 100, 100, 600, 150),
        (7, "credit", -100, 0, 500, 150),
        (8, "void", -500, 0, 0, 150),
        (9, "returned", 0, -50, 0, 100),
        (10, "refund", Decimal("0.10"), 0, Decimal("0.10"), 100),
    ]
    assert [row.pet for row in found.rows] == [
        "Barsik", "Murka", None, "Barsik", "Barsik", "Barsik", "Barsik", "Murka", None, "Barsik",
    ]  # fmt: skip


def test_statement_ends_with_what_the_page_of_the_owner_says(client):
    owner = OwnerFactory()
    a_busy_account(owner)
    bill(owner, "12.34", timezone.now())
    client.force_login(by())

    page = client.get(f"/owners/{owner.pk}/").context
    found = client.get(f"/owners/{owner.pk}/statement/").context["statement"]

    assert (found.owed, found.deposit) == (page["owed"], page["deposit"]) == (Decimal("12.44"), Decimal(100))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (1, 1, (0, 0, 0, 0, 0)),
        (1, 3, (0, 0, 2, 1500, 0)),
        (4, 6, (1500, 0, 3, 500, 50)),
        (7, 7, (500, 50, 2, 500, 150)),
        (11, 12, (Decimal("0.10"), 100, 0, Decimal("0.10"), 100)),
    ],
)
def test_statement_of_a_part_begins_where_the_one_before_ends(first, last, expected):
    owner = OwnerFactory()
    a_busy_account(owner)

    found = statement_of(owner, Period(dt.date(2026, 3, first), dt.date(2026, 3, last)))

    assert brief(found) == expected


def test_statement_of_more_rows_than_are_shown_has_the_last_ones_and_their_beginning():
    owner = OwnerFactory()
    a_busy_account(owner)

    found = statement_of(owner, MARCH, most=3)

    assert (found.count, found.is_cut) == (10, True)
    assert brief(found) == (500, 150, 3, Decimal("0.10"), 100)


def test_statement_is_on_the_clock_of_the_branch():
    owner, vet = OwnerFactory(), VetFactory(branch=BranchFactory(time_zone="Asia/Vladivostok"))
    visit = visit_of(PetFactory(pet_owner=owner), vet=vet)
    invoice = issue("100", now=at(1, 20), visit=visit)

    pay(invoice, "40", now=at(1, 20))

    assert seen(statement_of(owner, MARCH)) == [(2, "invoice", 100, 0, 100, 0), (2, "payment", -40, 0, 60, 0)]


def test_statement_of_merged_owners_is_one_account():
    kept, merged = OwnerFactory(), OwnerFactory()
    bill(kept, "100", at(2))
    bill(merged, "30", at(3))
    take_deposit(owner=merged, amount=Decimal(5), method="cash", now=at(4), by=by())
    merge_owners(source=merged, target=kept, by=by())
    kept.refresh_from_db()

    found = statement_of(kept, MARCH)

    assert (found.owed, found.deposit) == (130, 5)


def test_statement_takes_two_queries_for_one_row_and_for_many(django_assert_num_queries):
    one, many = OwnerFactory(), OwnerFactory()
    bill(one, "1", at(2))
    a_busy_account(many)

    for owner in (one, many):
        with django_assert_num_queries(2):
            statement_of(owner, EVER)


# -- Page, paper, CSV ---------------------------------------------------------------------------------------


def test_page_paper_and_csv_say_the_same(client):
    owner = OwnerFactory(language="en")
    a_busy_account(owner)
    client.force_login(by())
    query = "?from=2026-03-01&to=2026-03-31"

    page = client.get(f"/owners/{owner.pk}/statement/{query}").content.decode()
    paper = text_of(client.get(f"/owners/{owner.pk}/statement/paper/{query}"))

    rows = cells(client.get(f"/owners/{owner.pk}/statement/export/{query}"))
    found = statement_of(owner, MARCH)
    with translation.override("en"):
        whats = [row.what for row in found.rows]
    assert [row[1] for row in rows[2:-1]] == whats
    assert [[what in text for what in whats] for text in (page, " ".join(paper.split()))] == [[True] * 10] * 2
    assert [row[5] for row in rows[1:]] == ["0.00", *(str(row.owed_after) for row in found.rows), "0.10"]
    assert ("−₽250" in paper, "₽0.10" in paper, "Old batch" in paper, "Wrong animal" in paper) == (True,) * 4


def test_paper_is_in_the_language_of_the_owner(client):
    owner = OwnerFactory(language="ru", last_name="Ёжикова")
    bill(owner, "1234.50", at(2))
    client.force_login(by())

    paper = text_of(client.get(f"/owners/{owner.pk}/statement/paper/?from=2026-03-01&to=2026-03-31"))

    assert ("Ёжикова" in paper, "1 234,50 ₽" in paper.replace("\u00a0", " ")) == (True, True)


@pytest.mark.parametrize(
    "query", ["from=x", "to=", "from=0001-01-01", "to=9999-12-31", "from=2026-03-02&to=2026-03-01"]
)
def test_period_that_is_none_is_named_by_its_field_and_printed_nowhere(client, query):
    owner = OwnerFactory()
    client.force_login(by())

    page = client.get(f"/owners/{owner.pk}/statement/?{query}")
    sent = [client.get(f"/owners/{owner.pk}/statement/{what}/?{query}") for what in ("paper", "export")]

    assert (page.status_code, [answer.status_code for answer in sent]) == (200, [302, 302])
    assert page.context["form"].errors != {}


def test_statement_of_a_merged_owner_leads_to_the_one_kept(client):
    kept, merged = OwnerFactory(), OwnerFactory()
    merge_owners(source=merged, target=kept, by=by())
    client.force_login(by())

    answer = client.get(f"/owners/{merged.pk}/statement/")

    assert answer.headers["Location"] == f"/owners/{kept.pk}/statement/"
