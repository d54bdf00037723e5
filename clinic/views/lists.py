"""Lists of visits, owners and pets: filtered, sorted, paged by key; as CSV for those who may take lists away."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.filters import AppointmentFilter, OwnerFilter, PetFilter
from clinic.models import Appointment, Pet, PetOwner
from clinic.models.fold import Fold
from clinic.models.pet import BORN
from vetclinic.access.decorators import allowed
from vetclinic.ui.export import export
from vetclinic.ui.lists import Order, page_of, sorting_of

ADDED = Order(("pk",), gettext_lazy("added first"), gettext_lazy("added last"))
A_TO_Z, Z_TO_A = gettext_lazy("name, A to Z"), gettext_lazy("name, Z to A")
VISIT_ORDERS = {"date": Order(("date", "pk"), gettext_lazy("earliest first"), gettext_lazy("latest first"))}
OWNER_ORDERS = {"name": Order((Fold("last_name"), Fold("first_name"), "pk"), A_TO_Z, Z_TO_A), "added": ADDED}
PET_ORDERS = {
    "name": Order((Fold("name"), "pk"), A_TO_Z, Z_TO_A),
    "born": Order((BORN, "pk"), gettext_lazy("oldest first"), gettext_lazy("youngest first")),
    "added": ADDED,
}


@allowed("see_board")
def appointments(request: HttpRequest) -> HttpResponse:
    chosen = _visits(request)
    page = page_of(chosen.qs, request.GET, VISIT_ORDERS, "date")
    for visit in page:
        visit.starts = timezone.make_naive(visit.date, visit.vet.zone)
    return render(request, "clinic/appointment_list.html", {"filter": chosen, "page": page})


@allowed("see_owners")
def owners(request: HttpRequest) -> HttpResponse:
    chosen = _owners(request)
    pets = Prefetch("pets", Pet.objects.filter(is_active=True).order_by("id"))
    page = page_of(chosen.qs.prefetch_related(pets), request.GET, OWNER_ORDERS, "name")
    return render(request, "clinic/owner_list.html", {"filter": chosen, "page": page})


@allowed("see_owners")
def pets(request: HttpRequest) -> HttpResponse:
    chosen = _pets(request)
    page = page_of(chosen.qs, request.GET, PET_ORDERS, "name")
    return render(request, "clinic/pet_list.html", {"filter": chosen, "page": page})


@allowed("export_lists")
def appointments_export(request: HttpRequest) -> HttpResponse:
    chosen, sorting = _visits(request), sorting_of(request.GET, VISIT_ORDERS, "date")
    if not chosen.form.is_valid():
        return _back(request, "appointments")
    head = [_("Begins"), _("Ends"), _("Pet"), _("Species"), _("Owner"), _("Phone"), _("Vet"), _("Reason"), _("State")]
    return export(request, "appointments", chosen.qs, sorting, head=head, cells=_visit_cells)


@allowed("export_lists")
def owners_export(request: HttpRequest) -> HttpResponse:
    chosen, sorting = _owners(request), sorting_of(request.GET, OWNER_ORDERS, "name")
    if not chosen.form.is_valid():
        return _back(request, "owners")
    head = [_("Last name"), _("First name"), _("Phone"), _("Second phone"), _("E-mail"), _("Address"), _("Active")]
    return export(request, "owners", chosen.qs, sorting, head=head, cells=_owner_cells)


@allowed("export_lists")
def pets_export(request: HttpRequest) -> HttpResponse:
    chosen, sorting = _pets(request), sorting_of(request.GET, PET_ORDERS, "name")
    if not chosen.form.is_valid():
        return _back(request, "pets")
    head = [_("Pet"), _("Species"), _("Breed"), _("Sex"), _("Date of birth"), _("Died on"), _("Owner"), _("Phone")]
    return export(request, "pets", chosen.qs, sorting, head=head, cells=_pet_cells)


def _visits(request: HttpRequest) -> AppointmentFilter:
    """From today on, of the user's own branch, unless the address says otherwise."""
    vet = getattr(request.user, "vet", None) if request.user.may("write_records") else None
    query = _with(request.GET, since=timezone.localdate().isoformat(), branch=str((vet and vet.branch_id) or ""))
    return AppointmentFilter(query, queryset=Appointment.objects.visible_to(request.user).with_people())


def _owners(request: HttpRequest) -> OwnerFilter:
    return OwnerFilter(_with(request.GET, active="yes"), queryset=PetOwner.objects.all())


def _pets(request: HttpRequest) -> PetFilter:
    return PetFilter(_with(request.GET, life="alive"), queryset=Pet.objects.select_related("pet_owner"))


def _with(query: QueryDict, **defaults: str) -> QueryDict:
    """What the address says; for what it does not name, the defaults. A field sent empty stays empty."""
    query = query.copy()
    for name, value in defaults.items():
        query.setdefault(name, value)
    return query


def _back(request: HttpRequest, name: str) -> HttpResponse:
    """To the list, which says at its fields what is wrong."""
    response = redirect(name)
    response["Location"] += f"?{request.GET.urlencode()}"
    return response


def _visit_cells(visit: Appointment) -> list:
    times = [f"{moment.astimezone(visit.vet.zone):%Y-%m-%d %H:%M}" for moment in (visit.date, visit.ends_at)]
    pet, owner = visit.pet, visit.pet.pet_owner
    who = [pet, pet.species_name, owner or "", owner.phone if owner else ""]
    return [*times, *who, visit.vet, visit.reason, visit.state.label]


def _owner_cells(owner: PetOwner) -> list:
    reach = [owner.phone, owner.secondary_phone, owner.email, owner.address]
    return [owner.last_name, owner.first_name, *reach, _("yes") if owner.is_active else _("no")]


def _pet_cells(pet: Pet) -> list:
    kind = [pet.species_name, pet.breed, pet.get_gender_display()]
    owner = pet.pet_owner
    return [pet, *kind, pet.birth_date or "", pet.deceased_at or "", owner or "", owner.phone if owner else ""]
