"""Rows for tests, made by factory_boy: each complete, none equal to another."""

import datetime as dt
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinic.models import (
    Appointment,
    Branch,
    Pet,
    PetAlert,
    PetOwner,
    Service,
    Specialization,
    Veterinarian,
    WorkingHours,
)
from records.models import Measurement, Vaccination, VaccineKind
from vetclinic.access.models import User

PASSWORD = "whisker-harbour-42"
OPENS, CLOSES = dt.time(9), dt.time(18)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    role = "reception"
    password = factory.django.Password(PASSWORD)


class BranchFactory(DjangoModelFactory):
    class Meta:
        model = Branch

    name = factory.Sequence(lambda n: f"Branch {n}")
    time_zone = "Europe/Moscow"


class SpecializationFactory(DjangoModelFactory):
    class Meta:
        model = Specialization

    name = factory.Sequence(lambda n: f"specialization {n}")


class VetFactory(DjangoModelFactory):
    """A vet with an account, at work every day from OPENS to CLOSES on the branch's clock."""

    class Meta:
        model = Veterinarian
        skip_postgeneration_save = True

    specialization = factory.SubFactory(SpecializationFactory)
    first_name = factory.Sequence(lambda n: f"Vet{n}")
    last_name = factory.Sequence(lambda n: f"Lane{n}")
    user = factory.SubFactory(UserFactory, role="vet")
    branch = factory.SubFactory(BranchFactory)

    @factory.post_generation
    def hours(self, create, extracted, **kwargs):
        WorkingHours.objects.bulk_create(
            WorkingHours(vet=self, weekday=weekday, starts_at=OPENS, ends_at=CLOSES) for weekday in range(1, 8)
        )


class OwnerFactory(DjangoModelFactory):
    class Meta:
        model = PetOwner

    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    phone = factory.Sequence(lambda n: f"+7916{n:07}")


class PetFactory(DjangoModelFactory):
    class Meta:
        model = Pet

    pet_owner = factory.SubFactory(OwnerFactory)
    name = factory.Sequence(lambda n: f"Pet{n}")
    species = "cat"


class ServiceFactory(DjangoModelFactory):
    """A price of 100.00 that holds since a month ago until further notice."""

    class Meta:
        model = Service

    name = factory.Sequence(lambda n: f"Service {n}")
    code = factory.Sequence(lambda n: f"service-{n}")
    cost = 100
    valid_from = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=30))


class AppointmentFactory(DjangoModelFactory):
    """A scheduled visit of half an hour, today from now on."""

    class Meta:
        model = Appointment

    pet = factory.SubFactory(PetFactory)
    vet = factory.SubFactory(VetFactory)
    date = factory.LazyFunction(lambda: timezone.now().replace(second=0, microsecond=0))
    ends_at = factory.LazyAttribute(lambda visit: visit.date + dt.timedelta(minutes=30))
    reason = "cough"


class PetAlertFactory(DjangoModelFactory):
    class Meta:
        model = PetAlert

    pet = factory.SubFactory(PetFactory)
    kind = "allergy"
    text = factory.Sequence(lambda n: f"amoxicillin {n}")
    noted_by = factory.SubFactory(UserFactory)


class MeasurementFactory(DjangoModelFactory):
    """A weight of 4.2 kg; of its visit's animal when it has a visit."""

    class Meta:
        model = Measurement

    pet = factory.LazyAttribute(lambda row: row.appointment.pet if row.appointment else PetFactory())
    appointment = None
    kind = "weight"
    value = Decimal("4.2")
    unit = "kg"
    taken_at = factory.LazyFunction(timezone.now)


class VaccineKindFactory(DjangoModelFactory):
    """For all animals, again after a year."""

    class Meta:
        model = VaccineKind

    name = factory.Sequence(lambda n: f"vaccine {n}")


class VaccinationFactory(DjangoModelFactory):
    """A dose given elsewhere half a year ago; valid as long as its kind protects."""

    class Meta:
        model = Vaccination

    pet = factory.SubFactory(PetFactory)
    kind = factory.SubFactory(VaccineKindFactory)
    given_on = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=180))
    valid_until = factory.LazyAttribute(lambda dose: dose.kind.valid_until(dose.given_on))
