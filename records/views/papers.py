"""Papers as PDF: the discharge sheet, one visit, an animal's whole history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Appointment, Pet
from records.papers import Sheet, history_pdf, sheet_of
from vetclinic.access.decorators import allowed
from vetclinic.ui.pdf import pdf, pdf_response, prints


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
    pet = get_object_or_404(Pet.objects.select_related("pet_owner"), pk=pk)
    return pdf_response(history_pdf(pet, now=timezone.now()), _("History, %(pet)s") % {"pet": pet})


def _sheet(request: HttpRequest, pk: int) -> Sheet:
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    sheet = sheet_of(visit, now=timezone.now())
    if sheet is None:
        raise Http404  # nothing is written yet, so there is no such paper
    return sheet


def _named(sheet: Sheet) -> dict[str, str]:
    return {"pet": str(sheet.paper.visit.pet), "day": f"{sheet.paper.starts:%Y-%m-%d}"}
