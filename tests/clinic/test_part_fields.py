"""Choosing a vet or a branch: the names of all of them by one query, and the row that was chosen."""

import re

import pytest
from django import forms

from clinic.part_fields import ALL_BRANCHES, ALL_VETS, PartField
from tests.factories import BranchFactory, VetFactory

pytestmark = pytest.mark.django_db
OPTION = re.compile(r'<option value="(\d*)"( selected)?>(.*?)</option>')


class PartForm(forms.Form):
    vet = PartField(ALL_VETS, required=False, empty_label="all")
    branch = PartField(ALL_BRANCHES, required=False, empty_label="all")


def test_all_are_named_as_everywhere_by_one_query(django_assert_num_queries):
    vets = [VetFactory(last_name=last, first_name=first) for last, first in (("Aronova", "Vera"), ("<b>Boris</b>", ""))]

    with django_assert_num_queries(1):
        options = OPTION.findall(str(PartForm(initial={"vet": vets[0].pk})["vet"]))

    named = {(str(vet.pk), str(vet).replace("<", "&lt;").replace(">", "&gt;")) for vet in vets}
    assert {(pk, label) for pk, _chosen, label in options} == {("", "all")} | named
    assert [pk for pk, chosen, _label in options if chosen] == [str(vets[0].pk)]


def test_row_that_was_chosen_is_found_and_an_unknown_one_refused():
    branch = BranchFactory()
    known, unknown = PartForm({"branch": str(branch.pk)}), PartForm({"branch": "0"})

    assert (known.is_valid(), known.cleaned_data["branch"], unknown.is_valid()) == (True, branch, False)
