"""How forms look (one template for every field), and what all of them share."""

import uuid
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

from vetclinic.refusals import SENT_BEFORE, RuleViolation
from vetclinic.ui.drawing import drawn, long_select


class FieldRenderer(TemplatesSetting):
    form_template_name = "ui/_form.html"
    field_template_name = "ui/_field.html"

    def render(self, template_name, context, request=None):
        return drawn(template_name, context) or super().render(template_name, context, request)


class LongSelect(forms.Select):
    """A list of all vets, of all branches…: its options, plain pairs of texts, are drawn once for all who ask."""

    choices: Sequence[tuple[str, str]] = ()  # in place of Django's property, which looks for groups among them

    def render(self, name, value, attrs=None, renderer=None):
        choices = tuple(iter(self.choices))  # of a query tuple() alone would ask its length first: by another query
        return long_select(name, choices, "" if value is None else str(value), self.build_attrs(self.attrs, attrs))


class KeyedForm(forms.Form):
    """A form whose second sending changes nothing: its key goes to the action as `request_key`."""

    request_key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


def add_violation(form: forms.BaseForm, violation: RuleViolation) -> None:
    """Show a rule's refusal at the field that it blames, or above the form when the form has no such field.

    A form that was sent before with something else in it gets a key of its own: sent again, it is meant.
    """
    if violation.code == SENT_BEFORE and "request_key" in form.fields:
        form.data = form.data.copy()
        form.data[form.add_prefix("request_key")] = str(uuid.uuid4())
    field = violation.field if violation.field in form.fields else None
    form.add_error(field, ValidationError(violation.message, code=violation.code))
