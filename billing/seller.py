"""Who the clinic is on its papers, and where it is paid: from the settings."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Seller:
    """Empty strings where nothing is known. `account`: 20 digits in Russia, elsewhere an IBAN."""

    name: str
    address: str
    phone: str
    tax_id: str
    tax_reason_code: str
    bank: str
    bank_code: str
    account: str
    correspondent_account: str


def seller() -> Seller:
    return Seller(
        name=settings.CLINIC_LEGAL_NAME or settings.CLINIC_NAME,
        address=settings.CLINIC_ADDRESS,
        phone=settings.CLINIC_PHONE,
        tax_id=settings.CLINIC_TAX_ID,
        tax_reason_code=settings.CLINIC_TAX_REASON_CODE,
        bank=settings.CLINIC_BANK,
        bank_code=settings.CLINIC_BANK_CODE,
        account=settings.CLINIC_BANK_ACCOUNT.replace(" ", ""),
        correspondent_account=settings.CLINIC_CORRESPONDENT_ACCOUNT,
    )
