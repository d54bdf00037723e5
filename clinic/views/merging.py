"""Duplicates of an owner: shown while typing, listed, merged with a preview, and parted again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import rules
from clinic.duplicates import duplicates_of, duplicates_while_typing, likely_pairs
from clinic.merging import MergePreview, merge_owners, preview_merge, undo_merge
from clinic.models import Appointment, OwnerMerge, PetOwner
from clinic.search import find
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation


@allowed("book")
def likely_owners(request: HttpRequest) -> HttpResponse:
    """Known people like the newcomer who is being typed: a part of the booking form."""
    typed = {name: request.GET.get(name, "")[:150] for name in ("phone", "last_name", "first_name", "pet_name")}
    return render(request, "clinic/_likely_owners.html", {"likely": duplicates_while_typing(**typed)})


@allowed("merge_owners")
def duplicates(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/duplicates.html", {"pairs": likely_pairs()})


@allowed("merge_owners")
def merge_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to merge with this owner: likely duplicates, or anybody found by name or phone."""
    owner = get_object_or_404(PetOwner.objects.not_merged(), pk=pk)
    text = request.GET.get("q", "").strip()[:100]
    found = [person for person in find(text).people if person.pk != owner.pk]
    context = {"owner": owner, "q": text, "found": found, "likely": duplicates_of(owner)}
    return render(request, "clinic/merge_choose.html", context)


@allowed("merge_owners", "GET", "POST")
def owner_merge(request: HttpRequest, pk: int, source_pk: int) -> HttpResponse:
    """GET shows what merging `source_pk` into `pk` would do; POST does it, if it would still do what was shown."""
    target, source = get_object_or_404(PetOwner, pk=pk), get_object_or_404(PetOwner, pk=source_pk)
    try:
        if request.method == "POST":
            return _merged(
                merge_owners(source=source, target=target, seen=request.POST.get("seen", ""), by=request.user)
            )
        rules.check_can_merge(source, target)
    except RuleViolation as violation:
        return _preview_page(request, preview_merge(source, target), violation)
    return _preview_page(request, preview_merge(source, target))


@allowed("merge_owners", "POST")
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    merge = get_object_or_404(OwnerMerge.objects.select_related("source", "target"), pk=pk)
    try:
        undo_merge(merge=merge, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("owner", pk=merge.target_id)
    messages.success(
        request, _("Parted again: %(source)s and %(target)s.") % {"source": merge.source, "target": merge.target}
    )
    return redirect("owner", pk=merge.target_id)


def _merged(merge: OwnerMerge) -> HttpResponse:
    return redirect(f"{reverse('owner', args=[merge.target_id])}?merged={merge.pk}")


def _preview_page(request: HttpRequest, preview: MergePreview, violation: RuleViolation | None = None) -> HttpResponse:
    visits = Appointment.objects.filter(pet__pet_owner__in=[preview.source, preview.target])
    owners = list(visits.values_list("pet__pet_owner_id", flat=True))
    can_merge = violation is None or violation.code == "merge_preview_is_old"
    context = {
        "preview": preview,
        "visits": {"source": owners.count(preview.source.pk), "target": owners.count(preview.target.pk)},
        "target_pets": preview.target.pets.order_by("name"),
        "refusal": violation.message if violation else "",
        "can_merge": can_merge,
    }
    return render(request, "clinic/merge_preview.html", context, status=409 if violation else 200)
