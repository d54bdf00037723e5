"""The pages that are measured, and the rows of this clinic that they are measured on."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HISTORY_VISITS = 50
NOTED = "UPDATE appointment SET notes = clock_timestamp()::text WHERE id = {visit}"
PAID = """
    INSERT INTO deposit (pet_owner_id, kind, amount, method, branch_id, noted_at, day, noted_by_id)
    SELECT (SELECT min(id) FROM pet_owner WHERE merged_into_id IS NULL), 'taken', 1, 'cash', branch.id, now(),
        (now() AT TIME ZONE time_zone)::date, app_user.id
    FROM branch, app_user WHERE username = 'reception' ORDER BY random() LIMIT 1  -- in any of the branches
"""
RUSH_IN_DAYS, RUSH_DAYS, RUSH_MINUTES = 30, 10, 30
LATEST_IN_DAYS = 1000  # earlier rushes have taken what comes before


@dataclass(frozen=True)
class Page:
    """`target` is the wished ratio of the median to the empty signed-in page's, if there is one.

    `changes` is a statement that is executed before each request, so that the page is not as it was kept from the last.
    """

    name: str
    role: str
    path: str
    target: float | None = None
    books: bool = False  # a POST of the form at `path`, each time for another time and another animal
    known: bool = False  # the browser has it already, and nothing has changed
    changes: str = ""


def pages() -> list[Page]:
    """Every page, on rows that are there. Needs Django and a filled clinic."""
    from django.utils import timezone

    today = timezone.localdate()
    year_ago, month_ago = today - dt.timedelta(days=364), today - dt.timedelta(days=29)
    zone, now, fortnight = timezone.get_default_timezone_name(), timezone.now(), dt.timedelta(days=14)
    busiest = _value(
        "SELECT (date AT TIME ZONE %s)::date AS day FROM appointment WHERE date BETWEEN %s AND %s"
        " GROUP BY day ORDER BY count(*) DESC, day LIMIT 1",
        zone,
        now - fortnight,
        now + fortnight,
    )
    visit_of_that_day = _value(
        "SELECT id FROM appointment WHERE (date AT TIME ZONE %s)::date = %s AND date BETWEEN %s AND %s"
        " ORDER BY status_id, id LIMIT 1",
        zone,
        busiest,
        now - fortnight,
        now + fortnight,
    )
    long_history = _value(
        "SELECT pet_id FROM appointment GROUP BY pet_id ORDER BY abs(count(*) - %s), pet_id LIMIT 1", HISTORY_VISITS
    )
    visit = _value(
        "SELECT a.id FROM appointment a JOIN medical_record r ON r.appointment_id = a.id"
        " JOIN veterinarian v ON v.id = a.vet_id JOIN app_user u ON u.id = v.user_id"
        " WHERE u.username = 'vet' ORDER BY a.date DESC LIMIT 1"
    )
    noted = NOTED.format(visit=visit_of_that_day)
    phone, last_name = _row("SELECT phone, last_name FROM pet_owner WHERE length(last_name) > 5 ORDER BY id LIMIT 1")
    return [
        Page("empty, signed in", "reception", "/account/"),
        Page("board, one visit changed", "reception", f"/board/?day={busiest}", 5, changes=noted),
        Page("board, unchanged", "reception", f"/board/?day={busiest}", 1.2, known=True),
        Page("search, four digits", "reception", f"/search/?q={phone[-4:]}", 3),
        Page("search, four letters", "reception", f"/search/?q={last_name[:4].lower()}", 3),
        Page("history of an animal", "reception", f"/pets/{long_history}/", 3),
        Page("history, as a vet", "vet", f"/pets/{long_history}/", 3),
        Page("search in records", "vet", "/records/search/?q=отит", 3),
        Page("search in records, a slip", "vet", "/records/search/?q=атит", 3),
        Page("visit page", "vet", f"/visits/{visit}/", 4),
        Page("booking form", "reception", "/book/"),
        Page("booking, whole POST", "reception", "/book/", 4, books=True),
        Page("invoices, unpaid", "reception", "/invoices/"),
        Page("owners", "reception", "/owners/"),
        Page("owners, last page", "reception", "/owners/?before=end"),
        Page("visits since ever, last page", "reception", "/appointments/?since=&before=end"),
        Page("income of a month", "manager", f"/income/?from={month_ago}&to={today}"),
        Page("income of a year", "manager", f"/income/?from={year_ago}&to={today}", 4, changes=PAID),
        Page("income of a year, by vet", "manager", f"/income/?from={year_ago}&to={today}&by=vet", 4, changes=PAID),
        Page("income, unchanged", "manager", f"/income/?from={year_ago}&to={today}"),
        Page("discharge sheet, PDF", "reception", f"/visits/{visit}/discharge.pdf"),
        Page("price list", "reception", "/prices/"),
    ]


def animals_to_book(count: int) -> list[int]:
    """Pets with an owner, drawn anew for each run."""
    from clinic.models import Pet

    alive = Pet.objects.filter(pet_owner__isnull=False, is_active=True, deceased_at=None)
    return list(alive.order_by("?").values_list("pk", flat=True)[:count])


def bookings(count: int) -> list[dict]:
    """Posted booking forms that all can be booked: of every vet in turn, each for another animal."""
    from django.utils import timezone

    from clinic.availability import free_slots_of_days
    from clinic.models import Veterinarian

    now, today = timezone.now(), timezone.localdate()
    vets = Veterinarian.objects.working().filter(branch__isnull=False).select_related("branch")
    animals = animals_to_book(count)
    left, forms = iter(animals), []
    for ahead in range(RUSH_IN_DAYS, LATEST_IN_DAYS, RUSH_DAYS):
        slots = free_slots_of_days(vets, today + dt.timedelta(days=ahead), RUSH_DAYS, RUSH_MINUTES, now)
        # zip asks the slots first: none of the animals is lost between two stretches of days
        forms += [_form(slot, animal) for slot, animal in zip(_apart(slots), left, strict=False)]
        if len(forms) == len(animals):
            break
    return forms


def _apart(slots: Iterable) -> Iterator:
    """Those of a vet that do not overlap."""
    free_from: dict[int, dt.datetime] = {}
    for slot in slots:
        if slot.start >= free_from.get(slot.vet.pk, slot.start):
            free_from[slot.vet.pk] = slot.end
            yield slot


def _form(slot, animal: int) -> dict:
    day, key = slot.start.date().isoformat(), str(uuid.uuid4())
    return {"pet": animal, "slot": slot.value, "day": day, "request_key": key}


def kept(forms: list[dict]) -> int:
    """How many of the posted forms have a visit."""
    from clinic.models import Appointment

    return Appointment.objects.filter(request_key__in=[form["request_key"] for form in forms]).count()


def _value(query: str, *params):
    return _row(query, *params)[0]


def _row(query: str, *params):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchone()
