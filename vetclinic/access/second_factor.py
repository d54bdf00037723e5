"""A code from a telephone (RFC 6238) beside the password, and ten codes on paper for when it is lost."""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from vetclinic.access.models import SecondFactor, User
from vetclinic.access.slowing import try_once, was_right
from vetclinic.refusals import RuleViolation

STEP_S = 30
NEIGHBOURS = 1  # half minutes by which a telephone's clock may differ
WRONG = _("This code is not right, or it was used already. Wait for the next one; does the telephone’s clock go right?")


def new_secret() -> str:
    return secrets.token_hex(20)


def key_of(secret: str) -> str:
    """As it is typed into a telephone that cannot read the picture."""
    return base64.b32encode(bytes.fromhex(secret)).decode()


def picture_of(user: User, secret: str) -> tuple[int, str]:
    """The QR code for the telephone: how many squares across, and the path that draws the dark ones."""
    label = quote(f"{settings.CLINIC_NAME}:{user.get_username()}")
    query = urlencode({"secret": key_of(secret), "issuer": settings.CLINIC_NAME})
    rows = list(segno.make_qr(f"otpauth://totp/{label}?{query}", error="m").matrix_iter(border=2))
    dark = [(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell]
    return len(rows), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)


def use_code(person: User, typed: str, request: HttpRequest) -> None:
    """It works this once. RuleViolation unless it is the telephone's code of now, or an unused one from paper."""
    attempt = try_once("code", person.get_username(), request)
    if attempt is None or not (_use_from_telephone(person, typed) or _use_from_paper(person, typed)):
        raise RuleViolation("code_is_right", WRONG, "code")
    was_right(attempt)


def _use_from_telephone(person: User, code: str) -> bool:
    factor = SecondFactor.objects.get(user=person)
    step = step_of(factor.secret, code, after=factor.last_step)
    if step is None:
        return False
    # Of two that use it at the same moment one finds the row as it was.
    return SecondFactor.objects.filter(user=person, last_step__lt=step).update(last_step=step) == 1


def _use_from_paper(person: User, code: str) -> bool:
    unused = person.recovery_codes.filter(digest=digest_of(person, code), used_at=None)
    return unused.update(used_at=timezone.now()) == 1


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The half minute that a code is of, if it is one of now and later than `after`."""
    code = _plain(code)
    clock = TOTP(bytes.fromhex(secret), step=STEP_S)
    clock.time = time.time()
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    return clock.t() if clock.verify(int(code), tolerance=NEIGHBOURS, min_t=after + 1) else None


def _plain(code: str) -> str:
    """Without the spaces and hyphens that make it readable."""
    return "".join(sign for sign in code.casefold() if sign.isalnum())


def digest_of(person: User, code: str) -> str:
    secret = f"vetclinic.recovery.{settings.SECRET_KEY}".encode()
    return hmac.new(secret, f"{person.pk} {_plain(code)}".encode(), hashlib.sha256).hexdigest()
