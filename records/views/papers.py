"""Papers as PDF: the discharge sheet, one visit, an animal's whole history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Appointment, Pet
from records.drawing import PART, drawn_history
from records.papers import Sheet, sheet_of, visits_of
from vetclinic.access.decorators import allowed
from vetclinic.ui.pdf import joined, pdf, pdf_response, prints
from vetclinic.ui.progress import Progress

AT_ONCE = 100  # visits that are drawn within a few seconds


@allowed("print_discharge")
@prints
def discharge(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    name = _("Discharge sheet, %(pet)s, %(day)s") % _named(sheet)
    return pdf_response(pdf("print/discharge.html", sheet.context, language=sheet.language), name)


@allowed("see_records")
@prints
def visit_paper(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    name = _("Visit, %(pet)s, %(day)s") % _named(sheet)
    return pdf_response(pdf("print/visit.html", sheet.context, language=sheet.language), name)


@allowed("see_records")
@prints
def history_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole history. A long one takes a while: a page says so first, shows how far it is, and has the link."""
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    count, progress = visits_of(pet).count(), history_progress(request, pet)
    state = progress.state()
    if count > AT_ONCE and ("make" not in request.GET or state.is_running):
        address = reverse("history_paper_progress", args=[pk])
        context = {"pet": pet, "count": count, "state": state, "address": address}
        return render(request, "records/history_paper.html", context, status=409 if "make" in request.GET else 200)
    parts = progress.counted(drawn_history(pet, now=timezone.now()), total=-(-count // PART))
    return pdf_response(joined(parts), _("History, %(pet)s") % {"pet": pet}, save=count > AT_ONCE)


@allowed("see_records")
def history_paper_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the drawing is, for the page above: asked for again and again."""
    pet = get_object_or_404(Pet, pk=pk)
    address = reverse("history_paper_progress", args=[pk])
    context = {"state": history_progress(request, pet).state(), "address": address}
    return render(request, "ui/_progress.html", context)


def history_progress(request: HttpRequest, pet: Pet) -> Progress:
    return Progress(f"history-{pet.pk}-{request.user.pk}")


def _sheet(request: HttpRequest, pk: int) -> Sheet:
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    sheet = sheet_of(visit, now=timezone.now())
    if sheet is None:
        raise Http404  # nothing is written yet, so there is no such paper
    return sheet


def _named(sheet: Sheet) -> dict[str, str]:
    return {"pet": str(sheet.paper.visit.pet), "day": f"{sheet.paper.starts:%Y-%m-%d}"}
