"""The weights of an animal: a curve on its page, and one that was taken without a visit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic.models import Pet
from records.measurement_forms import WeightForm
from records.measuring import add_weight, remove_weight
from records.models import Measurement, Vital
from records.weight_cells import drawn
from records.weights import care_of, with_care
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation


@allowed("edit_pets", "GET", "POST")
def weight_add(request: HttpRequest, pk: int) -> HttpResponse:
    """The curve with a form; one that is right leads back to the animal."""
    pet = get_object_or_404(with_care(Pet.objects.all()), pk=pk)
    form = WeightForm(request.POST or None)
    try:
        if form.is_valid():
            add_weight(pet=pet, **form.cleaned_data, by=request.user)
            messages.success(request, _("The weight is noted."))
            return redirect("pet", pk=pk)
    except RuleViolation as violation:
        add_violation(form, violation)
    context = {"pet": pet, "weight_form": form, **drawn(care_of(pet))}
    return render(request, "records/weight.html", context, status=422 if form.is_bound else 200)


@allowed("edit_pets", "POST")
def weight_remove(request: HttpRequest, pk: int, measurement_pk: int) -> HttpResponse:
    """Take back a mistyped weight. One that is gone already, by a second click, is what was wanted."""
    pet = get_object_or_404(Pet, pk=pk)
    measurement = Measurement.objects.filter(pk=measurement_pk, pet=pet, kind=Vital.WEIGHT).first()
    try:
        if measurement:
            remove_weight(measurement=measurement, by=request.user)
            messages.success(request, _("The weight is removed."))
    except RuleViolation as violation:
        messages.error(request, violation.message)
    return redirect("weight_add", pk=pk)
