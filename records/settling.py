"""Two texts of one record: which of them stays, field by field, and how the choice is shown."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise

from records.forms import TEXTS, RecordForm
from records.models import MedicalRecord
from vetclinic.audit.models import Change

CHOICE, EDITED = "{}_choice", "{}_edited"  # names of the fields that settle one text


@dataclass(frozen=True)
class Difference:
    """One text where somebody was quicker: `both` is where free editing begins, so that neither has to be typed."""

    name: str
    label: str | Promise
    mine: str
    theirs: str
    untouched: bool  # by the writer: only somebody else changed it, so theirs is what stays unless told otherwise

    @property
    def both(self) -> str:
        longer, shorter = sorted((self.theirs, self.mine), key=len, reverse=True)
        return longer if shorter in longer else f"{self.theirs}\n{self.mine}"


def settled(data: QueryDict, record: MedicalRecord | None) -> QueryDict:
    """The posted form with each choice carried out. Without a choice it is as it was posted."""
    data = data.copy()
    for name in TEXTS:
        choice = data.pop(CHOICE.format(name), [""])[-1]
        edited = data.pop(EDITED.format(name), [""])[-1]
        if choice == "theirs" and record:
            data[name] = getattr(record, name)
        elif choice == "edited":
            data[name] = edited
    return data


def differences(form: RecordForm, record: MedicalRecord) -> list[Difference]:
    """Each text of the form that is not the stored one."""
    seen = _texts_at(record, form.cleaned_data["version"])
    pairs = [(name, form.cleaned_data.get(name, ""), getattr(record, name)) for name in TEXTS]
    return [
        Difference(name, form.fields[name].label, mine, theirs, untouched=mine == seen[name])
        for name, mine, theirs in pairs
        if mine != theirs
    ]


def _texts_at(record: MedicalRecord, version: int) -> dict[str, str]:
    """The texts as they were at an older version: what stands now, and behind it what each save since replaced."""
    texts = {name: getattr(record, name) for name in TEXTS}
    changes = Change.objects.filter(table=record._meta.db_table, row_id=record.pk, after__version__gt=version)
    for before in changes.filter(operation=Change.Operation.UPDATE).order_by("-id").values_list("before", flat=True):
        texts |= {name: text for name, text in before.items() if name in TEXTS}
    return texts
