"""What is asked of a password beside Django's own validators. Nothing of which signs it has to have."""

import re
import unicodedata

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 128
LETTERS_LEFT = 8
OWN_WORDS = {
    "vet", "vets", "vetclinic", "clinic", "clinics", "veterinary", "veterinarian", "reception", "manager", "admin",
    "administrator", "director", "doctor", "password", "pass", "login", "user", "welcome",
    "вет", "ветклиника", "клиника", "ветеринар", "ветеринарная", "врач", "доктор", "регистратура", "регистратор",
    "руководитель", "директор", "админ", "администратор", "пароль", "логин", "добро", "пожаловать",
}  # fmt: skip


class NotTooLong:
    def validate(self, password, user=None) -> None:
        if len(password) > LONGEST:
            message = _("This password is too long: it may have at most %(longest)d characters.")
            raise ValidationError(message, code="password_too_long", params={"longest": LONGEST})

    def get_help_text(self) -> str:
        return _("At most %(longest)d characters; a short sentence is good.") % {"longest": LONGEST}


class NotOfOwnWords:
    """“vetclinic2026” is long enough, and the first that anyone would try here."""

    def validate(self, password, user=None) -> None:
        said = rest = unicodedata.normalize("NFKC", password).casefold()
        for word in sorted(OWN_WORDS | self._of_the_name(), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != said and len(re.sub(r"[\W\d_]", "", rest)) < LETTERS_LEFT:
            raise ValidationError(
                _("Without the words that everybody here knows too little is left of this password."),
                code="password_of_own_words",
            )

    def get_help_text(self) -> str:
        return _("Not just words like clinic, vet or the name of the clinic with a year.")

    def _of_the_name(self) -> set[str]:
        return {word for word in re.findall(r"[^\W_]+", settings.CLINIC_NAME.casefold()) if len(word) > 2}
