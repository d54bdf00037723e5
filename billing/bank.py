"""Whom an owner pays, and what is wrong with it for a QR code for payment: the clinic's settings, judged.

A digit typed wrong sends money to somebody else, so the check digits are checked: those of a Russian account
(key 7 1 3 with the bank's BIC), of an INN, of an IBAN.
"""

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vetclinic.refusals import Text

KINDS = ("none", "st00012", "epc")
CURRENCY = {"st00012": "RUB", "epc": "EUR"}
# length → the weights of the digits before each check digit
INN_WEIGHTS = {
    10: ["2 4 10 3 5 9 4 6 8"],
    12: ["7 2 4 10 3 5 9 4 6 8", "3 7 2 4 10 3 5 9 4 6 8"],
}
LONGEST_EPC_NAME = 70
NO_ACCOUNT = "0"  # of a bank that has no correspondent account: the standard wants a zero then


@dataclass(frozen=True)
class Payee:
    """Who gets the money, as the settings say; numbers without the spaces that people type."""

    name: str
    address: str
    tax_id: str
    bank: str
    bic: str
    account: str
    correspondent: str

    @property
    def has_bank(self) -> bool:
        return bool(self.account)


def payee() -> Payee:
    return Payee(
        name=settings.CLINIC_LEGAL_NAME,
        address=settings.CLINIC_ADDRESS,
        tax_id=_plain(settings.CLINIC_TAX_ID),
        bank=settings.CLINIC_BANK_NAME,
        bic=_plain(settings.CLINIC_BIC),
        account=_plain(settings.CLINIC_ACCOUNT),
        correspondent=_plain(settings.CLINIC_CORRESPONDENT_ACCOUNT),
    )


def problems() -> list[Text]:
    """Why no code for payment can be printed, one sentence for each setting; nothing when it can, or is not wanted."""
    kind = settings.PAYMENT_QR
    if kind not in KINDS:
        return [_("PAYMENT_QR is none, st00012 or epc.")]
    if kind == "none":
        return []
    wanted = CURRENCY[kind]
    wrong = [] if wanted == settings.CLINIC_CURRENCY else [WRONG_CURRENCY[kind]]
    return wrong + (_russian(payee()) if kind == "st00012" else _european(payee()))


WRONG_CURRENCY = {
    "st00012": _("PAYMENT_QR=st00012 is for roubles: CLINIC_CURRENCY is another currency."),
    "epc": _("PAYMENT_QR=epc is for euro: CLINIC_CURRENCY is another currency."),
}


def _russian(to: Payee) -> list[Text]:
    """What GOST R 56042-2014 wants: name, account, bank, BIC, correspondent account; and the INN of the payee."""
    corresponds = to.correspondent == NO_ACCOUNT or is_russian_account(f"0{to.bic[4:6]}", to.correspondent)
    found = [
        (bool(to.bank.strip()), _("CLINIC_BANK_NAME is missing.")),
        (is_bic(to.bic), _("CLINIC_BIC is not nine digits of a Russian bank.")),
        (is_russian_account(to.bic[-3:], to.account), _("CLINIC_ACCOUNT is no account of the bank of CLINIC_BIC.")),
        (corresponds, _("CLINIC_CORRESPONDENT_ACCOUNT is not that of CLINIC_BIC; 0 if the bank has none.")),
        (is_inn(to.tax_id), _("CLINIC_TAX_ID is no INN: ten or twelve digits, the last of them check the others.")),
    ]
    return [sentence for is_right, sentence in found if not is_right]


def _european(to: Payee) -> list[Text]:
    found = [
        (is_iban(to.account), _("CLINIC_ACCOUNT is no IBAN.")),
        (not to.bic or is_swift(to.bic), _("CLINIC_BIC is not eight or eleven signs of a bank.")),
        (len(to.name) <= LONGEST_EPC_NAME, _("CLINIC_LEGAL_NAME is longer than the 70 signs that the code may have.")),
    ]
    return [sentence for is_right, sentence in found if not is_right]


def is_bic(text: str) -> bool:
    return re.fullmatch(r"[0-9]{9}", text) is not None


def is_swift(text: str) -> bool:
    return re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text) is not None


def is_russian_account(bank: str, account: str) -> bool:
    """`bank`: three digits of the BIC, those at its end, or for a correspondent account 0 and the two of its region."""
    if not re.fullmatch(r"[0-9]{3}", bank) or not re.fullmatch(r"[0-9]{20}", account):
        return False
    return sum(int(digit) * (7, 1, 3)[place % 3] for place, digit in enumerate(bank + account)) % 10 == 0


def is_inn(text: str) -> bool:
    if not re.fullmatch(r"[0-9]+", text) or len(text) not in INN_WEIGHTS:
        return False
    digits = [int(digit) for digit in text]
    keys = [[int(weight) for weight in weights.split()] for weights in INN_WEIGHTS[len(text)]]
    return all(sum(map(int.__mul__, key, digits)) % 11 % 10 == digits[len(key)] for key in keys)


def is_iban(text: str) -> bool:
    """By the remainder of ISO 13616: letters are two figures each, A is 10."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _plain(text: str) -> str:
    return "".join(text.split())
