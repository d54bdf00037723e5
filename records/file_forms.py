"""What is typed beside a file."""

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from clinic.models import Pet
from records.models import AttachmentKind
from vetclinic.ui.forms import KeyedForm
from vetclinic.ui.uploads import DISK_FULL, TOO_LARGE

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"


class FileForm(KeyedForm):
    """`fault`: why the file was dropped while it was read; `limit`: bytes that one may have."""

    file = forms.FileField(
        label=_("Picture or PDF"),
        max_length=None,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=AttachmentKind.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args, fault: str = "", limit: int = 0, **kwargs):
        super().__init__(*args, **kwargs)
        size = filesizeformat(limit)
        self.fields["file"].help_text = _("JPEG, PNG, WebP or PDF, at most %(size)s.") % {"size": size}
        if fault == TOO_LARGE:
            message = _("This file is larger than %(size)s. What you typed is kept: choose a smaller one.")
            self.fields["file"].error_messages["required"] = message % {"size": size}
        elif fault == DISK_FULL:
            message = _("There is no space for this file at the moment. What you typed is kept: try again later.")
            self.fields["file"].error_messages["required"] = message


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200)


class MoveForm(ReasonForm):
    """`was`: the animal that the mover saw."""

    pet = forms.ModelChoiceField(
        Pet.objects.all(),
        label=_("Whose file is it?"),
        error_messages={"required": _("Choose the animal."), "invalid_choice": _("Choose the animal.")},
    )
    was = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    field_order = ("pet", "reason", "was")
