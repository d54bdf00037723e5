"""The code that a bank's app reads from an invoice: ST00012 (GOST R 56042) for roubles, EPC069-12 for euros."""

from collections.abc import Callable
from decimal import Decimal

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from segno import helpers

from billing.seller import Seller, seller

SEPARATORS = "|~_^"  # the first that no value has
LONGEST = {"Name": 160, "BankName": 45, "Purpose": 210}
EPC_NAME, EPC_TEXT = 70, 140


def payment_qr(amount: Decimal, purpose: str) -> SafeString | None:
    """The code as SVG for a sum to pay; None where the clinic wants none, or nothing is to pay."""
    make = KINDS.get(settings.PAYMENT_QR)
    if make is None or amount <= 0:
        return None
    code = make(seller(), amount, purpose)
    return mark_safe(code.svg_inline(border=2, omitsize=True))  # noqa: S308 (lines and numbers)


def st00012(payee: Seller, amount: Decimal, purpose: str) -> str:
    """The text of the code. UTF-8; the sum in kopecks; values as long as the standard lets them be."""
    values = {
        "Name": payee.name,
        "PersonalAcc": payee.account,
        "BankName": payee.bank,
        "BIC": payee.bank_code,
        "CorrespAcc": payee.correspondent_account or "0",
        "PayeeINN": payee.tax_id,
        "KPP": payee.tax_reason_code,
        "Sum": str(int(amount * 100)),
        "Purpose": purpose,
    }
    values = {name: _plain(value)[: LONGEST.get(name)] for name, value in values.items() if value}
    separator = next((sign for sign in SEPARATORS if sign not in "".join(values.values())), "|")
    fields = (f"{name}={value.replace(separator, ' ')}" for name, value in values.items())
    return separator.join(["ST00012", *fields])


def _st00012(payee: Seller, amount: Decimal, purpose: str) -> segno.QRCode:
    return segno.make(st00012(payee, amount, purpose), encoding="utf-8", error="m", micro=False)


def _epc(payee: Seller, amount: Decimal, purpose: str) -> segno.QRCode:
    name, text = _plain(payee.name)[:EPC_NAME], _plain(purpose)[:EPC_TEXT]
    return helpers.make_epc_qr(name, payee.account, amount, text=text, bic=payee.bank_code or None, encoding="utf-8")


def _plain(text: str) -> str:
    """In one line: ends of lines part the fields of both standards."""
    return " ".join(text.split())


KINDS: dict[str, Callable[[Seller, Decimal, str], segno.QRCode]] = {"st00012": _st00012, "epc": _epc}
