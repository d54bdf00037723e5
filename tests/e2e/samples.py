"""Small files in the formats of the public data, and the clinic's own set-up, for the browser tests."""

PETS_CSV = 'issue_date,pet_name,species,breed\n2015-12-18,Zen,Cat,Siberian\n2015-12-18,"Misty ""Mo""",Dog,Pug\n'

PETCLINIC_SQL = """
INSERT INTO types (name) SELECT 'cat' WHERE NOT EXISTS (SELECT * FROM types WHERE name='cat');
INSERT INTO vets (first_name, last_name) SELECT 'Helen', 'Leary' WHERE NOT EXISTS (SELECT * FROM vets WHERE id=1);
INSERT INTO owners (first_name, last_name, address, city, telephone) SELECT 'Jean', 'Coleman', '105 N. Lake St.', 'Monona', '6085552654' WHERE NOT EXISTS (SELECT * FROM owners WHERE id=1);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Leo', '2020-09-07', 1, 1 WHERE NOT EXISTS (SELECT * FROM pets WHERE id=1);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Rosy', '2021-04-17', 1, 1 WHERE NOT EXISTS (SELECT * FROM pets WHERE id=2);
INSERT INTO owners (first_name, last_name, address, city, telephone) SELECT 'Max', 'Abbot', '1 Mill St.', 'Monona', '7155551029' WHERE NOT EXISTS (SELECT * FROM owners WHERE id=2);
INSERT INTO owners (first_name, last_name, address, city, telephone) SELECT 'Eva', 'Zeller', '2 Mill St.', 'Monona', '7155551023' WHERE NOT EXISTS (SELECT * FROM owners WHERE id=3);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Abe', '2020-09-07', 1, 2 WHERE NOT EXISTS (SELECT * FROM pets WHERE id=3);
INSERT INTO pets (name, birth_date, type_id, owner_id) SELECT 'Zora', '2020-09-07', 1, 3 WHERE NOT EXISTS (SELECT * FROM pets WHERE id=4);
INSERT INTO visits (pet_id, visit_date, description) SELECT 1, '2022-03-04', 'rabies shot' WHERE NOT EXISTS (SELECT * FROM visits WHERE id=1);
"""

# The vet works around the clock, so that the browser can book whenever the suite runs.
SET_UP = """
import datetime as dt
from clinic.models import Branch, Veterinarian, WorkingHours
from vetclinic.access.models import User
for role in ("reception", "vet", "manager", "admin"):
    user = User(username=role, role=role)
    user.set_password({password!r})
    user.save()
vet = Veterinarian.objects.get(last_name="Leary")
vet.user = User.objects.get(username="vet")
vet.branch = Branch.objects.create(name="Harbour", time_zone="Europe/Moscow")
vet.save()
WorkingHours.objects.bulk_create(
    WorkingHours(vet=vet, weekday=weekday, starts_at=dt.time(0), ends_at=dt.time(23, 59)) for weekday in range(1, 8)
)
"""
