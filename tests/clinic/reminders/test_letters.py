"""What stands in a letter: right for people, safe in its heads, and a visit that calendars understand."""

import datetime as dt
import re
import zoneinfo

import pytest
from django.core import mail
from icalendar import Calendar

from clinic.models import Appointment
from clinic.reminders.sending import plan_and_send
from tests.clinic.reminders.rows import due_reminder, visit_in
from tests.factories import BranchFactory

pytestmark = pytest.mark.django_db


def letter_about(visit):
    due_reminder(visit)
    plan_and_send()
    return mail.outbox[-1]


def event_of(letter):
    (attachment,) = letter.attachments
    calendar = Calendar.from_ical(attachment.content)
    return calendar, calendar.events[0]


def test_letter_names_pet_vet_branch_and_the_time_on_the_branchs_clock(settings):
    settings.CLINIC_NAME = "Paw"
    branch = BranchFactory(name="North", time_zone="Asia/Vladivostok")
    visit = visit_in(20, pet__name="Murka", vet__branch=branch, vet__last_name="Vetrova", vet__first_name="Anna")
    starts = visit.date.astimezone(zoneinfo.ZoneInfo("Asia/Vladivostok"))

    letter = letter_about(visit)

    day = f"{starts:%A}, {starts.day} {starts:%B}"
    assert letter.subject == f"{day}, {starts:%H:%M}: visit of Murka"
    assert f"\n{day}, {starts:%H:%M}\nPet: Murka\nVet: Vetrova Anna\nPaw, North\n" in letter.body


def test_letter_is_in_the_clinics_language(settings):
    settings.LANGUAGE_CODE = "ru"
    visit = visit_in(20)

    letter = letter_about(visit)

    assert re.search("понедельник|вторник|среда|четверг|пятница|суббота|воскресенье", letter.subject.lower())


def test_letter_is_in_the_language_of_its_owner_rather_than_the_clinics(settings):
    settings.LANGUAGE_CODE = "en"
    visit = visit_in(20, pet__pet_owner__language="ru")

    letter = letter_about(visit)

    ((html, _kind),) = letter.alternatives
    assert re.search("понедельник|вторник|среда|четверг|пятница|суббота|воскресенье", letter.subject.lower())
    assert 'lang="ru"' in html


def test_plain_text_and_html_carry_the_same_link(settings):
    settings.SITE_URL = "https://clinic.example"

    letter = letter_about(visit_in(20))

    ((html, kind),) = letter.alternatives
    (link,) = re.findall(r"https://\S+", letter.body)
    assert re.fullmatch(r"https://clinic\.example/visit-answer/[\w-]{43}/", link)
    assert kind == "text/html"
    assert html.count(link) == 2


def test_html_loads_nothing_and_escapes_names():
    letter = letter_about(visit_in(20, pet__name="<img src=x>"))

    html = letter.alternatives[0].content
    assert re.findall(r"<(?:img|link|script|style|iframe)|url\(", html) == []
    assert "&lt;img src=x&gt;" in html


def test_names_with_line_ends_add_no_head_to_the_letter(settings):
    visit = visit_in(20, pet__name="Rex\r\nBcc: eve@example.com", vet__last_name="Li\nX-Spam: no")

    letter = letter_about(visit)

    heads = letter.message()
    assert (heads["Bcc"], heads["X-Spam"], letter.recipients()) == (None, None, [visit.pet.pet_owner.email])
    assert letter.subject.endswith(": visit of Rex Bcc: eve@example.com")


def test_attached_visit_is_read_back_with_its_instants():
    visit = visit_in(20)

    calendar, event = event_of(letter_about(visit))

    assert (calendar["method"], event["sequence"], str(event["status"])) == ("PUBLISH", 0, "TENTATIVE")
    assert (event.start, event.end) == (visit.date, visit.ends_at)


def test_attachment_says_that_it_publishes():
    heads = letter_about(visit_in(20)).message()

    (part,) = [part for part in heads.walk() if part.get_content_type() == "text/calendar"]
    assert (part.get_param("method"), part.get_content_charset(), part.get_filename()) == (
        "PUBLISH",
        "utf-8",
        "visit.ics",
    )


def test_letter_about_a_moved_visit_replaces_the_event_of_the_first():
    visit = visit_in(20)
    _calendar, first = event_of(letter_about(visit))
    Appointment.objects.filter(pk=visit.pk).update(date=visit.date - dt.timedelta(hours=1))
    visit.refresh_from_db()

    _calendar, second = event_of(letter_about(visit))

    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
    assert second.start == visit.date


def test_letter_for_a_confirmed_visit_does_not_ask_to_confirm():
    letter = letter_about(visit_in(20, status_id=2))

    assert "You have confirmed the visit. If you cannot come, please cancel it here:" in letter.body
