"""The search over diagnoses and prescriptions: word forms of two languages, slips, filters, who may search."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from records.models import MedicalRecord, RecordWord
from records.models.record_word import FILL
from records.record_search import EXACT, SHOWN, SIMILAR, find_records
from records.record_search_cells import BEFORE, LONGEST, FoundItems
from records.word_forms import slips
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
QUERIES = 5  # user, vets of the filter, other cases of the words, records, words like them
# Words of every day in a clinic, each in cases whose endings, or whose vowels, come and go.
CASES = [
    "цистит цистита циститом циститы",
    "отит отита отиту отитом отитах",
    "гастрит гастрита гастритом",
    "дерматит дерматита дерматитом",
    "бронхит бронхита бронхите",
    "панкреатит панкреатита панкреатитов",
    "почка почки почек почками",
    "капля капли капель каплями",
    "таблетка таблетки таблеток таблетку",
    "перелом перелома переломом",
    "симптом симптома симптомов",
    "посев посева посевом",
    "желудок желудка желудке",
    "мазок мазка мазков",
    "рана раны рану раной ран",
    "кал кала калом",
    "ухо уха уши ушей ухом",
    "шов шва швы швов швами",
    "камень камня камни камней",
    "коготь когтя когти когтей",
    "кашель кашля кашлем",
    "узел узла узлы узлов",
    "гематома гематомы гематому гематомой",
    "инфекция инфекции инфекций инфекцией",
    "растяжение растяжения растяжений",
    "опухоль опухоли опухолью",
    "кровотечение кровотечения кровотечений",
    "отек отека отёк отёки",
    "гнойный гнойного гнойной гнойные",
    "увеличенный увеличена увеличены",
    "мелоксикам мелоксикама мелоксикамом",
    "лишай лишая лишаем лишаи",
    "покой покоя покое",
    "прием приема приемом",
    "калий калия калием",
    "обрабатывать обрабатывали обрабатывайте",
    "ear ears",
    "vomiting vomited vomit",
    "infection infections",
]
# Two words that are not one, though PostgreSQL's own stemmer, or letters, say so.
DIFFERENT = [
    ("бронхит", "бронхи"),
    ("цистит", "цисты"),
    ("колит", "коли"),
    ("порок", "порка"),
    ("калий", "кал"),
    ("кость", "костыль"),
]


def write(diagnosis="", prescription="", *, days=3, pet=None, vet=None, **more):
    date = timezone.now() - dt.timedelta(days=days)
    people = {"pet": pet or PetFactory(), "vet": vet or VetFactory()}
    visit = AppointmentFactory(date=date, ends_at=date + dt.timedelta(minutes=30), **people)
    record = {"diagnosis": diagnosis, "prescription": prescription} | more
    MedicalRecord.objects.create(appointment=visit, author=visit.vet, **record)
    return visit


def found(text, **filters) -> list[int]:
    return [hit.visit for hit in find_records(text, **filters).hits]


def similar_to(text) -> list[int]:
    return [hit.visit for hit in find_records(text).similar]


def drawn(text) -> str:
    """The items of all that is found."""
    result = find_records(text)
    return FoundItems(result.asked).items([*result.hits, *result.similar])


def decoys():
    """What a search for anything else must not find, or not first."""
    for diagnosis, prescription in (
        ("Клинически здоров.", "Профилактика клещей."),
        ("Вакцинация разрешена.", "Не мыть 7 дней."),
        ("Healthy.", "Come back in a year."),
    ):
        write(diagnosis, prescription)


@pytest.mark.parametrize("cases", CASES)
def test_word_is_found_in_every_case_by_every_case(cases):
    """Each written by itself beside the others: one that is found exactly must not hide those in another case."""
    decoys()
    written = [write(f"Состояние после: {word}.").pk for word in cases.split()]

    missing = {word: set(written) - set(found(word)) for word in cases.split()}

    assert not any(missing.values()), missing


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_word_is_not_taken_for_another_one(one, other):
    visit = write(one)
    write(other)

    assert found(one) == [visit.pk]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Цистит", "цыстит"),
        ("Цистит", "цестит"),
        ("Отит", "отет"),
        ("Отит", "атит"),
        ("Растяжение связок", "растижения"),
        ("Конъюнктивит", "коньюктивит"),
        ("Гастрит", "гастирт"),
        ("Бронхит", "боронхит"),
        ("Дерматит", "дематит"),
        ("Цыстит", "цистит"),
        ("Отит — УЗИ-контроль", "отет узи-контроль"),
        ("Otitis externa", "ottitis"),
    ],
)
def test_slip_finds_what_was_meant(written, asked):
    decoys()
    visit = write(written)

    assert (found(asked), similar_to(asked)) == ([], [visit.pk])


def test_similar_words_stand_after_the_exact_ones():
    decoys()
    meant, typed = write("Цистит"), write("Цыстит")

    result = find_records("цыстит")

    assert ([hit.visit for hit in result.hits], [hit.visit for hit in result.similar]) == ([typed.pk], [meant.pk])


def test_similar_words_are_left_out_when_the_exact_ones_fill_the_page():
    vet, pets = VetFactory(), [PetFactory() for _pet in range(2)]
    for number in range(SHOWN):
        write("otitis", days=number + 3, vet=vet, pet=pets[number % 2])
    write("otitus")

    assert similar_to("otitis") == []


@pytest.mark.parametrize("asked", ["от", "кот", "зуд"])
def test_short_word_means_itself(asked):
    write("отит, рот, суд, код")

    assert similar_to(asked) == []


def test_hyphen_within_a_word_leaves_nothing_out():
    visit = write("Назначен УЗИ-контроль почек")
    write("УЗИ")

    assert (found("узи-контроля"), found("узи-контроль почки")) == ([visit.pk], [visit.pk])


def test_word_that_is_to_be_left_out_is_left_out_in_every_case():
    write("Отит, гноя много")
    visit = write("Отит")

    assert found("отит -гной") == [visit.pk]


def test_words_of_a_record_are_known_whoever_writes_it():
    write("Мастит")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE medical_record SET diagnosis = 'Пиометра'")

    assert set(RecordWord.objects.values_list("word", flat=True)) == {"мастит", "пиометра"}


def test_words_loaded_past_the_triggers_are_filled_in():
    write("Мастит 2 степени, Д-димер 0.5")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM record_word")
        cursor.execute(FILL)

    assert sorted(RecordWord.objects.values_list("word", flat=True)) == ["димер", "мастит", "степени"]


@given(st.text("абв", max_size=6), st.text("абв", max_size=6))
def test_slips_are_counted_alike_from_both_sides_and_none_is_equality(one, other):
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) == (one == other)


@given(st.text("абв", min_size=2, max_size=6), st.integers(0, 4))
def test_neighbours_exchanged_are_one_slip(word, place):
    place %= len(word) - 1
    exchanged = word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    assert slips(word, exchanged) == (word != exchanged)


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
        ("Мелоксикам 0,5 мг", "0,5"),
        ("Боли в лапе", "боль в лапах"),
        ("Отит в левом ухе", '"отит в левом"'),
        ("Конъюнктивит", "конъю"),
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


def test_words_in_any_form_are_marked_with_their_own_ending():
    write("Лечение отита, ушёл в ремиссию")

    assert "Лечение <mark>отита</mark>, <mark>ушёл</mark> в ремиссию" in drawn("отит ушел")


def test_word_that_a_misspelt_one_may_have_meant_is_marked():
    write("Хронический гастрит, рвота")

    assert "Хронический <mark>гастрит</mark>, рвота" in drawn("гострит")


def test_slips_in_several_words_find_the_record_that_has_them_all():
    visit = write("Гнойный конъюнктивит", "Тетрациклиновая мазь")
    write("Конъюнктивит")

    assert (found("коньюктивит тетроциклиновой"), similar_to("коньюктивит тетроциклиновой")) == ([], [visit.pk])


def test_long_text_is_shown_around_the_first_word_that_was_asked_for():
    write(prescription=" ".join([*(f"слово{number}" for number in range(100)), "отит", "конец"]))

    text = drawn("отит").partition('class="rx">')[2].partition("</p>")[0]

    assert text.startswith("… ") and text.endswith("<mark>отит</mark> конец")
    assert len(text.split()) == 1 + LONGEST
    assert BEFORE < LONGEST


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
        (SIMILAR, "medical_record_by_words"),
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
        # what autovacuum does soon after so many rows
        cursor.execute("SELECT gin_clean_pending_list('medical_record_by_words')")
        cursor.execute("ANALYZE medical_record")
        query = f"EXPLAIN SELECT FROM medical_record WHERE {match}"
        cursor.execute(query, {"exact": "начало", "similar": "(начало | начала)"})
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert (index in plan, "Seq Scan" in plan) == (True, False)
