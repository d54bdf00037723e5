"""Invoice, credit note and receipt on paper: what pdftotext reads back is what the database has."""

import io
import subprocess
from decimal import Decimal

import pytest
from PIL import Image
from pypdf import PdfReader

from billing import actions
from billing.models import Invoice
from billing.payment_qr import code_of
from billing.words import in_words
from clinic.merging import merge_owners
from tests.billing.bills import draft, issue, pay
from tests.billing.test_payment_qr import RUSSIAN
from tests.factories import OwnerFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager", password=None))
    return client


@pytest.fixture
def payable(settings):
    """A clinic with an account, and codes for payment."""
    for name, value in RUSSIAN.items():
        setattr(settings, name, value)


def text_of(answer) -> str:
    """What stands on the paper, line by line."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    read = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(read, input=answer.content, capture_output=True, check=True).stdout.decode()
    return text.replace("\u00a0", " ")


def bill_of(language="", **owner):
    return PetFactory(name="Барсик", pet_owner=OwnerFactory(language=language, **owner))


def has(text: str, *wanted: str) -> list[str]:
    """Those that are missing."""
    flat = " ".join(text.split())
    return [each for each in wanted if each not in flat]


# -- Invoices -----------------------------------------------------------------------------------------------


def test_invoice_on_paper_says_what_the_database_does(manager, payable):
    invoice = issue("1000.10", "250.40", pet=bill_of("en", last_name="Ёжиков", first_name="Пётр"))
    pay(invoice, "50")

    text = text_of(manager.get(f"/invoices/{invoice.pk}/paper/"))

    lines = [f"{line.name} 1 ₽{line.unit_price:,} ₽{line.total:,}" for line in invoice.lines.all()]
    bank = ["ООО «Лапа»", "40702810938000000001", "Банк «Хвост»", "044525225", "30101810400000000225", "7700000009"]
    sums = ["Total ₽1,250.50", "To pay ₽1,200.50", "Payment, cash", "−₽50"]
    words = "One thousand, two hundred and fifty roubles, fifty kopeks"
    assert has(text, f"Invoice {invoice}", "Ёжиков Пётр", "Барсик", *lines, *bank, *sums, words) == []


def test_invoice_is_in_the_language_of_its_owner_whoever_prints_it(manager, payable):
    invoice = issue("2001.02", pet=bill_of("ru"))

    text = text_of(manager.get(f"/invoices/{invoice.pk}/paper/"))

    assert has(text, "Счёт", "2 001,02 ₽", "Две тысячи один рубль две копейки", "Итого") == []


def test_invoice_of_a_record_merged_away_is_in_the_language_of_the_person(manager):
    kept, invoice = OwnerFactory(language="ru"), issue("100", pet=bill_of("en"))
    merge_owners(source=invoice.pet_owner, target=kept, by=UserFactory(role="manager"))

    text = text_of(manager.get(f"/invoices/{invoice.pk}/paper/"))

    assert has(text, "Сто рублей ноль копеек") == []


def test_draft_and_void_say_so_and_ask_for_no_money(manager, payable):
    unissued, void = draft("100", pet=bill_of("en")), issue("200", pet=bill_of("en"))
    actions.void_invoice(invoice=void, reason="Wrong animal", by=UserFactory(role="manager"))

    texts = [text_of(manager.get(f"/invoices/{invoice.pk}/paper/")) for invoice in (unissued, void)]

    assert has(texts[0], "Draft: not an invoice yet, it may still change", "Total ₽100") == []
    assert has(texts[1], "Void: do not pay", "Wrong animal", f"Invoice {void}") == []
    assert [has(text, "To pay", "40702810938000000001") for text in texts] == [["To pay", "40702810938000000001"]] * 2


def test_invoice_with_a_discount_shows_it(manager):
    invoice = issue("100", discount=Decimal("12.50"), pet=bill_of("en"))

    text = text_of(manager.get(f"/invoices/{invoice.pk}/paper/"))

    assert has(text, "Discount", "₽100 ₽12.50 ₽87.50") == []


def test_invoice_of_many_lines_takes_the_queries_of_one_and_embeds_its_fonts(manager, django_assert_num_queries):
    one, many = (issue(*["10"] * count, pet=bill_of("en")) for count in (1, 100))
    manager.get(f"/invoices/{one.pk}/paper/")

    with django_assert_num_queries(5):
        manager.get(f"/invoices/{one.pk}/paper/")
    with django_assert_num_queries(5):
        answer = manager.get(f"/invoices/{many.pk}/paper/")

    fonts = subprocess.run(["pdffonts", "-"], input=answer.content, capture_output=True, check=True).stdout.decode()
    assert {line.split()[-5] for line in fonts.splitlines()[2:]} == {"yes"}
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 4


def test_code_on_the_paper_is_the_code_square_by_square(manager, payable):
    invoice = issue("1250.50", pet=bill_of("ru"))

    answer = manager.get(f"/invoices/{invoice.pk}/paper/")

    matrix = code_of(Invoice.objects.with_balance().get(pk=invoice.pk)).matrix
    assert squares(answer.content, len(matrix)) == [[bool(cell) for cell in row] for row in matrix]


def squares(content: bytes, size: int) -> list[list[bool]]:
    """The squares of a code on a sheet: it alone is drawn in pure black, and its corners are."""
    draw = ["pdftoppm", "-r", "300", "-gray", "-png", "-"]
    picture = Image.open(
        io.BytesIO(subprocess.run(draw, input=content, capture_output=True, check=True).stdout)
    ).convert("L")
    left, top, right, bottom = picture.point(lambda shade: 255 if shade == 0 else 0).getbbox()
    wide, high = (right - left) / size, (bottom - top) / size
    return [
        [picture.getpixel((left + int((x + 0.5) * wide), top + int((y + 0.5) * high))) < 128 for x in range(size)]
        for y in range(size)
    ]


# -- Credit notes and receipts ------------------------------------------------------------------------------


def test_credit_note_names_its_invoice_and_the_reason(manager):
    invoice = issue("100", "300", pet=bill_of("en"))
    line = invoice.lines.last()
    note = actions.credit_invoice(
        invoice=invoice, amounts={line.pk: Decimal("21.21")}, reason="Old <b>batch</b>", by=UserFactory(role="manager")
    )

    text = text_of(manager.get(f"/invoices/{invoice.pk}/credits/{note.number}/paper/"))

    words = "Twenty-one roubles, twenty-one kopeks"
    wanted = [f"Credit note {invoice}/1", f"to invoice {invoice} of", "Old <b>batch</b>", f"{line.name} ₽300 ₽21.21"]
    assert has(text, *wanted, words) == []


@pytest.mark.parametrize("method", ["cash", "card", "transfer"])
def test_receipt_says_what_came_how_and_for_what(manager, method):
    invoice = issue("100", pet=bill_of("en"))
    taken = {"amount": Decimal("30.05"), "method": method, "by": UserFactory(first_name="Olga", last_name="K")}
    payment = actions.take_payment(invoice=invoice, **taken)

    text = text_of(manager.get(f"/invoices/{invoice.pk}/payments/{payment.pk}/paper/"))

    wanted = [f"Receipt for a payment {payment.pk}", f"to invoice {invoice} of", f"{method.capitalize()} ₽30.05"]
    assert has(text, *wanted, "Thirty roubles, five kopeks", "Received by: Olga K", "not a fiscal receipt") == []


def test_receipt_for_a_refund_says_why_money_went_back(manager):
    invoice = issue("100", pet=bill_of("en"))
    pay(invoice, "100")
    by = UserFactory(role="manager")
    back = actions.refund_payment(invoice=invoice, amount=Decimal(40), method="card", reason="Paid twice", by=by)

    text = text_of(manager.get(f"/invoices/{invoice.pk}/payments/{back.pk}/paper/"))

    assert has(text, f"Receipt for a refund {back.pk}", "Card ₽40", "Paid twice", "Paid out by") == []


def test_receipt_in_another_currency_speaks_of_no_fiscal_one(manager, settings):
    settings.CLINIC_CURRENCY = "EUR"
    payment = pay(issue("100", pet=bill_of("en")), "2")

    text = text_of(manager.get(f"/invoices/{payment.invoice_id}/payments/{payment.pk}/paper/"))

    assert (has(text, "fiscal"), has(text, "€2.00", "Two euro, zero cents")) == (["fiscal"], [])


def test_receipt_for_a_deposit_taken_and_given_back(manager):
    owner, by = OwnerFactory(language="en"), UserFactory(role="manager")
    taken = actions.take_deposit(owner=owner, amount=Decimal(500), method="cash", by=by)
    given = actions.return_deposit(owner=owner, amount=Decimal(100), method="card", reason="Moves away", by=by)

    texts = [text_of(manager.get(f"/owners/{owner.pk}/deposits/{row.pk}/paper/")) for row in (taken, given)]

    assert has(texts[0], f"Receipt for a deposit {taken.pk}", "for invoices to come", "Cash ₽500") == []
    assert has(texts[1], f"Receipt for a deposit given back {given.pk}", "Card ₽100", "Moves away") == []


# -- Who ----------------------------------------------------------------------------------------------------


def test_vet_prints_the_papers_of_own_visits_alone(client):
    vet = VetFactory()
    own, other = issue("100", vet=vet), issue("100")
    paid = [pay(invoice, "1") for invoice in (own, other)]
    client.force_login(vet.user)

    codes = [
        client.get(f"/invoices/{payment.invoice_id}/{what}paper/").status_code
        for payment in paid
        for what in ("", f"payments/{payment.pk}/")
    ]

    assert codes == [200, 200, 404, 404]


def test_paper_under_another_invoice_or_owner_is_not_found(manager):
    one, other = issue("100"), issue("100")
    payment, by = pay(one, "50"), UserFactory(role="manager")
    note = actions.credit_invoice(invoice=one, amounts={one.lines.get().pk: Decimal(1)}, reason="x", by=by)
    deposit = actions.take_deposit(owner=one.pet_owner, amount=Decimal(1), method="cash", by=by)
    used = actions.take_payment(invoice=one, amount=Decimal(1), method="deposit", by=by)

    addresses = [
        f"/invoices/{other.pk}/payments/{payment.pk}/paper/",
        f"/invoices/{other.pk}/credits/{note.number}/paper/",
        f"/owners/{other.pet_owner_id}/deposits/{deposit.pk}/paper/",
        f"/owners/{one.pet_owner_id}/deposits/{used.deposit.pk}/paper/",
    ]

    assert [manager.get(address).status_code for address in addresses] == [404] * 4


def test_pages_lead_to_their_papers(manager):
    invoice, by = issue("100"), UserFactory(role="manager")
    payment = pay(invoice, "50")
    actions.credit_invoice(invoice=invoice, amounts={invoice.lines.get().pk: Decimal(1)}, reason="x", by=by)
    deposit = actions.take_deposit(owner=invoice.pet_owner, amount=Decimal(1), method="cash", by=by)
    bill, owner = f"/invoices/{invoice.pk}/", f"/owners/{invoice.pet_owner_id}/"

    pages = {address: manager.get(address).content.decode() for address in (bill, owner)}

    for place, paper in (
        (bill, f"{bill}paper/"),
        (bill, f"{bill}payments/{payment.pk}/paper/"),
        (bill, f"{bill}credits/1/paper/"),
        (owner, f"{owner}deposits/{deposit.pk}/paper/"),
        (owner, f"{owner}statement/"),
    ):
        assert f'href="{paper}"' in pages[place]


# -- Words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "russian", "english"),
    [
        ("0", "RUB", "Ноль рублей ноль копеек", "Zero roubles, zero kopeks"),
        ("1.01", "RUB", "Один рубль одна копейка", "One rouble, one kopek"),
        ("2002.02", "RUB", "Две тысячи два рубля две копейки", "Two thousand and two roubles, two kopeks"),
        ("1011.11", "RUB", "Одна тысяча одиннадцать рублей одиннадцать копеек", None),
        ("21.21", "RUB", "Двадцать один рубль двадцать одна копейка", None),
        ("2000000", "RUB", "Два миллиона рублей ноль копеек", None),
        ("1002.02", "EUR", "Одна тысяча два евро два цента", "One thousand and two euro, two cents"),
        ("22.05", "CHF", "Двадцать два CHF 05/100", "Twenty-two CHF 05/100"),
    ],
)
def test_sum_in_words_has_the_right_forms(amount, currency, russian, english):
    words = [in_words(Decimal(amount), currency, language) for language in ("ru", "en")]

    assert words[0] == russian
    assert english in (None, words[1])
