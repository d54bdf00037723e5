"""Fifty people book one slot at once: one of them gets it, the others are told so and offered other times."""

import threading
import uuid
from collections import Counter
from contextlib import closing

import pytest
from django.db import connection, connections
from django.test import Client

from clinic.models import Appointment
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, PetFactory, UserFactory, VetFactory
from vetclinic.locks import Lock

BOOKERS = 50


def at_once(user, posts: list[tuple[str, dict]]) -> list:
    """The answers to posts (path, form) that as many browsers of one person send at the same moment."""
    answers, barrier = [], threading.Barrier(len(posts))

    def send(path, form):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        barrier.wait()
        try:
            answers.append(client.post(path, form))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=post) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def codes(answers) -> Counter:
    return Counter(answer.status_code for answer in answers)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_fifty_bookings_of_one_slot_leave_one_visit_and_offer_other_times():
    vet, start = VetFactory(), next_morning()
    user = UserFactory(role="reception")
    slot = f"{vet.pk}@{start.isoformat()}"
    forms = [
        {"slot": slot, "pet": PetFactory().pk, "reason": "check_up", "day": start.date(), "request_key": uuid.uuid4()}
        for _booker in range(BOOKERS)
    ]

    answers = at_once(user, [("/book/", form) for form in forms])

    assert codes(answers) == {302: 1, 409: BOOKERS - 1}
    assert Appointment.objects.count() == 1
    refused = next(answer.content.decode() for answer in answers if answer.status_code == 409)
    assert "This time has just been taken" in refused
    assert refused.count('name="slot"') == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_form_sent_twice_at_once_books_once():
    vet, start, user = VetFactory(), next_morning(), UserFactory(role="reception")
    form = {
        "slot": f"{vet.pk}@{start.isoformat()}",
        "pet": PetFactory().pk,
        "reason": "check_up",
        "day": start.date(),
        "request_key": uuid.uuid4(),
    }

    answers = at_once(user, [("/book/", form)] * 8)

    assert codes(answers) == {302: 8}
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_bookings_and_moves_to_one_slot_leave_one_visit_there():
    vet, start, user = VetFactory(), next_morning(), UserFactory(role="reception")
    form = {"slot": f"{vet.pk}@{start.isoformat()}", "day": start.date(), "vet": vet.pk, "reason": "check_up"}
    visits = [AppointmentFactory(date=next_morning(days=2)) for _mover in range(BOOKERS // 2)]
    posts = [("/book/", {"pet": PetFactory().pk}) for _booker in range(BOOKERS // 2)]
    posts += [(f"/appointments/{visit.pk}/move/", {"minutes": 30}) for visit in visits]

    answers = at_once(user, [(path, form | more | {"request_key": uuid.uuid4()}) for path, more in posts])

    assert codes(answers) == {302: 1, 409: len(posts) - 1}
    assert Appointment.objects.filter(vet=vet, date=start).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_squeezing_in_beside_bookings_of_the_slot_takes_it_from_nobody():
    vet, start, user = VetFactory(), next_morning(), UserFactory(role="reception")
    form = {"day": start.date(), "vet": vet.pk, "reason": "check_up"}
    ordinary = {"slot": f"{vet.pk}@{start.isoformat()}"}
    squeezed = {"squeeze_at": f"{start:%H:%M}", "squeeze_reason": "bleeding"}
    posts = [form | (squeezed if number % 2 else ordinary) | {"pet": PetFactory().pk} for number in range(BOOKERS)]

    answers = at_once(user, [("/book/", post | {"request_key": uuid.uuid4()}) for post in posts])

    assert codes(answers) == {302: BOOKERS // 2 + 1, 409: BOOKERS // 2 - 1}
    assert Counter(Appointment.objects.values_list("squeezed_in", flat=True)) == {True: BOOKERS // 2, False: 1}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_booker_who_waits_too_long_for_another_is_told_to_try_again():
    vet, user, client = VetFactory(), UserFactory(role="reception"), Client(raise_request_exception=False)
    client.force_login(user)
    start = next_morning()
    form = {"slot": f"{vet.pk}@{start.isoformat()}", "day": start.date(), "reason": "check_up", "pet": PetFactory().pk}
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    with closing(connections["default"].copy()) as other, other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.VET, vet.pk])

        answer = client.post("/book/", form | {"request_key": uuid.uuid4()})

    connection.close()
    assert (answer.status_code, "please try again" in answer.text) == (422, True)
    assert not Appointment.objects.exists()
