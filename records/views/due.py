"""Who is due for a vaccination: whom to call; as CSV for those who may take lists away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from records.due import ORDERS, DueFilter, due_rows
from records.models import VaccinationDue
from vetclinic.access.decorators import allowed
from vetclinic.ui.export import export
from vetclinic.ui.lists import page_of, sorting_of


@allowed("see_owners")
def vaccinations_due(request: HttpRequest) -> HttpResponse:
    chosen = DueFilter(request.GET, queryset=due_rows(timezone.now()))
    page = page_of(chosen.qs, request.GET, ORDERS, "due")
    context = {"filter": chosen, "page": page, "today": timezone.localdate()}
    return render(request, "records/due_list.html", context)


@allowed("export_lists")
def vaccinations_due_export(request: HttpRequest) -> HttpResponse:
    chosen = DueFilter(request.GET, queryset=due_rows(timezone.now()))
    sorting = sorting_of(request.GET, ORDERS, "due")
    if not chosen.form.is_valid():
        response = redirect("vaccinations_due")  # which says at its fields what is wrong
        response["Location"] += f"?{request.GET.urlencode()}"
        return response
    head = [_("Due"), _("Vaccine"), _("Pet"), _("Species"), _("Owner"), _("Phone"), _("Second phone"), _("E-mail")]
    head += [_("Last dose"), _("Vet"), _("Coming visit")]
    return export(request, "vaccinations-due", chosen.qs, sorting, head=head, cells=_cells)


def _cells(row: VaccinationDue) -> list:
    pet, owner, dose = row.pet, row.pet.pet_owner, row.vaccination
    coming = f"{timezone.localtime(row.coming):%Y-%m-%d %H:%M}" if row.coming else ""
    who = [pet, pet.species_name, owner, owner.phone, owner.secondary_phone, owner.email]
    return [row.due_on, row.kind, *who, dose.given_on, dose.vet or "", coming]
