"""Invoice, credit note and receipts on paper: they say what the tables say, in the owner's language, to whom may know."""

import io
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from billing.actions import credit_invoice, refund_payment, return_deposit, take_deposit, take_payment, void_invoice
from billing.models import Deposit
from billing.words import in_words
from tests.billing.bills import draft, issue, pay
from tests.factories import OwnerFactory, PetFactory, UserFactory
from vetclinic.ui.templatetags.ui import money

pytestmark = pytest.mark.django_db
BANK = {
    "CLINIC_LEGAL_NAME": "ООО «Лапа»",
    "CLINIC_TAX_ID": "7700000000",
    "CLINIC_BANK": "АО «Банк»",
    "CLINIC_BANK_CODE": "044525000",
    "CLINIC_BANK_ACCOUNT": "40702810000000000001",
    "PAYMENT_QR": "st00012",
}


@pytest.fixture
def manager(client):
    user = UserFactory(role="manager")
    client.force_login(user)
    return user


@pytest.fixture
def russian():
    return PetFactory(name="Ёжик", pet_owner=OwnerFactory(last_name="Щукина", first_name="Яна", language="ru"))


def packed(text: str) -> str:
    """Without the white space, which a page breaks as it needs."""
    return "".join(text.split())


def read(client, path: str) -> str:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    return packed("".join(each.extract_text() for each in PdfReader(io.BytesIO(answer.content)).pages))


def said(text: str, *parts: str) -> list[str]:
    """The parts that the text does not say."""
    return [part for part in parts if packed(part) not in text]


def test_invoice_says_what_is_billed_and_owed_and_where_to_pay(client, manager, russian, settings):
    for name, value in BANK.items():
        setattr(settings, name, value)
    invoice = issue("1000.50", "251.20", quantity=Decimal(2), discount=Decimal("0.40"), pet=russian)
    pay(invoice, "1000.00")

    text = read(client, f"/invoices/{invoice.pk}.pdf")

    with translation.override("ru"):
        sums = [money(Decimal(each)) for each in ("2000.60", "502.00", "2502.60", "1000.00", "1502.60")]
        due = date_format(invoice.due_date, "DATE_FORMAT")
    lines = [line.name for line in invoice.lines.all()]
    words = "Одна тысяча пятьсот два рубля 60 копеек"
    assert said(text, f"Счёт {invoice}", "Щукина Яна", "Ёжик", *lines, *sums, due, words) == []
    assert said(text, "ООО «Лапа»", "7700000000", "АО «Банк»", "044525000", "40702810000000000001") == []


def test_only_what_is_owed_has_a_code_to_pay_by(client, manager, russian, settings):
    for name, value in BANK.items():
        setattr(settings, name, value)
    pets = [PetFactory(pet_owner=russian.pet_owner) for _pet in range(3)]
    owed, paid, is_draft = issue("100", pet=pets[0]), issue("100", pet=pets[1]), draft("100", pet=pets[2])
    pay(paid, "100")

    texts = [read(client, f"/invoices/{each.pk}.pdf") for each in (owed, paid, is_draft)]

    assert [packed("приложении банка") in text for text in texts] == [True, False, False]
    assert [packed("Черновик: пока не оплачивать") in text for text in texts] == [False, False, True]


def test_void_invoice_says_so_and_why(client, manager, russian):
    invoice = issue("100", pet=russian)
    void_invoice(invoice=invoice, reason="Не то животное", by=manager)

    text = read(client, f"/invoices/{invoice.pk}.pdf")

    assert said(text, "Аннулирован: Не то животное") == []
    assert said(text, "К оплате") == ["К оплате"]


def test_credit_note_names_its_invoice_its_reason_and_what_is_taken_off(client, manager, russian):
    invoice = issue("300", "200", pet=russian)
    line = invoice.lines.order_by("id").last()
    note = credit_invoice(invoice=invoice, amounts={line.pk: Decimal("50.50")}, reason="Не делали", by=manager)

    text = read(client, f"/invoices/{invoice.pk}/credits/{note.number}.pdf")

    assert said(text, f"Кредит-нота {invoice}/1", f"к счёту {invoice}", "Не делали", line.name) == []
    assert said(text, "Пятьдесят рублей 50 копеек") == []


def test_receipts_say_which_way_the_money_went(client, manager, russian):
    invoice = issue("300", pet=russian)
    paid = pay(invoice, "300")
    back = refund_payment(invoice=invoice, amount=Decimal(120), method="card", reason="Дважды", by=manager)

    came = read(client, f"/invoices/{invoice.pk}/payments/{paid.pk}.pdf")
    went = read(client, f"/invoices/{invoice.pk}/payments/{back.pk}.pdf")

    assert said(came, "Получено от", f"счёт {invoice}", "наличные", "Триста рублей 00 копеек", "не кассовый чек") == []
    assert said(went, "Возвращено", "карта", "Дважды", "Сто двадцать рублей 00 копеек") == []


def test_receipts_of_a_deposit_that_was_taken_and_given_back(client, manager, russian):
    owner = russian.pet_owner
    came = take_deposit(owner=owner, amount=Decimal(500), method="transfer", by=manager)
    went = return_deposit(owner=owner, amount=Decimal(200), method="cash", reason="Переезд", by=manager)

    texts = [read(client, f"/owners/{owner.pk}/deposits/{each.pk}.pdf") for each in (came, went)]

    assert said(texts[0], "Получено от", "депозит для будущих счетов", "перевод", "Пятьсот рублей 00 копеек") == []
    assert said(texts[1], "Возвращено", "Переезд", "наличные", "Двести рублей 00 копеек") == []


def test_deposit_that_paid_an_invoice_has_no_receipt_of_its_own(client, manager, russian):
    owner = russian.pet_owner
    take_deposit(owner=owner, amount=Decimal(500), method="cash", by=manager)
    invoice = issue("100", pet=russian)
    take_payment(invoice=invoice, amount=Decimal(100), method="deposit", by=manager)
    used = Deposit.objects.get(kind="used")

    assert client.get(f"/owners/{owner.pk}/deposits/{used.pk}.pdf").status_code == 404


@pytest.mark.parametrize(("language", "word"), [("ru", "Счёт"), ("en", "Invoice")])
def test_paper_is_in_the_owners_language_whoever_prints_it(client, manager, language, word):
    invoice = issue("100", pet=PetFactory(pet_owner=OwnerFactory(language=language)))

    texts = {read(client, f"/invoices/{invoice.pk}.pdf") for client.cookies["django_language"] in ("ru", "en")}

    assert len(texts) == 1
    assert said(texts.pop(), f"{word} {invoice}") == []


def test_vet_gets_the_papers_of_own_visits_alone(client):
    own, other = issue("100"), issue("100")
    paid = pay(other, "100")
    client.force_login(own.record.appointment.vet.user)

    paths = [f"/invoices/{own.pk}.pdf", f"/invoices/{other.pk}.pdf", f"/invoices/{other.pk}/payments/{paid.pk}.pdf"]

    assert [client.get(path).status_code for path in paths] == [200, 404, 404]


def test_payment_of_another_invoice_is_not_found(client, manager):
    invoice, other = issue("100"), issue("100")
    paid = pay(other, "100")

    assert client.get(f"/invoices/{invoice.pk}/payments/{paid.pk}.pdf").status_code == 404


def test_names_that_look_like_html_are_text(client, manager):
    owner = OwnerFactory(last_name="<img src=file:///etc/passwd>", language="en")
    invoice = issue("100", pet=PetFactory(pet_owner=owner))

    assert said(read(client, f"/invoices/{invoice.pk}.pdf"), "<img src=file:///etc/passwd>") == []


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        ("1001.21", "RUB", "ru", "Одна тысяча один рубль 21 копейка"),
        ("2.02", "RUB", "ru", "Два рубля 02 копейки"),
        ("0.05", "RUB", "ru", "Ноль рублей 05 копеек"),
        ("99999999.99", "RUB", "ru", "Девяносто девять миллионов девятьсот девяносто девять тысяч девятьсот девяносто"
         " девять рублей 99 копеек"),
        ("2000.00", "EUR", "ru", "Две тысячи евро 00 центов"),
        ("21.01", "EUR", "en", "Twenty-one euro 01 cent"),
        ("5.50", "CHF", "ru", "Пять CHF 50/100"),
    ],
)  # fmt: skip
def test_sum_in_words(settings, amount, currency, language, words):
    settings.CLINIC_CURRENCY = currency

    assert in_words(Decimal(amount), language) == words


@given(st.decimals(Decimal("0.00"), Decimal("99999999.99"), places=2), st.sampled_from(["ru", "en"]))
def test_every_sum_has_words_that_end_in_its_hundredths(amount, language):
    words = in_words(amount, language)

    assert f" {int(amount * 100) % 100:02} " in words


def test_paper_takes_as_many_queries_for_one_line_as_for_ten(client, manager, django_assert_num_queries):
    counts = []
    for prices in (["1"], ["1"] * 10):
        invoice = issue(*prices)
        client.get(f"/invoices/{invoice.pk}.pdf")
        with django_assert_num_queries(3):
            counts.append(client.get(f"/invoices/{invoice.pk}.pdf").status_code)

    assert counts == [200, 200]


def test_draft_of_today_has_no_date(client, manager, russian):
    invoice = draft("100", pet=russian)

    text = read(client, f"/invoices/{invoice.pk}.pdf")

    with translation.override("ru"):
        today = date_format(timezone.localdate(), "DATE_FORMAT")
    assert said(text, today) == [today]
