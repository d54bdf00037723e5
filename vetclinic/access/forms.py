"""The form that signs people in."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Django's, with a sentence that fits: the same one for an unknown name, a wrong password and a left employee."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "The name or the password is wrong. Letter case matters, and so does the keyboard’s language."
        ),
    }
