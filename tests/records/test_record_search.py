"""The search over diagnoses and prescriptions: word forms of two languages, slips, filters, who may search."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from records.models import MedicalRecord
from records.record_search import EXACT, SHOWN, SIMILAR, find_records
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
QUERIES = 3  # user, vets of the filter, records


def write(diagnosis="", prescription="", *, days=3, pet=None, vet=None, **more):
    date = timezone.now() - dt.timedelta(days=days)
    people = {"pet": pet or PetFactory(), "vet": vet or VetFactory()}
    visit = AppointmentFactory(date=date, ends_at=date + dt.timedelta(minutes=30), **people)
    record = {"diagnosis": diagnosis, "prescription": prescription} | more
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, **record)
    return visit


def found(text, **filters) -> list[int]:
    return [hit.visit for hit in find_records(text, **filters).hits]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Хромота правой лапы", "хромоты"),
        ("Рвота у кошки", "кошка"),
        ("рвота у кошки", "РВОТЫ кошкам"),
        ("Ушёл в ремиссию", "ушел"),
        ("Ушел в ремиссию", "ушёл"),
        ("Chronic vomiting", "vomit"),
        ("Chronic vomiting", "VOMITED chronically"),
        ("Otitis externa", "otitis"),
        ("Отит, otitis externa", "отитом externa"),
        ("острый отит", '"острый отит"'),
        ("отит", "отит -гнойный"),
        ("Лечение отита", "отит"),
        ("Отит", "отит отит отит"),
        ("Мелоксикам 0.5 мг", "0.5"),
    ],
)
def test_words_are_found_in_every_form(written, asked):
    visit = write(written)
    write("something else entirely")

    assert found(asked) == [visit.pk]


@pytest.mark.parametrize("asked", ["гастрит", '"отит острый"', "отит -острый", "отит гастрит"])
def test_what_is_not_there_is_not_found(asked):
    write("острый отит")

    assert found(asked) == []


def test_prescription_is_searched_and_notes_are_not():
    visit = write(prescription="Мелоксикам 0,5 мг")
    write(notes="мелоксикам", complaint="мелоксикам")

    assert found("мелоксикама") == [visit.pk]


def test_slip_of_the_keyboard_finds_what_was_meant_and_says_so():
    visit = write("Конъюнктивит")

    result = find_records("коньюктивит")

    assert ([hit.visit for hit in result.hits], result.similar) == ([visit.pk], True)


def test_word_that_a_misspelt_one_may_have_meant_is_marked():
    write("Хронический гастрит, рвота")

    hit = find_records("гострит").hits[0]

    assert hit.diagnosis == "Хронический <mark>гастрит</mark>, рвота"


def test_slips_in_several_words_find_the_record_that_has_them_all():
    visit = write("Гнойный конъюнктивит", "Тетрациклиновая мазь")
    write("Конъюнктивит")

    result = find_records("коньюктивит у тетроциклиновой")

    assert ([hit.visit for hit in result.hits], result.similar) == ([visit.pk], True)


def test_word_that_begins_as_asked_is_marked():
    write("Лечение отита, ушёл в ремиссию")

    assert find_records("отит ушел").hits[0].diagnosis == "Лечение <mark>отита</mark>, <mark>ушёл</mark> в ремиссию"


def test_search_until_a_day_goes_by_the_day_of_the_visit():
    vet, pets = VetFactory(), [PetFactory() for _pet in range(2)]
    written = [write("otitis", days=number + 3, vet=vet, pet=pets[number % 2]) for number in range(SHOWN + 2)]

    hits = found("otitis", until=timezone.now())  # the newest visit has the oldest record

    assert hits == [visit.pk for visit in written[:SHOWN]]


def test_newest_come_first_and_no_more_than_a_page():
    vet, pets = VetFactory(), [PetFactory() for _pet in range(2)]
    visits = [write("otitis", days=99 - number, vet=vet, pet=pets[number % 2]) for number in range(SHOWN + 2)][::-1]

    result = find_records("otitis")

    assert [hit.visit for hit in result.hits] == [visit.pk for visit in visits[:SHOWN]]
    assert result.more


def test_filters_narrow_the_search():
    cat, dog = (
        write("otitis", days=3, pet=PetFactory(species="cat")),
        write("otitis", days=9, pet=PetFactory(species="dog")),
    )
    week_ago = timezone.now() - dt.timedelta(days=7)

    assert found("otitis", species="dog") == [dog.pk]
    assert found("otitis", vet=cat.vet_id) == [cat.pk]
    assert (found("otitis", since=week_ago), found("otitis", until=week_ago)) == ([cat.pk], [dog.pk])


def test_matched_words_are_marked_and_typed_signs_stay_text(client):
    evil = "<script>alert(1)</script>"
    visit = write(f"<b>Otitis</b> & {evil} \ue000evil\ue001", evil, pet=PetFactory(name=evil))
    client.force_login(visit.vet.user)

    page = client.get("/records/search/?q=otitis").text

    assert "<mark>Otitis</mark>" in page
    assert "<script>alert" not in page and "<mark>evil" not in page


@pytest.mark.parametrize(
    "text", ["&|!:*", "'", '"', "((", "\\", "%", "a" * 300, "\x00", "😀", "' OR 1=1 --", "<script>", "-", "и в на"]
)
def test_signs_that_mean_something_elsewhere_are_a_page(client, text):
    write("otitis")
    client.force_login(VetFactory().user)

    answer = client.get("/records/search/", {"q": text})

    assert answer.status_code in (200, 400)
    assert "otitis" not in answer.text


@pytest.mark.parametrize(
    "query", ["since=x", "until=9999-12-31", "vet=999999", "vet=x", "species=dragon", "since=0001-01-01"]
)
def test_odd_filters_are_a_page(client, query):
    client.force_login(VetFactory().user)

    assert client.get(f"/records/search/?q=otitis&{query}").status_code == 200


@pytest.mark.parametrize(("role", "code"), [("vet", 200), ("manager", 200), ("reception", 403), ("admin", 403)])
def test_only_who_may_read_records_searches_them(client, role, code):
    client.force_login(UserFactory(role=role))

    assert client.get("/records/search/?q=otitis").status_code == code


@pytest.mark.parametrize("count", [1, 30])
def test_page_takes_the_same_queries_for_one_and_thirty(client, django_assert_num_queries, count):
    vet = VetFactory()
    for number in range(count):
        write("otitis", days=number + 1, vet=vet)
    client.force_login(vet.user)

    with django_assert_num_queries(QUERIES):
        client.get("/records/search/?q=otitis")


@pytest.mark.parametrize(
    ("match", "index"),
    [
        (EXACT, "medical_record_by_words"),
        (SIMILAR.format("text"), "medical_record_by_letters"),
        (f"{SIMILAR.format('text')} AND {SIMILAR.format('text')}", "medical_record_by_letters"),
    ],
)
def test_planner_takes_the_index_for_what_the_search_asks(match, index):
    write("начало")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO appointment (pet_id, vet_id, date, ends_at, reason, status_id, notes)"
            " SELECT pet_id, vet_id, date - n * interval '1 h', ends_at - n * interval '1 h', reason, 6, ''"
            " FROM appointment, generate_series(1, 5000) n"
        )
        cursor.execute(
            "INSERT INTO medical_record (appointment_id, diagnosis, prescription) SELECT id, md5(id::text),"
            " (SELECT string_agg(md5((id * n)::text), ' ') FROM generate_series(1, 12) n) FROM appointment WHERE status_id = 6"
        )
        for name in ("medical_record_by_words", "medical_record_by_letters"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [name])  # what autovacuum does soon after so many rows
        cursor.execute("ANALYZE medical_record")
        query = f"EXPLAIN SELECT FROM medical_record WHERE {match}"
        cursor.execute(query, {"text": "начало", "beginnings": "начало:*"})
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert (index in plan, "Seq Scan" in plan) == (True, False)
