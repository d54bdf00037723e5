"""The code to pay by: what a bank's app reads is the sum, the account and the purpose."""

from dataclasses import replace
from decimal import Decimal

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from billing.checks import payment_qr_can_be_drawn
from billing.payment_qr import payment_qr, st00012
from billing.seller import Seller, seller

PAYEE = Seller(
    name="ООО «Лапа»",
    address="",
    phone="",
    tax_id="7700000000",
    tax_reason_code="",
    bank="АО «Банк»",
    bank_code="044525000",
    account="40702810000000000001",
    correspondent_account="30101810000000000000",
)


def parsed(text: str) -> dict[str, str]:
    """As the standard reads it: the sign after the version parts the fields."""
    assert text[:7] == "ST00012"
    return dict(field.split("=", 1) for field in text[8:].split(text[7]))


def test_code_for_roubles_holds_what_the_standard_asks_for():
    text = st00012(PAYEE, Decimal("1502.60"), "Счёт 2026-00001 от 23.11.2026")

    assert parsed(text) == {
        "Name": "ООО «Лапа»",
        "PersonalAcc": "40702810000000000001",
        "BankName": "АО «Банк»",
        "BIC": "044525000",
        "CorrespAcc": "30101810000000000000",
        "PayeeINN": "7700000000",
        "Sum": "150260",
        "Purpose": "Счёт 2026-00001 от 23.11.2026",
    }


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300),
    st.text(max_size=300),
    st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2),
)
def test_code_of_any_name_and_purpose_keeps_its_fields_apart(name, purpose, amount):
    text = st00012(replace(PAYEE, name=f"a{name}"), amount, purpose)

    fields = parsed(text)
    assert (fields["Sum"], fields["PersonalAcc"]) == (str(int(amount * 100)), PAYEE.account)
    assert len(fields["Name"]) <= 160
    assert len(fields.get("Purpose", "")) <= 210
    assert not {"\n", "\r"} & set(text)


def test_sign_that_a_name_has_does_not_part_the_fields():
    text = st00012(replace(PAYEE, name="Лапа|Хвост"), Decimal(1), "x")

    assert text[7] == "~"
    assert parsed(text)["Name"] == "Лапа|Хвост"


def test_name_with_every_sign_loses_one_of_them():
    assert parsed(st00012(replace(PAYEE, name="a|~_^"), Decimal(1), "x"))["Name"] == "a ~_^"


def test_drawn_code_is_that_of_the_text(settings):
    settings.PAYMENT_QR = "st00012"
    amount, purpose = Decimal("10.00"), "Счёт 1"

    drawn = payment_qr(amount, purpose)

    expected = segno.make(st00012(seller(), amount, purpose), encoding="utf-8", error="m", micro=False)
    assert drawn == expected.svg_inline(border=2, omitsize=True)


def test_code_for_euros_is_that_of_its_standard(settings):
    settings.PAYMENT_QR, settings.CLINIC_CURRENCY = "epc", "EUR"
    settings.CLINIC_LEGAL_NAME, settings.CLINIC_BANK_ACCOUNT = "Pfote GmbH", "DE75 5121 0800 1245 1261 99"

    drawn = payment_qr(Decimal("12.30"), "Invoice 1")

    lines = ["BCD", "002", "1", "SCT", "", "Pfote GmbH", "DE75512108001245126199", "EUR12.3", "", "", "Invoice 1"]
    expected = segno.make("\n".join(lines), error="m", boost_error=False, encoding="utf-8", micro=False)
    assert drawn == expected.svg_inline(border=2, omitsize=True)


@pytest.mark.parametrize(("kind", "amount"), [("none", "10"), ("st00012", "0"), ("st00012", "-5")])
def test_no_code_where_none_is_wanted_or_nothing_is_owed(settings, kind, amount):
    settings.PAYMENT_QR = kind

    assert payment_qr(Decimal(amount), "x") is None


@pytest.mark.parametrize(
    ("kind", "currency", "account", "ids"),
    [
        ("none", "RUB", "", []),
        ("paypal", "RUB", "1", ["billing.E001"]),
        ("st00012", "RUB", "", ["billing.E002"]),
        ("st00012", "EUR", "", ["billing.E002", "billing.E003"]),
        ("epc", "RUB", "DE75512108001245126199", ["billing.E003"]),
        ("epc", "EUR", "DE75512108001245126199", []),
        ("epc", "EUR", "DE7", ["billing.E004"]),
    ],
)
def test_settings_that_cannot_make_a_code_are_named(settings, kind, currency, account, ids):
    settings.PAYMENT_QR, settings.CLINIC_CURRENCY, settings.CLINIC_BANK_ACCOUNT = kind, currency, account
    settings.CLINIC_LEGAL_NAME = "Pfote"

    assert [error.id for error in payment_qr_can_be_drawn(None)] == ids
