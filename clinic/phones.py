"""Phones: any usual writing is accepted, one way is stored (+ and digits, at most 15 characters in all)."""

import re

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vetclinic.refusals import RuleViolation

MAX_LENGTH = 15
EXTENSION = re.compile(r"[0-9*#+]+")
PUNCTUATION = str.maketrans("", "", " ().-/\u00a0\u2011\u2013")


def normalize_phone(text: str) -> str:
    """+79161234567 for "8 (916) 123-45-67"; "" for nothing.

    A number without its country is of CLINIC_PHONE_REGION. Raises RuleViolation for what is no phone number.
    """
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, settings.CLINIC_PHONE_REGION)
    except phonenumbers.NumberParseException as error:
        raise _not_a_phone() from error
    stored = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(number) or len(stored) > MAX_LENGTH:
        raise _not_a_phone()
    return stored


def normalize_extension(text: str) -> str:
    """What is dialled inside the clinic: *21# or 104, without the punctuation that people put in; "" for nothing."""
    dialled = text.translate(PUNCTUATION)
    if dialled and (len(dialled) > MAX_LENGTH or not EXTENSION.fullmatch(dialled)):
        message = _("Enter what is dialled: digits, *, # and +, at most 15 in all.")
        raise RuleViolation("extension_can_be_dialled", message, "internal_phone")
    return dialled


def _not_a_phone() -> RuleViolation:
    return RuleViolation("phone_is_a_number", _("Enter a phone number, for example +7 916 123-45-67."), "phone")
