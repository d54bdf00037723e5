"""Who guesses passwords is slowed down (docs/security.md has the figures and why)."""

import datetime as dt
import hashlib
import hmac
import unicodedata
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from vetclinic.access.addresses import address_of
from vetclinic.access.models import SignInFailure
from vetclinic.locks import Lock, take_lock


class Limit(NamedTuple):
    failures: int
    within: dt.timedelta


FROM_ONE_ADDRESS = Limit(10, dt.timedelta(minutes=15))
FROM_ANYWHERE = Limit(50, dt.timedelta(hours=1))


def try_once(what: str, name: str, request: HttpRequest | None) -> SignInFailure | None:
    """Before a password or code (`what`) of a name is looked at; None: too many were wrong, this one is not looked at.

    It counts as wrong until `was_right` says otherwise, so that guesses at the same moment count as well. One that is
    not looked at does not count: nobody is kept out for ever by someone who goes on guessing.
    """
    key, address, now = _key(what, name), address_of(request), timezone.now()
    with transaction.atomic():
        take_lock(Lock.SIGN_IN, int(key[:7], 16))
        SignInFailure.objects.filter(at__lt=now - FROM_ANYWHERE.within).delete()
        failures = SignInFailure.objects.filter(key=key)
        here = failures.filter(address=address, at__gt=now - FROM_ONE_ADDRESS.within)
        if here.count() >= FROM_ONE_ADDRESS.failures or failures.count() >= FROM_ANYWHERE.failures:
            return None
        return SignInFailure.objects.create(key=key, address=address)


def was_right(attempt: SignInFailure) -> None:
    """The wrong ones before it, from the same address, were a person's slips."""
    SignInFailure.objects.filter(key=attempt.key, address=attempt.address).delete()


def forget(what: str, name: str) -> None:
    """An administrator lets a person try again at once."""
    SignInFailure.objects.filter(key=_key(what, name)).delete()


def _key(what: str, name: str) -> str:
    """One for all writings of a name. Not the name: people type passwords into that field."""
    told_apart = unicodedata.normalize("NFKC", name).strip().casefold()
    secret = f"vetclinic.slowing.{settings.SECRET_KEY}".encode()
    return hmac.new(secret, f"{what} {told_apart}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
