"""Choosing one of all vets or branches, of which a network has hundreds: the options are drawn from names alone."""

from collections.abc import Iterator

from django import forms
from django.forms.models import ModelChoiceIterator

from clinic.models import Branch, Veterinarian
from vetclinic.ui.forms import LongSelect

NAMED_BY: dict[type, tuple[str, ...]] = {Branch: ("name",), Veterinarian: ("last_name", "first_name")}
ALL_VETS = Veterinarian.objects.order_by("last_name", "first_name", "id")
ALL_BRANCHES = Branch.objects.order_by("id")


class Names(ModelChoiceIterator):
    """No objects: their making takes longer than the query."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self.field.empty_label is not None:
            yield "", str(self.field.empty_label)
        for pk, *names in self.queryset.values_list("pk", *NAMED_BY[self.queryset.model]):
            yield str(pk), " ".join(names).strip()


class PartField(forms.ModelChoiceField):
    """Of ALL_VETS or of ALL_BRANCHES."""

    iterator = Names
    widget = LongSelect
