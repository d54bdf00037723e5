"""Who is due for a vaccination: which rows the list shows, and in what order."""

import datetime as dt

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.enums import Species
from clinic.filters import OTHER, BranchFilter, VetFilter
from clinic.models import Appointment
from records.models import VaccinationDue, VaccinationLetter, VaccineKind
from records.vaccinations import SOON
from vetclinic.ui.lists import Order

ORDERS = {"due": Order(("due_on", "pk"), _("due first"), _("due last"))}


class DueFilter(django_filters.FilterSet):
    """Vet and branch are those of the last dose; one given elsewhere has none."""

    when = django_filters.ChoiceFilter(
        label=_("Due"),
        empty_label=_("overdue and within 30 days"),
        choices=[("overdue", _("overdue")), ("soon", _("within 30 days"))],
        method="due",
    )
    kind = django_filters.ModelChoiceFilter(
        label=_("Vaccine"),
        queryset=VaccineKind.objects.filter(is_active=True).order_by("name", "pk"),
        empty_label=_("all"),
    )
    species = django_filters.ChoiceFilter(
        label=_("Species"), empty_label=_("all"), choices=[*Species.choices, (OTHER, _("other"))], method="of_species"
    )
    vet = VetFilter(field_name="vaccination__vet")
    branch = BranchFilter(field_name="vaccination__vet__branch")

    class Meta:
        model = VaccinationDue
        fields: list[str] = []

    def due(self, rows: QuerySet, _name: str, choice: str) -> QuerySet:
        today = timezone.localdate()
        return rows.filter(due_on__lt=today) if choice == "overdue" else rows.filter(due_on__gte=today)

    def of_species(self, rows: QuerySet, _name: str, choice: str) -> QuerySet:
        if choice == OTHER:
            return rows.exclude(pet__species__in=Species.values)
        return rows.filter(pet__species=choice)


def due_rows(now: dt.datetime) -> QuerySet[VaccinationDue]:
    """What is overdue or due within 30 days, with whom to call, the coming visit and when a letter has left."""
    today = timezone.localdate(now)
    ahead = Appointment.objects.filter(pet=OuterRef("pet")).expected_after(now)
    letters = VaccinationLetter.objects.filter(pet=OuterRef("pet"), due_on=OuterRef("due_on"), state="sent")
    rows = VaccinationDue.objects.to_be_told().filter(due_on__lte=today + SOON)
    return rows.select_related("kind", "pet__pet_owner", "vaccination__vet").annotate(
        coming=Subquery(ahead.order_by("date").values("date")[:1]), written=Subquery(letters.values("sent_at")[:1])
    )
