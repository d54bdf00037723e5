"""A whole clinic into an empty database: people and prices first, then visits day after day, all or nothing."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from django.conf import settings
from django.db import connection, transaction

from clinic.models import ImportedRow
from records.models import record_word, vaccination_due
from vetclinic.access.roles import Role
from vetclinic.demo import care, desk, people, rows, vaccines
from vetclinic.demo.accounts import link_first_vet, make_users, missing_roles, user_id
from vetclinic.demo.copying import Progress, ahead, bulk, continue_ids, copy
from vetclinic.demo.corrections import Corrected, Corrections, rows_of
from vetclinic.demo.days import Diary, Midnights
from vetclinic.demo.files import add_files
from vetclinic.demo.people import Pets
from vetclinic.demo.prices import PriceList
from vetclinic.demo.sizes import SIZES, words_of
from vetclinic.demo.templates import template_rows
from vetclinic.demo.visits import Story, Visit

MARK = "demo"  # the imported_row that says: all of this is the demo's
VISITS_AT_ONCE = 20_000
TABLES_WITH_IDS = [table for table in rows.COLUMNS if table != "invoice_counter"]


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    size: str
    seed: int
    language: str
    password: str
    now: dt.datetime


def is_demo() -> bool:
    return ImportedRow.objects.filter(source=MARK).exists()


def load(wish: Wish) -> int:
    """Fill the clinic; how many rows there are then. One transaction: an interrupted run leaves nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        make_users(missing_roles(), wish.password)
        with bulk(cursor, list(rows.COLUMNS)):
            count = _fill(cursor, wish)
        continue_ids(cursor, TABLES_WITH_IDS)
        link_first_vet()
        people_at_work = {"manager": user_id(Role.MANAGER), "reception": user_id(Role.RECEPTION)}
        count += desk.work(Random(f"{wish.seed} desk"), words_of(wish.language), now=wish.now, **people_at_work)
        ImportedRow.objects.create(source=MARK, digest=f"{wish.size}-{wish.seed}", object_id=0)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    return count + add_files(wish.seed)


def _fill(cursor, wish: Wish) -> int:
    size, words = SIZES[wish.size], words_of(wish.language)
    midnights = Midnights(settings.TIME_ZONE)
    today = wish.now.astimezone(midnights.zone).date()

    def draw(part: str) -> Random:
        """A generator for each part, so that more of one does not change another."""
        return Random(f"{wish.seed} {part}")

    vets = people.make_vets(draw("vets"), words, size, today)
    pets = Pets(draw("pets"), size, today)
    diary = Diary(draw("diary"), size, vets, pets, today)
    prices = PriceList(draw("prices"), dt.date.fromordinal(diary.first_day), today)
    count = copy(cursor, "branch", people.branch_rows(words, size.branches, settings.TIME_ZONE))
    count += copy(cursor, "specialization", people.specialization_rows(words))
    count += copy(cursor, "veterinarian", people.vet_rows(draw("phones"), words, vets))
    count += copy(cursor, "working_hours", people.working_hours_rows(vets))
    count += copy(cursor, "working_exception", people.exception_rows(vets, midnights.of))
    count += copy(cursor, "service", prices.rows(words))
    count += copy(cursor, "record_template", template_rows(wish.language))
    count += copy(cursor, "pet_owner", people.owner_rows(draw("owners"), words, size.owners))
    count += copy(cursor, "pet", pets.rows(draw("names"), words))
    count += copy(cursor, "pet_alert", care.alert_rows(draw("alerts"), words, size.pets, wish.now))
    count += copy(cursor, "vaccine_kind", vaccines.kind_rows(wish.language))
    count += copy(cursor, "vaccination", vaccines.earlier_rows(draw("earlier doses"), pets, diary.first_day))
    measured, dosed = draw("measured"), draw("doses")
    story = Story(
        draw=draw("story"), words=words, diary=diary, pets=pets, prices=prices, midnights=midnights, now=wish.now
    )
    progress = Progress(size.visits, "visits")
    reception = user_id(Role.RECEPTION)
    tellers = (user_id(Role.MANAGER), reception)
    corrections = Corrections(draw("corrections"), words, pets=pets, midnights=midnights, now=wish.now, people=tellers)
    for visits, corrected in ahead(_portions(story, corrections)):
        count += copy(cursor, "appointment", rows.appointment_rows(visits, reception))
        count += copy(cursor, "medical_record", rows.record_rows(visits))
        count += copy(cursor, "treatment", rows.treatment_rows(visits))
        count += copy(cursor, "measurement", care.measurement_rows(measured, visits, pets))
        count += copy(cursor, "vaccination", vaccines.dose_rows(dosed, visits))
        count += copy(cursor, "invoice", rows.invoice_rows(visits, pets))
        count += copy(cursor, "invoice_line", rows.line_rows(visits, words.SERVICES))
        count += copy(cursor, "payment", rows.payment_rows(visits, reception, midnights.zone))
        count += sum(copy(cursor, table, made) for table, made in rows_of(corrected))
        progress.add(len(visits))
    progress.close()
    for follows in (vaccination_due.FILL, record_word.FILL):
        cursor.execute(follows)
        count += cursor.rowcount
    return count + copy(cursor, "invoice_counter", story.numbers.items())


def _portions(story: Story, corrections: Corrections) -> Iterator[tuple[list[Visit], Corrected]]:
    """Days put together into portions that are worth a COPY each and fit in memory, with what was put right."""
    payment_id = partial(story.next_id, "payment")
    portion: list[Visit] = []
    for visits in story.days():
        portion += visits
        if len(portion) >= VISITS_AT_ONCE:
            yield portion, corrections.of(portion, payment_id)
            portion = []
    yield portion, corrections.of(portion, payment_id)
