"""What `manage.py check` says about the settings of money."""

from decimal import Decimal

from django.conf import settings
from django.core.checks import Error, register

from billing.payment_qr import KINDS
from billing.seller import seller

NEEDED = {
    "st00012": ("CLINIC_LEGAL_NAME", "CLINIC_TAX_ID", "CLINIC_BANK", "CLINIC_BANK_CODE", "CLINIC_BANK_ACCOUNT"),
    "epc": ("CLINIC_LEGAL_NAME", "CLINIC_BANK_ACCOUNT"),
}
CURRENCY = {"st00012": "RUB", "epc": "EUR"}


@register()
def payment_qr_can_be_drawn(app_configs, **_more) -> list[Error]:
    """A code that names no account, or another currency, would send money astray."""
    kind = settings.PAYMENT_QR
    if kind == "none":
        return []
    if kind not in KINDS:
        return [Error("PAYMENT_QR is none, st00012 or epc.", id="billing.E001")]
    errors = []
    if missing := [name for name in NEEDED[kind] if not getattr(settings, name)]:
        errors.append(Error(f"PAYMENT_QR={kind} needs {', '.join(missing)}.", id="billing.E002"))
    if CURRENCY[kind] != settings.CLINIC_CURRENCY:
        errors.append(Error(f"PAYMENT_QR={kind} is for {CURRENCY[kind]}, not CLINIC_CURRENCY.", id="billing.E003"))
    return errors or _drawn(kind)


def _drawn(kind: str) -> list[Error]:
    try:
        KINDS[kind](seller(), Decimal(1), "1")
    except ValueError as error:
        return [Error(f"PAYMENT_QR={kind} cannot be drawn: {error}", id="billing.E004")]
    return []
