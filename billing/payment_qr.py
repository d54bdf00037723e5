"""The code that an owner's bank reads from an invoice: ST00012 (GOST R 56042-2014) or EPC069-12, by PAYMENT_QR."""

from decimal import Decimal

import segno
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from segno.helpers import make_epc_qr

from billing import bank
from billing.bank import Payee
from billing.models import Invoice

HEAD = "ST00012"  # format, version 0001, and 2: what follows is UTF-8
SEPARATORS = "|~^#;!"  # the sign after the head separates the fields: one that no field has
LONGEST = {"Name": 160, "BankName": 45, "Purpose": 210}
LONGEST_TEXT = 140  # of an EPC code


def qr_of(invoice: Invoice) -> SafeString:
    """An SVG with the sum still to pay; empty when nothing is, or the settings do not allow a code. With `balance`."""
    code = code_of(invoice)
    if code is None:
        return SafeString("")
    svg = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 (drawn by segno: squares, no text)


def code_of(invoice: Invoice) -> segno.QRCode | None:
    if not invoice.is_owed or settings.PAYMENT_QR == "none" or bank.problems():
        return None
    to, purpose = bank.payee(), purpose_of(invoice)
    if settings.PAYMENT_QR == "epc":
        return make_epc_qr(to.name, to.account, invoice.balance, text=purpose[:LONGEST_TEXT], bic=to.bic or None)
    return segno.make_qr(st00012(to, invoice.balance, purpose), error="m", encoding="utf-8")


def purpose_of(invoice: Invoice) -> str:
    """What the clinic reads on its statement: in the clinic's language, whatever the owner's is."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("Invoice %(number)s of %(day)s") % {"number": invoice, "day": f"{invoice.date:%d.%m.%Y}"}


def st00012(to: Payee, amount: Decimal, purpose: str) -> str:
    """The five fields that must be there, in their order, then the others; the sum in kopecks."""
    fields = {
        "Name": to.name,
        "PersonalAcc": to.account,
        "BankName": to.bank,
        "BIC": to.bic,
        "CorrespAcc": to.correspondent,
        "PayeeINN": to.tax_id,
        "Sum": str(int(amount * 100)),
        "Purpose": purpose,
    }
    clean = {name: _one_line(value)[: LONGEST.get(name)] for name, value in fields.items()}
    signs = "".join(clean.values())
    separator = next((sign for sign in SEPARATORS if sign not in signs), SEPARATORS[0])
    parts = [f"{name}={value.replace(separator, ' ')}" for name, value in clean.items()]
    return separator.join([HEAD, *parts])


def _one_line(text: str) -> str:
    return " ".join(text.split())
