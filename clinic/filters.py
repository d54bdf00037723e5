"""Which visits, owners and pets a list shows. A field typed wrong gets its message and filters nothing."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.enums import AppointmentStatus, Gender, Species
from clinic.likeness import owners_like, pets_like
from clinic.models import Appointment, Pet, PetOwner
from clinic.part_fields import ALL_BRANCHES, ALL_VETS, PartField
from clinic.time_forms import DayField

LONGEST_LIFE = 100  # years
OTHER = "other"


class DayFilter(django_filters.DateFilter):
    field_class = DayField


class YearsFilter(django_filters.NumberFilter):
    """A whole number of years."""

    field_class = forms.IntegerField

    def __init__(self, **options):
        super().__init__(min_value=0, max_value=LONGEST_LIFE, **options)

    def get_max_validator(self):
        return None  # the field has a maximum of its own


class TextFilter(django_filters.CharFilter):
    def __init__(self, **options):
        super().__init__(max_length=100, **options)


class VetFilter(django_filters.ModelChoiceFilter):
    field_class = PartField

    def __init__(self, **options):
        super().__init__(label=_("Vet"), queryset=ALL_VETS, empty_label=_("all"), **options)


class BranchFilter(django_filters.ModelChoiceFilter):
    field_class = PartField

    def __init__(self, **options):
        super().__init__(label=_("Branch"), queryset=ALL_BRANCHES, empty_label=_("all"), **options)


class AppointmentFilter(django_filters.FilterSet):
    """Days are those of the chosen branch's clock, or of the whole clinic's."""

    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("Until"), method="until_day")
    text = TextFilter(label=_("Pet, owner, phone or reason"), method="about")
    vet = VetFilter()
    branch = BranchFilter(field_name="vet__branch")
    state = django_filters.ChoiceFilter(
        label=_("State"), field_name="status", choices=AppointmentStatus.choices, empty_label=_("all")
    )

    class Meta:
        model = Appointment
        fields: list[str] = []

    def from_day(self, visits: QuerySet, _name: str, day: dt.date) -> QuerySet:
        return visits.filter(date__gte=self._midnight(day))

    def until_day(self, visits: QuerySet, _name: str, day: dt.date) -> QuerySet:
        return visits.filter(date__lt=self._midnight(day + dt.timedelta(days=1)))

    def about(self, visits: QuerySet, _name: str, text: str) -> QuerySet:
        return visits.filter(Q(pet__in=pets_like(text).values("pk")) | Q(reason__icontains=text))

    def _midnight(self, day: dt.date) -> dt.datetime:
        branch = self.form.cleaned_data.get("branch")
        return dt.datetime.combine(day, dt.time(), branch.zone if branch else timezone.get_default_timezone())


class OwnerFilter(django_filters.FilterSet):
    text = TextFilter(label=_("Name or phone"), method="called")
    pets = django_filters.ChoiceFilter(
        label=_("Pets"),
        empty_label=_("all"),
        choices=[("with", _("with pets")), ("without", _("without pets"))],
        method="having",
    )
    active = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("all"),
        choices=[("yes", _("in the list")), ("no", _("no longer in the list"))],
        method="listed",
    )

    class Meta:
        model = PetOwner
        fields: list[str] = []

    def called(self, owners: QuerySet, _name: str, text: str) -> QuerySet:
        return owners.filter(pk__in=owners_like(text).values("pk"))

    def having(self, owners: QuerySet, _name: str, choice: str) -> QuerySet:
        has_pets = Exists(Pet.objects.filter(pet_owner=OuterRef("pk")))
        return owners.filter(has_pets if choice == "with" else ~has_pets)

    def listed(self, owners: QuerySet, _name: str, choice: str) -> QuerySet:
        return owners.filter(is_active=choice == "yes")


class PetFilter(django_filters.FilterSet):
    LIVES = {
        "alive": (_("alive"), Q(is_active=True, deceased_at=None)),
        "died": (_("died"), Q(deceased_at__isnull=False)),
        "inactive": (_("no longer in the list"), Q(is_active=False, deceased_at=None)),
    }
    text = TextFilter(label=_("Pet, owner or phone"), method="called")
    species = django_filters.ChoiceFilter(
        label=_("Species"), empty_label=_("all"), choices=[*Species.choices, (OTHER, _("other"))], method="of_species"
    )
    breed = TextFilter(label=_("Breed"), field_name="breed", lookup_expr="icontains")
    gender = django_filters.ChoiceFilter(label=_("Sex"), empty_label=_("all"), choices=Gender.choices)
    age_from = YearsFilter(label=_("Age from, years"), method="at_least")
    age_to = YearsFilter(label=_("Age to, years"), method="at_most")
    life = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("all"),
        choices=[(key, label) for key, (label, _condition) in LIVES.items()],
        method="living",
    )
    owner = django_filters.ChoiceFilter(
        label=_("Owner"),
        empty_label=_("all"),
        choices=[("with", _("known")), ("without", _("not known"))],
        field_name="pet_owner",
        method="owned",
    )

    class Meta:
        model = Pet
        fields: list[str] = []

    def called(self, pets: QuerySet, _name: str, text: str) -> QuerySet:
        return pets.filter(pk__in=pets_like(text).values("pk"))

    def of_species(self, pets: QuerySet, _name: str, choice: str) -> QuerySet:
        return pets.exclude(species__in=Species.values) if choice == OTHER else pets.filter(species=choice)

    def at_least(self, pets: QuerySet, _name: str, years: int) -> QuerySet:
        return pets.filter(birth_date__lte=_years_ago(years))

    def at_most(self, pets: QuerySet, _name: str, years: int) -> QuerySet:
        return pets.filter(birth_date__gt=_years_ago(years + 1))

    def living(self, pets: QuerySet, _name: str, choice: str) -> QuerySet:
        return pets.filter(self.LIVES[choice][1])

    def owned(self, pets: QuerySet, _name: str, choice: str) -> QuerySet:
        return pets.filter(pet_owner__isnull=choice == "without")


def _years_ago(years: int) -> dt.date:
    today = timezone.localdate()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)
