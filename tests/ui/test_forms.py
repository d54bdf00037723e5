"""How forms show themselves and their faults."""

import uuid

from django import forms
from django.utils import translation

from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import KeyedForm, add_violation


class VisitForm(KeyedForm):
    slot = forms.CharField(help_text="Any free time.", widget=forms.TextInput(attrs={"class": "wide"}))
    notes = forms.CharField(required=False, widget=forms.Textarea)
    species = forms.ChoiceField(choices=[("cat", "cat"), ("dog", "dog")], widget=forms.RadioSelect)
    agrees = forms.BooleanField(required=False)


def test_field_has_label_control_and_help():
    html = VisitForm()["slot"].as_field_group()

    assert '<label for="id_slot">Slot</label>' in html
    assert 'class="inp wide"' in html
    assert 'aria-describedby="id_slot_helptext"' in html
    assert '<p class="hint" id="id_slot_helptext">Any free time.</p>' in html


def test_optional_field_says_so():
    with translation.override("en"):
        assert "optional" in VisitForm()["notes"].as_field_group()


def test_choice_is_a_group_of_pills():
    html = VisitForm()["species"].as_field_group()

    assert '<legend class="lbl">Species</legend>' in html
    assert html.count('<label for="id_species_') == 2


def test_tick_has_its_label_beside_it():
    assert '<label class="ck" for="id_agrees"><input type="checkbox"' in VisitForm()["agrees"].as_field_group()


def test_fault_is_tied_to_its_control():
    html = VisitForm({"slot": ""})["slot"].as_field_group()

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_slot_helptext id_slot_error"' in html
    assert '<div class="err" id="id_slot_error" role="alert">' in html


def test_typed_text_is_escaped():
    assert "<script>" not in VisitForm({"slot": "<script>", "notes": "</textarea><script>"}).render()


def test_violation_with_a_known_field_stands_at_the_field():
    form = VisitForm({"slot": "10:00"})

    add_violation(form, RuleViolation("taken", "This time is taken.", "slot"))

    assert form.errors["slot"] == ["This time is taken."]


def test_violation_with_an_unknown_field_stands_above_the_form():
    form = VisitForm({"slot": "10:00"})

    add_violation(form, RuleViolation("taken", "This time is taken.", "vet"))

    assert '<p class="note bad" role="alert">' in form.render()
    assert form.non_field_errors() == ["This time is taken."]


def test_form_shown_twice_has_two_keys():
    assert VisitForm()["request_key"].value() != VisitForm()["request_key"].value()


def test_rejected_form_keeps_its_key():
    key = str(uuid.uuid4())

    assert f'value="{key}"' in VisitForm({"request_key": key}).render()


def test_fault_of_a_hidden_field_is_shown():
    assert "note bad" in VisitForm({"request_key": "not-a-key"}).render()
