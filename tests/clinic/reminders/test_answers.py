"""The link of a letter: anybody may open it, it works once, and only while there is something to answer."""

import datetime as dt
import io
import logging
import re
import threading

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Reminder
from clinic.reminders.sending import plan_and_send
from tests.clinic.reminders.rows import due_reminder, visit_in
from tests.factories import BranchFactory, VetFactory
from vetclinic.ui.logs import HideSecretAddresses

pytestmark = pytest.mark.django_db
NOTE = "The owner cancelled by the link in the e-mail"


def link_about(visit, kind="day_before") -> str:
    """The path of the link in a letter that was sent about the visit."""
    due_reminder(visit, kind)
    plan_and_send()
    return re.search(r"/visit-answer/[\w-]+/", mail.outbox[-1].body)[0]


def rows() -> tuple[list, list]:
    return list(Appointment.objects.values()), list(Reminder.objects.order_by("id").values())


def state_of(visit) -> tuple[AppointmentStatus, str]:
    visit.refresh_from_db()
    return visit.state, visit.cancelled_reason


@pytest.mark.parametrize("method", ["get", "head"])
def test_scanner_that_opens_the_link_changes_nothing(client, method):
    path = link_about(visit_in(20))
    before = rows()

    answer = getattr(client, method)(path)

    assert (answer.status_code, rows()) == (200, before)


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_link_takes_no_other_methods(client, method):
    path = link_about(visit_in(20))

    assert getattr(client, method)(path).status_code == 405


def test_page_shows_pet_time_and_clinic_and_nobodys_name_or_phone(client):
    visit = visit_in(20, pet__name="Murka", pet__pet_owner__last_name="Zimina", reason="limps")
    path = link_about(visit)

    text = client.get(path).content.decode()

    assert "Murka" in text
    assert f"{visit.date.astimezone(visit.vet.zone):%H:%M}" in text
    for secret in ("Zimina", visit.pet.pet_owner.phone, visit.pet.pet_owner.email, "limps", visit.vet.last_name):
        assert secret not in text


def test_page_and_letter_say_the_same_time_that_of_the_branch(client):
    visit = visit_in(20, vet=VetFactory(branch=BranchFactory(time_zone="Asia/Vladivostok")))
    path = link_about(visit)

    there = f"{visit.date.astimezone(visit.vet.zone):%H:%M}"
    assert (there in client.get(path).text, there in mail.outbox[-1].body) == (True, True)


def test_page_is_not_kept_indexed_or_passed_on(client):
    answer = client.get(link_about(visit_in(20)))

    heads = {name: answer.headers[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")}
    assert heads == {
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "strict-origin",
    }


@pytest.mark.parametrize(
    ("answer", "state", "note", "said"),
    [
        ("confirm", AppointmentStatus.CONFIRMED, "", "You have confirmed the visit."),
        ("cancel", AppointmentStatus.CANCELLED, NOTE, "You have cancelled the visit."),
    ],
)
def test_answer_changes_the_visit_once(client, answer, state, note, said):
    visit = visit_in(20)
    path = link_about(visit)

    page = client.post(path, {"answer": answer}, follow=True)

    assert page.redirect_chain == [(path, 302)]
    assert said in page.content.decode()
    assert state_of(visit) == (state, note)
    assert Reminder.objects.get(answer=answer).answered_at is not None


@pytest.mark.parametrize(("first", "second"), [("confirm", "cancel"), ("cancel", "confirm"), ("confirm", "confirm")])
def test_second_answer_says_what_was_answered_and_changes_nothing(client, first, second):
    path = link_about(visit_in(20))
    client.post(path, {"answer": first})
    before = rows()

    page = client.post(path, {"answer": second})

    assert page.status_code == 409
    assert f"You have {'confirmed' if first == 'confirm' else 'cancelled'} the visit." in page.content.decode()
    assert rows() == before


def test_second_letter_can_still_cancel_what_the_first_confirmed(client):
    visit = visit_in(1.5)
    first, second = link_about(visit, "hours_before"), None
    client.post(first, {"answer": "confirm"})
    Reminder.objects.filter(kind="hours_before").update(kind="day_before")
    second = link_about(visit, "hours_before")

    client.post(second, {"answer": "cancel"})

    assert state_of(visit) == (AppointmentStatus.CANCELLED, NOTE)


def test_forged_token_finds_nothing(client):
    path = link_about(visit_in(20))
    before = rows()

    answers = [
        client.post(forged, {"answer": "cancel"})
        for forged in (path[:-2] + "/", f"{path[:-1]}A/", "/visit-answer/%00/")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 400]
    assert rows() == before


def test_token_itself_is_not_in_the_database(client):
    token = link_about(visit_in(20)).split("/")[2]

    assert token not in str(rows())


@pytest.mark.parametrize("answer", ["", "confirm\0", "delete", "x" * 5000, "✅"])
def test_answer_that_is_none_is_refused(client, answer):
    path = link_about(visit_in(20))
    before = rows()

    page = client.post(path, {"answer": answer})

    assert page.status_code in (400, 422)
    assert rows() == before


CLOSED = {
    "has begun": ({"date": timezone.now() - dt.timedelta(minutes=1)}, "The time of the visit has come"),
    "cancelled": ({"status_id": AppointmentStatus.CANCELLED, "cancelled_reason": "ill"}, "The visit was cancelled."),
    "arrived": ({"status_id": AppointmentStatus.ARRIVED}, "The time of the visit has come"),
    "moved": ({"date": timezone.now() + dt.timedelta(hours=9)}, "The visit was moved to another time."),
}


@pytest.mark.parametrize("case", CLOSED)
@pytest.mark.parametrize("answer", ["confirm", "cancel"])
def test_link_of_a_visit_that_waits_for_no_answer_says_why(client, case, answer):
    path = link_about(visit_in(20))
    change, said = CLOSED[case]
    Appointment.objects.update(**change)
    if case == "has begun":
        Reminder.objects.update(visit_at=change["date"], due_at=change["date"] - dt.timedelta(hours=24))
    before = rows()

    shown, answered = client.get(path), client.post(path, {"answer": answer})

    assert (shown.status_code, answered.status_code, rows()) == (200, 409, before)
    assert said in shown.content.decode()
    assert said in answered.content.decode()
    assert '<button class="btn p lg"' not in shown.content.decode()


def test_form_of_the_page_passes_the_check_of_forms_without_a_session():
    client = Client(enforce_csrf_checks=True)
    visit = visit_in(20)
    path = link_about(visit)

    without = client.post(path, {"answer": "confirm"})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())[1]
    page = client.post(path, {"answer": "confirm", "csrfmiddlewaretoken": token})

    assert (without.status_code, page.status_code, state_of(visit)[0]) == (403, 302, AppointmentStatus.CONFIRMED)
    assert "sessionid" not in client.cookies


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_answers_at_once_count_once():
    path = link_about(visit_in(20))
    codes, barrier = [], threading.Barrier(10)

    def answer(number: int) -> None:
        barrier.wait()
        codes.append(Client().post(path, {"answer": "confirm" if number % 2 else "cancel"}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [302] + [409] * 9


def test_addresses_with_secrets_are_not_logged():
    token, secret = "t" * 43, f"{'0' * 32}.{'s' * 43}"
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.addFilter(HideSecretAddresses())
    log = logging.getLogger("django.request")
    log.addHandler(handler)

    for path in (f"/visit-answer/{token}/", f"/calendar/{secret}.ics"):
        Client().get(path)
    log.removeHandler(handler)

    assert said.getvalue() == "Not Found: /visit-answer/…/\nNot Found: /calendar/…\n"
