"""Small files in the formats of the public data, and the clinic's own set-up, for the browser tests."""

PETS_CSV = (
    "License Issue Date,License Number,Animal's Name,Species,Primary Breed,Secondary Breed,ZIP Code\n"
    "December 18 2015,S107948,Zen,Cat,Domestic Longhair,Mix,98117\n"
    'June 14 2016,S116503,"Misty ""Mo""",Cat,Siberian,,98117\n'
)

SET_UP = """
import datetime as dt
from clinic.models import *
from vetclinic.access.models import User
for role in ("reception", "vet", "manager", "admin"):
    user = User(username=role, role=role, first_name=role.title())
    user.set_password({password!r})
    user.save()
branch = Branch.objects.create(name="Harbour", time_zone="Europe/Moscow")
vet = Veterinarian.objects.filter(is_active=True).first()
if vet is None:
    vet = Veterinarian.objects.create(
        first_name="Ann", last_name="Fielding", specialization=Specialization.objects.create(name="general practice"))
Veterinarian.objects.exclude(pk=vet.pk).update(is_active=False)
vet.user, vet.branch, vet.is_active = User.objects.get(username="vet"), branch, True
vet.save()
for weekday in range(1, 8):
    WorkingHours.objects.create(vet=vet, weekday=weekday, starts_at=dt.time(0, 0), ends_at=dt.time(23, 59))
"""
