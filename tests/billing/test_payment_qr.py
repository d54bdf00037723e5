"""The code for payment: what stands in it, when it is printed, and what is said when the settings lack something."""

from decimal import Decimal

import pytest
import segno
from django.core.checks import run_checks
from hypothesis import assume, example, given
from hypothesis import strategies as st
from segno.helpers import make_epc_qr

from billing import bank
from billing.models import Invoice
from billing.payment_qr import HEAD, SEPARATORS, code_of, purpose_of, qr_of, st00012
from tests.billing.bills import draft, issue, pay

RUSSIAN = {
    "CLINIC_CURRENCY": "RUB",
    "CLINIC_LEGAL_NAME": "ООО «Лапа»",
    "CLINIC_TAX_ID": "7700 000 009",
    "CLINIC_BANK_NAME": "Банк «Хвост»",
    "CLINIC_BIC": "044525225",
    "CLINIC_ACCOUNT": "40702 810 9 3800 0000001",
    "CLINIC_CORRESPONDENT_ACCOUNT": "30101810400000000225",
    "PAYMENT_QR": "st00012",
    "LANGUAGE_CODE": "en",
}
EUROPEAN = RUSSIAN | {
    "CLINIC_CURRENCY": "EUR",
    "CLINIC_LEGAL_NAME": "Pfote GmbH",
    "CLINIC_BIC": "",
    "CLINIC_ACCOUNT": "DE89 3704 0044 0532 0130 00",  # the example of the standard
    "PAYMENT_QR": "epc",
}
TEXTS = st.text(st.characters(exclude_categories=["C"]), max_size=60)


@pytest.fixture
def choose(settings):
    """Settings of the clinic, with changes."""

    def of(values: dict, **changes) -> None:
        for name, value in (values | changes).items():
            setattr(settings, name, value)

    return of


def owed(*prices) -> Invoice:
    return Invoice.objects.with_balance().get(pk=issue(*prices).pk)


def read(payload: str) -> dict[str, str]:
    """What a bank reads: the sign after the head separates the fields."""
    assert payload.startswith(HEAD)
    separator, rest = payload[len(HEAD)], payload[len(HEAD) + 1 :]
    return dict(field.split("=", 1) for field in rest.split(separator))


# -- What stands in it --------------------------------------------------------------------------------------


@given(name=TEXTS, bank_name=TEXTS, purpose=TEXTS, kopecks=st.integers(1, 10**10))
@example(name="a|b", bank_name="~", purpose="Sum=1", kopecks=200)
@example(name="Name=x|Sum=1", bank_name="  two\u00a0 spaces ", purpose="п" * 300, kopecks=1)
def test_st00012_of_any_text_reads_back_field_by_field(name, bank_name, purpose, kopecks):
    assume(any(sign not in name + bank_name + purpose for sign in SEPARATORS))
    to = bank.Payee(name, "", "7700000009", bank_name, "044525225", "40702810938000000001", "0")

    found = read(st00012(to, Decimal(kopecks) / 100, purpose))

    assert found == {
        "Name": " ".join(name.split())[:160],
        "PersonalAcc": "40702810938000000001",
        "BankName": " ".join(bank_name.split())[:45],
        "BIC": "044525225",
        "CorrespAcc": "0",
        "PayeeINN": "7700000009",
        "Sum": str(kopecks),
        "Purpose": " ".join(purpose.split())[:210],
    }


def test_st00012_of_a_name_with_every_separator_loses_one_sign_and_no_field():
    to = bank.Payee(f"a{SEPARATORS}b", "", "7700000009", "Bank", "044525225", "40702810938000000001", "0")

    found = read(st00012(to, Decimal(1), "Invoice 1"))

    assert (found["Name"], found["Sum"]) == (f"a {SEPARATORS[1:]}b", "100")


@pytest.mark.django_db
def test_st00012_of_an_invoice_part_paid_asks_for_what_is_left(choose):
    choose(RUSSIAN)
    invoice = owed("1250.50")
    pay(invoice, "50.25")
    invoice = Invoice.objects.with_balance().get(pk=invoice.pk)

    payload = st00012(bank.payee(), invoice.balance, purpose_of(invoice))

    assert payload == (
        "ST00012|Name=ООО «Лапа»|PersonalAcc=40702810938000000001|BankName=Банк «Хвост»|BIC=044525225"
        f"|CorrespAcc=30101810400000000225|PayeeINN=7700000009|Sum=120025|Purpose=Invoice {invoice}"
        f" of {invoice.date:%d.%m.%Y}"
    )
    assert code_of(invoice).matrix == segno.make_qr(payload, error="m", encoding="utf-8").matrix


@pytest.mark.django_db
def test_epc_of_an_invoice_is_that_of_the_library_for_what_is_owed(choose):
    choose(EUROPEAN)
    invoice = owed("99.90")

    code = code_of(invoice)

    text = f"Invoice {invoice} of {invoice.date:%d.%m.%Y}"
    assert code.matrix == make_epc_qr("Pfote GmbH", "DE89370400440532013000", Decimal("99.90"), text=text).matrix


# -- When it is printed -------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"PAYMENT_QR": "none"}, {"PAYMENT_QR": "x"}, {"CLINIC_CURRENCY": "EUR"}])
def test_code_that_is_not_wanted_or_not_right_is_not_drawn(choose, changes):
    choose(RUSSIAN)
    invoice = owed("100")
    assert qr_of(invoice) != ""
    choose(changes)

    assert qr_of(invoice) == ""


@pytest.mark.django_db
def test_invoice_that_is_not_to_be_paid_has_no_code(choose):
    choose(RUSSIAN)
    unissued, paid = draft("100"), owed("100")
    pay(paid, "100")

    found = [qr_of(each) for each in Invoice.objects.with_balance().filter(pk__in=[unissued.pk, paid.pk])]

    assert found == ["", ""]


# -- What is said of the settings ---------------------------------------------------------------------------


@pytest.mark.parametrize("values", [RUSSIAN, EUROPEAN, EUROPEAN | {"CLINIC_BIC": "COBADEFF"}])
def test_settings_that_are_complete_are_not_blamed(choose, values):
    choose(values)

    assert bank.problems() == []


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        (RUSSIAN, "CLINIC_BANK_NAME", " "),
        (RUSSIAN, "CLINIC_ACCOUNT", "40702810938000000010"),
        (RUSSIAN, "CLINIC_ACCOUNT", ""),
        (RUSSIAN, "CLINIC_CORRESPONDENT_ACCOUNT", "30101810400000000226"),
        (RUSSIAN, "CLINIC_TAX_ID", "7700000008"),
        (RUSSIAN, "CLINIC_TAX_ID", "²²²²²²²²²²"),
        (RUSSIAN, "CLINIC_CURRENCY", "EUR"),
        (EUROPEAN, "CLINIC_CURRENCY", "RUB"),
        (EUROPEAN, "CLINIC_ACCOUNT", "DE89370400440532013001"),
        (EUROPEAN, "CLINIC_BIC", "044525225"),
        (EUROPEAN, "CLINIC_LEGAL_NAME", "x" * 71),
        (EUROPEAN, "PAYMENT_QR", "paper"),
    ],
)
def test_check_names_the_setting_that_is_wrong(choose, values, name, value):
    choose(values, **{name: value})

    found = [error.msg for error in run_checks() if error.id == "billing.E001"]

    assert [name in message for message in found] == [True]


def test_check_of_a_clinic_without_codes_asks_for_nothing(choose):
    choose(dict.fromkeys(RUSSIAN, ""), PAYMENT_QR="none", CLINIC_CURRENCY="RUB", LANGUAGE_CODE="en")

    assert bank.problems() == []


def test_wrong_bic_is_named_and_with_it_the_account_that_hangs_on_it(choose):
    choose(RUSSIAN, CLINIC_BIC="04452522")

    named = [str(problem).split()[0] for problem in bank.problems()]

    assert named == ["CLINIC_BIC", "CLINIC_ACCOUNT"]


@given(place=st.integers(0, 19), digit=st.integers(1, 9))
def test_one_digit_of_an_account_typed_wrong_is_noticed(place, digit):
    right = "40702810938000000001"
    wrong = right[:place] + str((int(right[place]) + digit) % 10) + right[place + 1 :]

    assert (bank.is_russian_account("225", right), bank.is_russian_account("225", wrong)) == (True, False)


@pytest.mark.parametrize(
    ("number", "is_right"), [("500100732259", True), ("500100732258", False), ("50010073225", False)]
)
def test_inn_of_a_person_has_twelve_digits_two_of_which_check(number, is_right):
    assert bank.is_inn(number) == is_right
