"""The alerts of an animal: noted and ended from its page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic import alerts
from clinic.alert_forms import AlertForm
from clinic.models import Pet, PetAlert
from vetclinic.access.decorators import allowed


@allowed("edit_pets", "GET", "POST")
def pet_alerts(request: HttpRequest, pk: int) -> HttpResponse:
    """What holds now, with a button to end each, and a form for another one."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    form = AlertForm(request.POST or None)
    if form.is_valid():
        alert = alerts.note_alert(pet=pet, **form.cleaned_data, by=request.user)
        messages.success(request, _("Noted: %(alert)s.") % {"alert": alert})
        return redirect("pet_alerts", pk=pk)
    ended = pet.alerts.exclude(ended_at=None).order_by("-ended_at", "-pk")
    context = {"pet": pet, "form": form, "alerts": alerts.alerts_of(pk), "ended": ended}
    return render(request, "clinic/pet_alerts.html", context, status=422 if form.is_bound else 200)


@allowed("edit_pets", "POST")
def pet_alert_end(request: HttpRequest, pk: int, alert_pk: int) -> HttpResponse:
    """End an alert. One that has ended already, by a second click, is what was wanted."""
    alert = get_object_or_404(PetAlert, pk=alert_pk, pet=pk)
    alerts.end_alert(alert=alert, by=request.user)
    messages.success(request, _("Ended: %(alert)s.") % {"alert": alert})
    return redirect("pet_alerts", pk=pk)
