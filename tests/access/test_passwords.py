"""Which passwords people may choose."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from vetclinic.access.models import User


def codes(password, **person):
    """Why it is refused."""
    try:
        validate_password(password, User(**person))
    except ValidationError as error:
        return [each.code for each in error.error_list]
    return []


@pytest.mark.parametrize(
    "password",
    [
        "whisker-harbour-42",
        "correct horse battery staple",
        "ёжик в тумане идёт",
        "🐈🐕🐇🐎🐄🐖🐏🐐🐓🦆🐢🦎",
        "a" * 20 + "bcdefgh",
        "x1" * 64,
        "our receptionist keeps nine geese",
    ],
)
def test_long_password_of_any_signs_is_taken(password):
    assert codes(password) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-pass1", "password_too_short"),
        ("x1" * 64 + "y", "password_too_long"),
        ("x1" * 2500, "password_too_long"),
        ("vetclinic2026", "password_of_own_words"),
        ("Vet-Clinic-2026!", "password_of_own_words"),
        ("receptionreception", "password_of_own_words"),
        ("admin12345678", "password_of_own_words"),
        ("ветклиника2026", "password_of_own_words"),
        ("РЕГИСТРАТУРА-1", "password_of_own_words"),
        ("Горячий нос 77", "password_of_own_words"),
        ("123456789012", "password_entirely_numeric"),
        ("qwertyuiop123", "password_too_common"),
        ("olga.semenova", "password_too_similar"),
    ],
)
def test_password_that_is_easily_guessed_is_refused(settings, password, code):
    settings.CLINIC_NAME = "Клиника «Горячий нос»"

    assert code in codes(password, username="olga.semenova")
