"""The search over all diagnoses and prescriptions."""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.enums import Species
from clinic.part_fields import ALL_VETS, PartField
from clinic.time_forms import DayField
from records.record_search import Found, find_records
from records.record_search_cells import FoundItems
from vetclinic.access.decorators import allowed

LATEST = dt.date(9999, 12, 30)


class RecordSearchForm(forms.Form):
    """Days are those of the clinic's clock."""

    q = forms.CharField(label=_("Diagnosis or prescription"), max_length=200, required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)
    vet = PartField(ALL_VETS, label=_("Vet"), required=False, empty_label=_("all"))
    species = forms.ChoiceField(choices=[("", _("all")), *Species.choices], required=False, label=_("Species"))

    def found(self) -> Found:
        """What matches; nothing while a field is wrong."""
        if not self.is_valid():
            return find_records("")
        data = self.cleaned_data
        until = data["until"] + dt.timedelta(days=1) if data["until"] and data["until"] <= LATEST else None
        return find_records(
            data["q"],
            since=_midnight(data["since"]),
            until=_midnight(until),
            vet=data["vet"].pk if data["vet"] else None,
            species=data["species"],
        )


@allowed("see_records")
def record_search(request: HttpRequest) -> HttpResponse:
    form = RecordSearchForm(request.GET)
    found = form.found()
    drawn = FoundItems(found.asked)
    context = {
        "form": form,
        "found": found,
        "items": drawn.items(found.hits),
        "similar_items": drawn.items(found.similar),
        "q": request.GET.get("q", "").strip(),
    }
    return render(request, "records/record_search.html", context)


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time.min, timezone.get_default_timezone()) if day else None
