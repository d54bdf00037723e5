"""Booking: one form for a known animal and for newcomers, with the free times of a day beside it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic import actions
from clinic.alerts import alerts_of
from clinic.duplicates import Likeness, duplicates_while_typing
from clinic.forms import BookingForm
from clinic.models import Appointment, Pet
from clinic.search import Found, find, of_owner
from clinic.slots import parse_slot
from clinic.views.moves import board_address
from clinic.views.times import TAKEN, offer, only_vet_of, vets_to_book
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.numbers import id_of

NEW = "new"  # instead of an animal's id: a new owner and pet


@allowed("book", "GET", "POST")
def booking(request: HttpRequest) -> HttpResponse:
    """GET shows the form; POST with intent=book books, any other intent looks for animals or times and keeps all."""
    typed = request.POST if request.method == "POST" else request.GET
    who = {"pet": _chosen_pet(typed), "is_new": typed.get("pet") == NEW and typed.get("intent") != "change"}
    if request.method != "POST" or typed.get("intent", "book") != "book":
        vets = vets_to_book(request.user)
        return page(request, BookingForm(initial=_initial(typed, vets), vets=vets, **who), typed)
    form = BookingForm(typed, vets=only_vet_of(request.user, typed) or vets_to_book(request.user), **who)
    if not form.is_valid():
        return _refused(request, form, typed, status=422)
    try:
        visit = book(form, by=request.user)
    except RuleViolation as violation:
        add_violation(form, violation)
        return _refused(request, form, typed, status=409 if violation.code in TAKEN else 422, rejected=True)
    messages.success(request, _("Booked: %(pet)s, %(time)s.") % {"pet": visit.pet, "time": _time(visit)})
    return redirect(board_address(visit))


@allowed("book")
def booking_hits(request: HttpRequest) -> HttpResponse:
    """The animals that match what is being typed: a part of the booking form."""
    text = request.GET.get("q", "")[:100]
    return render(request, "clinic/_booking_hits.html", {"found": find(text, living=True), "q": text})


def book(form: BookingForm, *, by) -> Appointment:
    """The action that a valid form asks for."""
    data = form.cleaned_data
    visit = form.time | {"minutes": form.length, "reason": form.reason_for_people, "notes": data["notes"]}
    if form.pet and form.pet.pet_owner_id:
        return actions.book_appointment(**visit, pet=form.pet, request_key=data["request_key"], by=by)
    return actions.book_for_newcomer(
        owner=form.owner, pet=form.pet or form.animal, visit=visit, request_key=data["request_key"], by=by
    )


def page(request, form: BookingForm, typed, *, status: int = 200, rejected: bool = False) -> HttpResponse:
    """The form, with the animals found and the free times for what is typed so far."""
    text = typed.get("q", "")[:100]
    found = Found([], []) if form.pet or form.is_new else _found(typed, text)
    if not (form.pet or found or form.is_bound):
        _carry_over(form, text)
    context = {
        "form": form,
        "pet": form.pet,
        "q": text,
        "found": found,
        "likely": _likely(form) if form.is_new else [],
        "alerts": alerts_of(form.pet.pk) if form.pet else [],
    }
    context |= offer(form, typed, rejected=rejected)
    return render(request, "clinic/booking.html", context, status=status)


def _refused(request, form: BookingForm, typed, **how) -> HttpResponse:
    """The form again, with every vet to choose from: it may have been checked with one."""
    form.offer(vets_to_book(request.user))
    return page(request, form, typed, **how)


def _found(typed, text: str) -> Found:
    """Who matches the text; before one is typed, the animals of the owner that the address names."""
    owner = id_of(typed.get("owner", ""))
    return find(text, living=True) if text or owner is None else of_owner(owner)


def _likely(form: BookingForm) -> list[Likeness]:
    """Known people like the newcomer whose form comes back."""
    names = {name: str(form[name].value() or "")[:150] for name in ("phone", "last_name", "first_name", "pet_name")}
    return duplicates_while_typing(**names)


def _carry_over(form: BookingForm, text: str) -> None:
    """Who was not found is new: what was typed to find them begins their phone or their name."""
    field = "phone" if any(sign.isdigit() for sign in text) else "last_name"
    before = form.initial.get(field, "")
    if not before or (text.startswith(before) and not form.is_new):  # the search went on since
        form.initial[field] = text.strip()[:40]


def _initial(typed, vets) -> dict:
    """What the form starts with: the values typed so far, the slot of the link, today."""
    initial = {name: typed[name] for name in typed if name in BookingForm.base_fields}
    chosen = parse_slot(initial.get("slot", ""), vets)
    if chosen:
        initial.setdefault("day", chosen[1].date().isoformat())
    initial.setdefault("day", timezone.localdate().isoformat())
    return initial


def _chosen_pet(typed) -> Pet | None:
    number = id_of(typed.get("pet", ""))
    if typed.get("intent") == "change" or number is None:
        return None
    return next(iter(Pet.objects.filter(pk=number)), None)


def _time(visit: Appointment) -> str:
    return date_format(visit.date.astimezone(visit.vet.branch.zone), "j E H:i")
