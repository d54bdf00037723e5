"""A vet's calendar at its secret address, read back by a calendar library and compared with the rows."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from icalendar import Calendar

from clinic.calendars import address_of, new_key, signer
from clinic.enums import AppointmentStatus
from tests.clinic.times import next_morning
from tests.factories import AppointmentFactory, BranchFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def vet():
    vet = VetFactory()
    new_key(vet)
    return vet


def path_of(vet) -> str:
    return re.sub(r"^https?://[^/]+", "", address_of(vet))


def events(client, vet) -> list[tuple]:
    calendar = Calendar.from_ical(client.get(path_of(vet)).content)
    return [(str(event["summary"]), event.start, event.end) for event in calendar.events]


def test_feed_shows_the_vets_own_visits_of_a_month_back_and_a_year_ahead(client, vet):
    now = timezone.now().replace(microsecond=0)
    days = (-31, -29, 1, 365, 367)
    visits = [AppointmentFactory(vet=vet, date=now + dt.timedelta(days=number), reason="cough") for number in days]
    AppointmentFactory(date=now)

    shown = events(client, vet)

    assert shown == [(f"{visit.pet.name} — cough", visit.date, visit.ends_at) for visit in visits[1:4]]


@pytest.mark.parametrize("status", [AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW])
def test_visit_that_does_not_take_place_is_not_shown(client, vet, status):
    AppointmentFactory(vet=vet, status_id=status)

    assert events(client, vet) == []


@pytest.mark.parametrize(
    "start",
    [
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:30:00+00:00",
        "2027-03-28T00:30:00+00:00",
        "2027-03-28T01:30:00+00:00",
    ],
)
def test_visits_around_a_change_of_the_clocks_keep_their_instants(client, monkeypatch, start):
    """In the autumn 02:30 comes twice, in spring it does not come at all."""
    vet = VetFactory(branch=BranchFactory(time_zone="Europe/Berlin"))
    new_key(vet)
    begins = dt.datetime.fromisoformat(start)
    monkeypatch.setattr(timezone, "now", lambda: begins - dt.timedelta(days=1))
    AppointmentFactory(vet=vet, date=begins)

    ((_summary, shown, ends),) = events(client, vet)

    assert (shown, ends) == (begins, begins + dt.timedelta(minutes=30))


def test_names_with_line_ends_and_commas_stay_one_event(client, vet):
    AppointmentFactory(vet=vet, pet__name="Rex\r\nEND:VEVENT", reason="a, b; c\\n")

    ((summary, *_times),) = events(client, vet)

    assert summary == "Rex END:VEVENT — a, b; c\\n"


def test_feed_says_nothing_of_owners(client, vet):
    owner = AppointmentFactory(vet=vet, pet__pet_owner__last_name="Zimina").pet.pet_owner

    text = client.get(path_of(vet)).content.decode()

    assert (owner.last_name in text, owner.phone in text) == (False, False)


def test_feed_that_has_not_changed_is_answered_by_its_mark(client, vet):
    visit = AppointmentFactory(vet=vet)
    first = client.get(path_of(vet))

    same = client.get(path_of(vet), headers={"If-None-Match": first.headers["ETag"]})
    visit.reason = "another"
    visit.save()
    changed = client.get(path_of(vet), headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, same.status_code, same.content, changed.status_code) == (200, 304, b"", 200)
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_renewed_address_makes_the_old_one_useless(client, vet):
    old = path_of(vet)
    client.force_login(vet.user)

    page = client.post("/calendar/renew/", follow=True)
    client.logout()

    vet.refresh_from_db()
    assert address_of(vet) in page.content.decode()
    assert [client.get(path).status_code for path in (old, path_of(vet))] == [404, 200]


def test_key_without_its_signature_opens_nothing(client, vet):
    forged = [vet.calendar_key.hex, f"{vet.calendar_key.hex}.{'A' * 43}", signer.sign("no-key"), signer.sign("0" * 32)]

    assert [client.get(f"/calendar/{secret}.ics").status_code for secret in forged] == [404] * 4


def test_feed_of_a_vet_who_left_or_whose_account_is_closed_is_gone(client, vet):
    vet.user.is_active = False
    vet.user.save()
    closed = client.get(path_of(vet)).status_code
    vet.user.is_active, vet.is_active = True, False
    vet.user.save()
    vet.save()

    assert (closed, client.get(path_of(vet)).status_code) == (404, 404)


def test_account_page_of_a_vet_offers_an_address_and_then_shows_it(client):
    vet = VetFactory()
    client.force_login(vet.user)
    before = client.get("/account/").content.decode()

    client.post("/calendar/renew/")

    vet.refresh_from_db()
    assert "Make an address" in before
    assert address_of(vet) in client.get("/account/").content.decode()


def test_account_page_of_others_speaks_of_no_calendar(client):
    client.force_login(UserFactory(role="reception"))

    assert "calendar" not in client.get("/account/").content.decode()


def test_vets_account_without_a_vet_has_no_calendar(client):
    client.force_login(UserFactory(role="vet"))

    assert client.post("/calendar/renew/").status_code == 404


def test_feed_does_not_ask_more_of_the_database_with_more_visits(client, vet, django_assert_num_queries):
    for days in range(1, 4):
        AppointmentFactory(vet=vet, date=next_morning(days=days))

    with django_assert_num_queries(2):
        client.get(path_of(vet))
