"""What a visit's form says and its record does not, in words: for who came too late to save it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from clinic.models import Service
from records.bill_forms import PERCENT, QUANTITY, BillForm, Done
from records.forms import LONGEST_TEXT, TEXTS, AddendumForm, RecordForm
from records.measurement_forms import VitalsForm
from records.models import MedicalRecord, VaccineKind
from vetclinic.refusals import Text

ADDENDUM = "addendum"  # the field of the text that is to stand under a signed record
M = TypeVar("M", bound=Model)


class Part(NamedTuple):
    label: Text
    text: str


def unsaved_parts(fields: Mapping[str, str], record: MedicalRecord) -> list[Part]:
    """Texts, numbers, lines of the bill, a dose and a service that were typed. `fields`: a posted form, or a draft."""
    visit = record.appointment
    stored = {each.kind: each.value for each in visit.measurements.all()}
    treatments = visit.treatments.select_related("service").order_by("id")
    return [
        *_texts(fields, record),
        *_vitals(VitalsForm(visit.pet.species, stored, fields)),
        *_lines(BillForm(map(Done.of, treatments), fields)),
        *_dose(fields),
        *_service(fields),
    ]


def as_addendum(parts: list[Part]) -> str:
    """The parts as one text, each after its heading; no longer than an addendum may be."""
    return "\n".join(f"{part.label}: {part.text}" for part in parts)[:LONGEST_TEXT]


def _texts(fields: Mapping[str, str], record: MedicalRecord) -> Iterator[Part]:
    for name in TEXTS:
        text = fields.get(name, "").replace("\r\n", "\n")
        if text.strip() and text != getattr(record, name):
            yield Part(RecordForm.base_fields[name].label, text)
    if addendum := fields.get(ADDENDUM):
        yield Part(AddendumForm.base_fields[ADDENDUM].label, addendum)


def _vitals(form: VitalsForm) -> Iterator[Part]:
    for cell in form.cells:
        if cell.is_changed:
            yield Part(cell.label, f"{cell.text or '—'} {cell.unit}")


def _lines(form: BillForm) -> Iterator[Part]:
    for line in form.lines:
        cells = [(QUANTITY, line.quantity), (PERCENT, line.percent)]
        changed = [f"{field.label} {cell.text or '—'}" for field, cell in cells if cell.is_changed]
        if changed:
            yield Part(line.treatment.name, ", ".join(changed))


def _dose(fields: Mapping[str, str]) -> Iterator[Part]:
    kind = _chosen(VaccineKind, fields.get("dose-kind"))
    if kind:
        more = [fields.get(name, "") for name in ("dose-batch", "dose-valid_until")]
        yield Part(_("Vaccine"), " · ".join(filter(None, [kind.name, *more])))


def _service(fields: Mapping[str, str]) -> Iterator[Part]:
    service = _chosen(Service, fields.get("service"))
    if service:
        yield Part(_("Service"), f"{service.name} × {fields.get('quantity', '')}")


def _chosen(model: type[M], pk: str | None) -> M | None:
    """The row that a posted field names, if there is one."""
    try:
        return forms.ModelChoiceField(model._default_manager.all(), required=False).clean(pk)
    except ValidationError:
        return None
