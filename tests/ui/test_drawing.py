"""Widgets drawn without templates say what Django's own templates say."""

import datetime as dt
import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.test.utils import override_settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from vetclinic.ui.drawing import drawn
from vetclinic.ui.forms import FieldRenderer, LongSelect

BETWEEN_TAGS = re.compile(r">\s+<")
EVIL = '"><script>alert(1)</script>&amp;'
GROUPS = [("a", "Ä"), ("Group <b>", [("b", EVIL), ("c", format_html("<b>{}</b>", "c"))]), (7, 7)]
ATTRS = {"class": "inp", "required": True, "disabled": False, "title": EVIL, "maxlength": 20}
CASES = [
    *((widget(attrs=ATTRS), value)
      for widget in (forms.TextInput, forms.HiddenInput, forms.NumberInput, forms.EmailInput, forms.PasswordInput)
      for value in (None, "", 0, 5, "Ёж", EVIL, "a\nb")),
    *((forms.Textarea(attrs=ATTRS), value) for value in (None, "", "one\n\ntwo", EVIL, "</textarea>")),
    *((forms.Select(attrs=ATTRS, choices=GROUPS), value) for value in (None, "a", "c", 7, "nobody", EVIL)),
    (forms.DateInput(attrs={"type": "date"}), dt.date(2026, 2, 28)),
    (forms.TimeInput(), dt.time(9, 5)),
]  # fmt: skip


@pytest.mark.parametrize(("widget", "value"), CASES)
def test_widget_is_drawn_as_its_template_draws_it(widget, value):
    context = widget.get_context("na<me", value, {"id": "id_x"})

    ours, theirs = drawn(widget.template_name, context), TemplatesSetting().render(widget.template_name, context)
    assert BETWEEN_TAGS.sub("><", ours) == BETWEEN_TAGS.sub("><", theirs)


@pytest.mark.parametrize("value", [None, "", "a", 7, "nobody", EVIL])
def test_long_select_is_drawn_as_any_select(value):
    options = {"attrs": ATTRS, "choices": [("", "all"), ("a", "Ä"), ("7", EVIL), (EVIL, "b")]}

    ours, theirs = (kind(**options).render("na<me", value, {"id": "id_x"}) for kind in (LongSelect, forms.Select))

    assert BETWEEN_TAGS.sub("><", ours) == BETWEEN_TAGS.sub("><", theirs)


def test_long_select_trusts_no_text_because_an_equal_one_was_safe():
    safe, typed = (LongSelect(choices=[("a", text)]) for text in (mark_safe(EVIL), EVIL))  # noqa: S308 (on purpose)
    safe.render("name", "a")

    assert "<script>" not in typed.render("name", "a")


def test_widget_that_is_not_known_is_drawn_by_its_template():
    widget = forms.CheckboxSelectMultiple(choices=[("a", "A")])
    context = widget.get_context("name", ["a"], {})

    assert drawn(widget.template_name, context) is None
    assert 'type="checkbox"' in FieldRenderer().render(widget.template_name, context)


@override_settings(LANGUAGE_CODE="ru")
def test_number_is_drawn_as_it_was_given():
    widget = forms.NumberInput()

    assert 'value="1234.5"' in drawn(widget.template_name, widget.get_context("name", 1234.5, {}))
