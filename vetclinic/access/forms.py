"""What is typed to come in, and to change the way in."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vetclinic.access.slowing import try_once, was_right


class LoginForm(AuthenticationForm):
    """Django's, with a sentence that fits: the same one for an unknown name, a wrong password and a left employee."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "The name or the password is wrong. Letter case matters, and so does the keyboard’s language."
            " After ten wrong ones none is accepted for 15 minutes."
        ),
    }


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from your telephone, or one of the recovery codes on paper."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class PasswordForm(forms.Form):
    """Whoever changes the way in shows that it is theirs: somebody else may sit at an open page."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, **kwargs):
        super().__init__(request.POST if request.method == "POST" else None, **kwargs)
        self.request, self.user = request, request.user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        attempt = try_once("password", self.user.get_username(), self.request)
        if attempt is None or not self.user.check_password(password):
            raise ValidationError(_("This is not your password. After ten wrong ones none is accepted for 15 minutes."))
        was_right(attempt)
        return password


class NewPasswordForm(PasswordForm):
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("12 to 128 characters: a short sentence is good. Letters, digits, signs, spaces are all welcome."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The new password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_new(self) -> str:
        validate_password(self.cleaned_data["new"], self.user)
        return self.cleaned_data["new"]

    def clean(self):
        data = super().clean()
        if "new" in data and data["new"] == data.get("password"):
            self.add_error("new", _("Choose another one than the one that you have."))
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", _("This is not the same as above."))
        return data


class SecondFactorForm(PasswordForm):
    secret = forms.CharField(widget=forms.HiddenInput, validators=[RegexValidator(r"^[0-9a-f]{40}\Z")])
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that your telephone shows now."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    field_order = ["code", "password"]
