"""What changes a person's way in: passwords, and the second factor."""

import datetime as dt
import secrets

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vetclinic.access.models import RecoveryCode, SecondFactor, User
from vetclinic.access.second_factor import WRONG, digest_of, step_of
from vetclinic.access.slowing import forget
from vetclinic.refusals import RuleViolation, action

FIRST_PASSWORD_HOLDS = dt.timedelta(hours=72)
RECOVERY_CODES = 10
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


@action
def give_first_password(*, person: User, by: User) -> str:
    """A password that nobody has chosen, to be told to the person, who must change it. Ends all their sessions."""
    password = _random(groups=4, of=4)
    person.set_password(password)
    person.first_password_until = timezone.now() + FIRST_PASSWORD_HOLDS
    person.save(update_fields=["password", "first_password_until"])
    forget("password", person.get_username())
    return password


@action
def choose_password(*, password: str, by: User) -> None:
    """The new one, or the one from before: all other sessions of the person end."""
    by.set_password(password)
    by.first_password_until = None
    by.save(update_fields=["password", "first_password_until"])


@action
def set_up_second_factor(*, secret: str, code: str, replaces: bool, by: User) -> list[str]:
    """From now on sign-in asks for a code. Gives the recovery codes, which are shown this once.

    `replaces`: whether this person has shown a code of the telephone from before, whose place this one may take.
    """
    if not replaces and SecondFactor.objects.filter(user=by).exists():
        message = _("A telephone was set up for you elsewhere meanwhile. Sign out, and in with its code.")
        raise RuleViolation("second_factor_is_there", message)
    step = step_of(secret, code, after=0)
    if step is None:
        raise RuleViolation("code_is_right", WRONG, "code")
    SecondFactor.objects.update_or_create(user=by, defaults={"secret": secret, "last_step": step})
    return make_recovery_codes(by=by)


@action
def make_recovery_codes(*, by: User) -> list[str]:
    """New ones; those from before work no more."""
    codes = [_random(groups=2, of=5) for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=by).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=by, digest=digest_of(by, code)) for code in codes)
    return codes


@action
def remove_second_factor(*, person: User, by: User) -> None:
    SecondFactor.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    forget("code", person.get_username())


def _random(*, groups: int, of: int) -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _sign in range(of)) for _group in range(groups))
