"""The pages of invoices: who sees which, what the list finds, issuing and paying."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from billing.actions import credit_invoice, next_number
from billing.models import Invoice, Payment
from clinic.enums import InvoiceStatus
from clinic.merging import merge_owners
from tests.billing.bills import draft, issue, pay, void_copies
from tests.factories import OwnerFactory, PetFactory, UserFactory, VetFactory
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db


def credit(invoice, amount):
    taken = {invoice.lines.get().pk: Decimal(amount)}
    return credit_invoice(invoice=invoice, amounts=taken, reason="Old", by=UserFactory(role="manager"))


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def payment(amount="100", **changes):
    return {"amount": amount, "method": "cash", "request_key": uuid.uuid4()} | changes


def listed(client, query="") -> set[int]:
    return {invoice.pk for invoice in client.get(f"/invoices/{query}").context["page"]}


@pytest.mark.parametrize(("role", "code"), [("reception", 200), ("manager", 200), ("vet", 404), ("admin", 403)])
def test_invoice_of_another_vet_answers_by_role(client, role, code):
    invoice = issue("100")
    client.force_login(UserFactory(role=role))

    answer = client.get(f"/invoices/{invoice.pk}/")

    assert answer.status_code == code


def test_vet_sees_invoices_of_own_visits_only(client):
    own = VetFactory()
    mine, _other = issue("100", vet=own), issue("100")
    client.force_login(own.user)

    found = listed(client, "?state=all")

    assert found == {mine.pk}


def test_vet_may_not_issue_nor_take_money(client):
    own = VetFactory()
    mine = draft("100", vet=own)
    client.force_login(own.user)

    codes = [client.post(f"/invoices/{mine.pk}/{act}/", payment()).status_code for act in ("issue", "payments")]

    assert codes == [403, 403]
    assert not Payment.objects.exists()


def test_lists_by_state_show_what_they_say(reception):
    to_issue, open_, part, paid = draft("100"), issue("100"), issue("100"), issue("100")
    pay(part, "10")
    pay(paid, "100")

    found = {state: listed(reception, f"?state={state}") for state in ("draft", "unpaid", "paid", "all", "zz")}

    assert found == {
        "draft": {to_issue.pk},
        "unpaid": {open_.pk, part.pk},
        "paid": {paid.pk},
        "all": {to_issue.pk, open_.pk, part.pk, paid.pk},
        "zz": {open_.pk, part.pk},
    }


@pytest.mark.parametrize(
    "text", ["алёхина", "АЛЕХ", "Мария Алехина", "Алехина Мария", "123-45-67", "8 916 123 45 67", "+7 (495) 765"]
)
def test_list_finds_an_owner_by_name_or_phone(reception, text):
    owner = OwnerFactory(last_name="Алёхина", first_name="Мария", phone="+79161234567", secondary_phone="+74957650000")
    wanted, _other = issue("100", pet=PetFactory(pet_owner=owner)), issue("100")

    answer = reception.get("/invoices/", {"owner": text})

    assert [invoice.pk for invoice in answer.context["page"]] == [wanted.pk]


def test_list_between_two_days_includes_both(reception):
    noons = [dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC) for day in (1, 2, 3, 4)]
    invoices = [issue("100", now=noon) for noon in noons]

    found = listed(reception, "?since=2026-03-02&until=2026-03-03")

    assert found == {invoices[1].pk, invoices[2].pk}


@pytest.mark.parametrize(
    "query",
    [
        "?after=zz",
        "?before=-1",
        "?order=zz",
        "?since=zz",
        "?until=0000-00-00",
        "?owner=%25_\\",
        "?owner=-",
    ],
)
def test_list_answers_bad_input_with_a_page(reception, query):
    issue("100")

    answer = reception.get(f"/invoices/{query}")

    assert answer.status_code == 200


def test_second_page_follows_the_first(reception):
    first = draft("10")
    void_copies(first, 54)

    second = reception.get("/invoices/?state=all").context["page"].next
    pages = [listed(reception, f"?state=all{place}") for place in ("", f"&after={second}")]

    assert ([len(page) for page in pages], len(set.union(*pages))) == ([50, 5], 55)


def test_list_adds_up_the_page(reception):
    invoice = issue("100.00")
    pay(invoice, "30.50")
    credit(invoice, "10")
    issue("50.25")
    void_copies(invoice, 1)

    total = reception.get("/invoices/?state=all").context["total"]

    sums = {"amount": "150.25", "credited": "10", "paid": "30.50", "balance": "109.75"}
    assert total == {name: Decimal(text) for name, text in sums.items()}


def test_invoice_past_its_due_date_is_marked_overdue(reception):
    issue("100", now=timezone.now() - dt.timedelta(days=20))

    page = reception.get("/invoices/").content.decode()

    assert '<span class="chip bad">overdue' in page


def test_invoice_within_its_term_is_not_marked_overdue(reception):
    invoice = issue("100")

    pages = [reception.get(url).content.decode() for url in ("/invoices/", f"/invoices/{invoice.pk}/")]

    assert '<span class="chip bad">overdue' not in "".join(pages)


def test_unpaid_invoice_without_due_date_is_shown(reception):
    invoice = draft("100")
    next_number(2020)
    Invoice.objects.filter(pk=invoice.pk).update(status=12, date="2020-01-01", year=2020, number=1)

    codes = [reception.get(url).status_code for url in ("/invoices/", f"/invoices/{invoice.pk}/")]

    assert codes == [200, 200]


@pytest.mark.parametrize("count", [1, 300])
def test_list_takes_the_same_queries_for_one_and_three_hundred(reception, django_assert_num_queries, count):
    void_copies(draft("10"), count - 1)

    with django_assert_num_queries(7):  # three of them count what waits
        reception.get("/invoices/?state=all")


def test_csv_has_the_invoices_of_the_filter_with_their_sums(client):
    owner = OwnerFactory(last_name="=Alder", first_name="Ann", phone="+79161234567")
    invoice = issue("100.50", pet=PetFactory(name="Leo", pet_owner=owner))
    pay(invoice, "30")
    credit(invoice, "0.50")
    issue("70")
    client.force_login(UserFactory(role="manager"))

    answer = client.get("/invoices/export/?state=unpaid&owner=alder")
    rows = cells(answer)

    today = timezone.localdate()
    assert rows[1:] == [
        [
            f"{today.year}-00001",
            str(today),
            "=Alder Ann",
            "+79161234567",
            "Leo",
            "100.50",
            "0.50",
            "30.00",
            "70.00",
            "Part paid",
        ]
    ]


def test_invoice_of_a_merged_owner_is_found_under_both_names(reception):
    source, target = OwnerFactory(last_name="Alderson"), OwnerFactory(last_name="Birchwood")
    invoice = issue("100", pet__pet_owner=source)
    issue("200")
    merge_owners(source=source, target=target, by=UserFactory(role="manager"))

    found = [listed(reception, f"?owner={name}") for name in ("alderson", "birchwood")]

    assert found == [{invoice.pk}, {invoice.pk}]


def test_csv_of_a_bad_filter_leads_to_the_list_that_says_so(client):
    client.force_login(UserFactory(role="manager"))

    answer = client.get("/invoices/export/?state=all&since=zz")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/invoices/?state=all&since=zz")


def test_draft_is_issued_and_paid_in_two_clicks(reception):
    invoice = draft("1250.50")

    reception.post(f"/invoices/{invoice.pk}/issue/")
    shown = reception.get(f"/invoices/{invoice.pk}/").context["form"]
    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment(str(shown["amount"].value())), follow=True)

    assert "Paid in full" in answer.content.decode()
    invoice.refresh_from_db()
    assert invoice.state == InvoiceStatus.PAID


def test_part_payment_says_what_is_still_to_pay(reception):
    invoice = issue("100.00")

    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment("30"), follow=True)

    assert "Still to pay: ₽70." in answer.content.decode()


def test_issuing_twice_is_refused_in_words(reception):
    invoice = issue("100")

    answer = reception.post(f"/invoices/{invoice.pk}/issue/")

    assert answer.status_code == 409
    assert "issued already" in answer.content.decode()


def test_payment_form_sent_twice_takes_the_money_once(reception):
    invoice, form = issue("100"), payment("100")

    codes = [reception.post(f"/invoices/{invoice.pk}/payments/", form).status_code for _time in range(2)]

    assert codes == [302, 302]
    assert [taken.amount for taken in Payment.objects.all()] == [Decimal(100)]


@pytest.mark.parametrize(
    "amount", ["", "-1", "0", "NaN", "sNaN", "Infinity", "1e400", "1e-400", "0.001", "99999999999.99", "ten", "1,5,5"]
)
def test_payment_of_a_bad_amount_is_refused_and_kept_on_the_page(reception, amount):
    invoice = issue("100")

    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment(amount))

    assert answer.status_code == 422
    assert answer.context["form"].errors["amount"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize("changes", [{"method": "barter"}, {"method": ""}, {"request_key": "zz"}, {"request_key": ""}])
def test_payment_of_a_broken_form_is_refused(reception, changes):
    invoice = issue("100")

    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment(**changes))

    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_payment_above_the_balance_shows_what_is_still_open(reception):
    invoice = issue("100.00")
    pay(invoice, "30")

    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment("70.01"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This is more than is still to pay." in page
    assert "₽70<" in page


def test_payment_that_came_too_late_is_told_so(reception):
    invoice = issue("100.00")
    pay(invoice, "100")

    answer = reception.post(f"/invoices/{invoice.pk}/payments/", payment("100"))

    assert answer.status_code == 409
    assert "Only an issued and unpaid invoice takes payments." in answer.content.decode()


@pytest.mark.parametrize("pk", ["0", "2147483648", "99999999999", "9" * 30])
def test_invoice_that_does_not_exist_is_not_found(reception, pk):
    codes = [
        reception.get(f"/invoices/{pk}/").status_code,
        reception.post(f"/invoices/{pk}/issue/").status_code,
        reception.post(f"/invoices/{pk}/payments/", payment()).status_code,
    ]

    assert codes == [404, 404, 404]
