"""The page of an owner; shared by the views that answer with it."""

from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing.forms import DepositForm, ReturnForm
from billing.models import Deposit, Invoice
from billing.views.tills import tills
from clinic.duplicates import duplicates_of
from clinic.enums import AppointmentStatus
from clinic.models import Appointment, PetOwner

RECENT = 20  # rows of each list, unless ?all asks for the others
OVER = [AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW]
IDS = {"deposit_form": "deposit_%s", "return_form": "return_%s"}  # two forms on one page name their fields apart


def owner_page(request: HttpRequest, person: PetOwner, *, status: int = 200, **forms: Form) -> HttpResponse:
    """`forms`: those that were refused, by their names in IDS."""
    merges = list(person.merges.filter(undone_at=None).select_related("source", "merged_by").order_by("-merged_at"))
    records = [person.pk, *person.merged.values_list("pk", flat=True)]  # issued invoices stay with the merged record
    visits = Appointment.objects.filter(pet__pet_owner=person).select_related("pet", "vet__branch")
    bills = Invoice.objects.visible_to(request.user).filter(pet_owner__in=records)
    now = timezone.now()
    most = None if "all" in request.GET else RECENT
    lists = {
        "coming": visits.filter(date__gte=now).exclude(status__in=OVER).order_by("date"),
        "past": visits.filter(Q(date__lt=now) | Q(status=AppointmentStatus.COMPLETED)).order_by("-date"),
        "invoices": bills.with_balance().order_by("-id"),
    }
    shown = {name: _first(rows, most) for name, rows in lists.items()}
    context = {
        "owner": person,
        "pets": person.pets.order_by("name"),
        "coming": timed(shown["coming"][0]),
        "past": timed(shown["past"][0]),
        "invoices": shown["invoices"][0],
        "cut": {name for name, (_rows, is_cut) in shown.items() if is_cut},
        "owed": bills.unpaid().with_balance().aggregate(sum=Sum("balance"))["sum"] or 0,
        "merges": merges,
        "just_merged": next((merge for merge in merges if str(merge.pk) == request.GET.get("merged")), None),
        "likely": duplicates_of(person) if request.user.may("merge_owners") else [],
        **(_account(request, person, most, forms) if request.user.may("take_payments") else {}),
    }
    for name in [name for name in forms if not context.get(name)]:  # another person was faster: the form is gone
        for error in forms[name].errors.values():
            messages.error(request, error[0])
    return render(request, "billing/owner.html", context, status=status)


def _account(request: HttpRequest, person: PetOwner, most: int | None, forms: dict[str, Form]) -> dict:
    """The owner's deposit with its last changes, and the forms of what may be done with it."""
    deposits = Deposit.objects.of(person)
    latest = deposits.select_related("noted_by", "branch", "payment__invoice").order_by("-noted_at", "-pk")
    balance = deposits.balance()
    till = tills(request)
    take = forms.get("deposit_form") or DepositForm(**till, auto_id=IDS["deposit_form"])
    blank = ReturnForm(initial={"amount": balance}, **till, auto_id=IDS["return_form"])
    give_back = forms.get("return_form") or blank
    shown, is_cut = _first(latest, most)
    return {
        "deposit": balance,
        "deposits": shown,
        "deposits_cut": is_cut,
        "deposit_form": take,
        "return_form": give_back if balance and request.user.may("correct_invoices") else None,
    }


def _first(rows: QuerySet, most: int | None) -> tuple[list, bool]:
    """As many rows as are shown, and whether there are more."""
    found = list(rows[: most and most + 1])
    return found[:most], most is not None and len(found) > most


def timed(visits) -> list[dict]:
    """Each visit with its start on the branch's clock: naive, as templates move aware times to the site's zone."""
    return [{"visit": visit, "starts": timezone.make_naive(visit.date, visit.vet.zone)} for visit in visits]
