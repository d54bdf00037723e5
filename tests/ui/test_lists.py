"""Paging by key: every row once, forwards and backwards, at the same cost anywhere; exports in batches."""

import json

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from clinic.models import Pet, PetOwner
from clinic.views.lists import OWNER_ORDERS, PET_ORDERS
from tests.factories import OwnerFactory, PetFactory
from vetclinic.ui import export, lists
from vetclinic.ui.lists import page_of, sorting_of

pytestmark = pytest.mark.django_db

BIG = """
    INSERT INTO pet_owner (first_name, last_name)
    SELECT 'First' || n %% 7, 'Last' || n %% 997 FROM generate_series(1, %s) AS n
"""
ALL_ORDERS = [f"{sign}{name}" for name in PET_ORDERS for sign in ("", "-")]


def page(rows, **query):
    asked = QueryDict(mutable=True)
    asked.update(query)
    return page_of(rows, asked, PET_ORDERS if rows.model is Pet else OWNER_ORDERS, "name")


def many_pets(count: int) -> None:
    """Names that repeat, in two cases; every third of unknown age."""
    Pet.objects.bulk_create(
        PetFactory.build(
            pet_owner=None,
            name=["Бим", "бим", "Ёж", "Rex"][number % 4],
            birth_date=None if number % 3 == 0 else f"20{number % 20:02}-01-01",
        )
        for number in range(count)
    )


def rows_read(plan: dict) -> int:
    """What all nodes of a plan have read or thrown away."""
    own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_read(child) for child in plan.get("Plans", []))


@pytest.mark.parametrize("order", ALL_ORDERS)
def test_every_row_comes_once_forwards_and_backwards(order):
    many_pets(130)

    forwards, here = [], page(Pet.objects.all(), order=order)
    while forwards.append(here.rows) or here.next:
        here = page(Pet.objects.all(), order=order, after=here.next)
    backwards = [here.rows]
    while here.previous:
        here = page(Pet.objects.all(), order=order, before=here.previous)
        backwards.insert(0, here.rows)

    assert [len(rows) for rows in forwards] == [50, 50, 30]
    assert {pet for rows in forwards for pet in rows} == set(Pet.objects.all())
    assert backwards == forwards


@pytest.mark.parametrize("order", ALL_ORDERS)
def test_last_page_is_reached_at_once(order):
    many_pets(130)
    everything = sorting_of(QueryDict(f"order={order}"), PET_ORDERS, "name").take(Pet.objects.all(), 200)

    last = page(Pet.objects.all(), order=order, before="end")

    assert last.rows == everything[-50:]
    assert last.next is None
    assert last.previous is not None


def test_first_page_of_few_rows_leads_nowhere():
    many_pets(50)

    only = page(Pet.objects.all())

    assert (len(only.rows), only.previous, only.next, only.count) == (50, None, None, 50)


def test_rows_added_meanwhile_neither_repeat_nor_hide_others():
    for number in range(60):
        PetFactory(name=f"Cat {number:02}")
    first = page(Pet.objects.all())

    PetFactory(name="A newcomer")
    second = page(Pet.objects.all(), after=first.next)

    assert [pet.name for pet in second] == [f"Cat {number:02}" for number in range(50, 60)]


def test_row_that_a_page_ended_with_may_be_deleted():
    for number in range(60):
        PetFactory(name=f"Cat {number:02}", pet_owner=None)
    first = page(Pet.objects.all())

    first.rows[-1].delete()
    second = page(Pet.objects.all(), after=first.next)

    assert [pet.name for pet in second] == [f"Cat {number:02}" for number in range(50, 60)]


def test_going_back_to_fewer_rows_than_a_page_shows_the_whole_first_page():
    many_pets(110)
    second = page(Pet.objects.all(), after=page(Pet.objects.all()).next)
    Pet.objects.filter(pk__in=[pet.pk for pet in page(Pet.objects.all()).rows[:10]]).delete()

    first = page(Pet.objects.all(), before=second.previous)

    assert first.rows == page(Pet.objects.all()).rows


def test_going_on_to_rows_that_have_gone_shows_the_last_page():
    many_pets(110)
    place = page(Pet.objects.all(), after=page(Pet.objects.all()).next).next
    Pet.objects.filter(pk__in=[pet.pk for pet in page(Pet.objects.all(), after=place)]).delete()

    found = page(Pet.objects.all(), after=place)

    assert (found.rows, found.next) == (page(Pet.objects.all(), before="end").rows, None)
    assert len(found.rows) == 50


@pytest.mark.parametrize("other", ["-name", "born", "added"])
def test_place_of_another_order_shows_the_first_page(other):
    many_pets(60)
    place = page(Pet.objects.all(), order="name").next

    found = page(Pet.objects.all(), order=other, after=place)

    assert found.rows == page(Pet.objects.all(), order=other).rows


def test_place_that_was_changed_by_hand_shows_the_first_page():
    many_pets(60)
    place = page(Pet.objects.all()).next

    found = page(Pet.objects.all(), after=place[:-1] + ("A" if place[-1] != "A" else "B"))

    assert found.rows == page(Pet.objects.all()).rows


def test_more_rows_than_are_counted_are_many():
    with connection.cursor() as cursor:
        cursor.execute(BIG, [lists.COUNTED + 500])

    shown = page(PetOwner.objects.all())

    assert (shown.is_many, shown.count) == (True, lists.COUNTED + 1)


@pytest.mark.parametrize("order", ["name", "-name", "added", "-added"])
def test_deep_page_reads_as_many_rows_as_the_first(order):
    with connection.cursor() as cursor:
        cursor.execute(BIG, [20_000])
        cursor.execute("ANALYZE pet_owner")
    sorting = sorting_of(QueryDict(f"order={order}"), OWNER_ORDERS, "name")
    deep = sorting.place(sorting.take(PetOwner.objects.all(), 19_000)[-1])

    read = []
    for place in (None, deep):
        with CaptureQueriesContext(connection) as queries:
            sorting.take(PetOwner.objects.all(), lists.SIZE + 1, place)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries[0]['sql']}")
            plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        read.append(rows_read(plan[0]["Plan"]))

    assert read[0] < 3 * (lists.SIZE + 1)
    assert read[1] == read[0]


def test_batches_bring_every_row_in_order(monkeypatch):
    monkeypatch.setattr(export, "BATCH", 7)
    many_pets(30)
    sorting = sorting_of(QueryDict("order=born"), PET_ORDERS, "name")

    batches = list(export.batches(Pet.objects.all(), sorting))

    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 2]
    assert [pet for batch in batches for pet in batch] == sorting.take(Pet.objects.all(), 100)


def test_batches_of_nothing_are_none():
    sorting = sorting_of(QueryDict(""), PET_ORDERS, "name")

    assert list(export.batches(Pet.objects.all(), sorting)) == []


def test_owners_by_name_stand_by_last_name_then_first():
    names = [("Бук", "Яна"), ("бук", "Анна"), ("Алёшин", "Пётр"), ("Алешин", "Олег")]
    for last, first in names:
        OwnerFactory(last_name=last, first_name=first)

    shown = page(PetOwner.objects.all())

    assert [str(owner) for owner in shown] == ["Алешин Олег", "Алёшин Пётр", "бук Анна", "Бук Яна"]
