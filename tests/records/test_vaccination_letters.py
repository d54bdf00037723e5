"""Letters about vaccinations: who gets one and when, what stands in it, and that none leaves twice."""

import contextlib
import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from clinic.enums import AppointmentStatus
from clinic.models import Appointment, Pet, PetOwner
from clinic.reminders.outbox import ATTEMPTS
from records.models import Vaccination, VaccinationLetter, VaccineKind
from records.tasks import send_vaccination_letters
from records.vaccination_letters import Vaccinations, plan_and_send
from tests.clinic.reminders.test_sending import smtp  # noqa: F401 (a fixture)
from tests.clinic.reminders.test_worker import letters, start, wait_until  # noqa: F401 (a fixture among them)
from tests.factories import AppointmentFactory, VaccinationFactory, VaccineKindFactory

pytestmark = pytest.mark.django_db
EMAIL = "owner@example.com"
WORKER = "from records.vaccination_letters import plan_and_send; plan_and_send()"
transactional = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def due_in(days: int, **details) -> Vaccination:
    """A dose whose next one is due in so many days, of an animal whose owner can be written to."""
    until = timezone.localdate() + dt.timedelta(days=days)
    return VaccinationFactory(**{"valid_until": until, "pet__pet_owner__email": EMAIL} | details)


def planned() -> list[tuple[int, str]]:
    Vaccinations().plan(timezone.now())
    return list(VaccinationLetter.objects.order_by("due_on").values_list("pet", "state"))


def states() -> list[str]:
    return sorted(VaccinationLetter.objects.values_list("state", flat=True))


# -- Planned ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (0, 1), (14, 1), (15, 1), (16, 0), (300, 0)])
def test_letter_is_planned_for_a_dose_that_is_due_in_so_many_days(days, count):
    due_in(days)

    assert len(planned()) == count


@pytest.mark.parametrize("before", [3, 14])
def test_letter_leaves_so_many_days_before_at_ten_of_the_clinics_clock(settings, before):
    settings.VACCINATION_REMINDER_DAYS, settings.TIME_ZONE = before, "Asia/Vladivostok"
    dose = due_in(before + 1)

    planned()

    leaves = timezone.localtime(VaccinationLetter.objects.get().due_at, timezone.get_default_timezone())
    assert (leaves.date(), leaves.time()) == (dose.valid_until - dt.timedelta(days=before), dt.time(10))


def test_doses_due_on_one_day_are_one_letter_and_planning_again_adds_none():
    dose = due_in(15)
    due_in(15, pet=dose.pet)
    due_in(14, pet=dose.pet)

    assert planned() == planned() == [(dose.pet_id, "waiting")] * 2


UNWANTED = {
    "dead": lambda dose: Pet.objects.update(deceased_at=timezone.localdate()),
    "inactive": lambda dose: Pet.objects.update(is_active=False),
    "no owner": lambda dose: Pet.objects.update(pet_owner=None),
    "owner left": lambda dose: PetOwner.objects.update(is_active=False),
    "no e-mail": lambda dose: PetOwner.objects.update(email=""),
    "no consent": lambda dose: PetOwner.objects.update(email_reminders=False),
    "out of use": lambda dose: VaccineKind.objects.update(is_active=False),
    "newer dose": lambda dose: VaccinationFactory(pet=dose.pet, kind=dose.kind, given_on=timezone.localdate()),
    "taken back": lambda dose: dose.delete(),
    "visit booked": lambda dose: AppointmentFactory(pet=dose.pet, date=timezone.now() + dt.timedelta(days=3)),
    "visit going on": lambda dose: AppointmentFactory(pet=dose.pet, status_id=AppointmentStatus.IN_PROGRESS),
}


@pytest.mark.parametrize("change", UNWANTED)
def test_letter_that_is_not_wanted_is_not_planned(change):
    UNWANTED[change](due_in(15))

    assert planned() == []


@pytest.mark.parametrize("change", UNWANTED)
def test_letter_that_is_not_wanted_any_more_is_dropped(change):
    dose = due_in(15)
    planned()

    UNWANTED[change](dose)

    assert [state for _pet, state in planned()] == ["dropped"]


@pytest.mark.parametrize("change", UNWANTED)
def test_letter_that_is_not_wanted_any_more_is_not_sent(change, monkeypatch):
    dose = due_in(10)
    planned()
    UNWANTED[change](dose)
    # Also when the change comes after planning, in the moment before sending.
    monkeypatch.setattr("records.vaccination_letters.Vaccinations.plan", lambda self, now: None)

    plan_and_send()

    assert (mail.outbox, states()) == ([], ["dropped"])


def test_cancelled_visit_lets_the_letter_leave():
    dose = due_in(10)
    AppointmentFactory(pet=dose.pet, date=timezone.now() + dt.timedelta(days=3))
    first = plan_and_send()
    Appointment.objects.update(status_id=AppointmentStatus.CANCELLED, cancelled_reason="ill")

    second = plan_and_send()

    assert (first, second, len(mail.outbox)) == (0, 1, 1)


# -- Sent ---------------------------------------------------------------------------------------------------


def test_letter_is_sent_once(smtp):  # noqa: F811
    server = smtp()
    dose = due_in(10)

    counts = [plan_and_send() for _time in range(3)]

    (letter,) = server.taken()
    row = VaccinationLetter.objects.get()
    assert (counts, row.state, letter["To"], letter["Message-ID"]) == ([1, 0, 0], "sent", EMAIL, row.message_id)
    assert row.due_on == dose.valid_until


def test_letter_that_was_sent_is_not_planned_again_when_its_day_comes_back():
    dose = due_in(10)
    plan_and_send()
    day = dose.valid_until
    Vaccination.objects.update(valid_until=day + dt.timedelta(days=200))
    plan_and_send()
    Vaccination.objects.update(valid_until=day)

    plan_and_send()

    assert (len(mail.outbox), states()) == (1, ["sent"])


def test_letter_refused_for_now_is_tried_again_and_not_for_ever(smtp):  # noqa: F811
    server = smtp("451 busy")
    due_in(10)

    for _attempt in range(ATTEMPTS + 2):
        plan_and_send()
        VaccinationLetter.objects.update(due_at=timezone.now())

    assert (states(), len(server.letters)) == (["failed"], ATTEMPTS)


def test_letter_whose_fate_nobody_knows_is_not_sent_again(smtp):  # noqa: F811
    server = smtp("")
    due_in(10)

    for _time in range(3):
        plan_and_send()

    assert (states(), len(server.letters)) == (["sending"], 1)


def test_owner_whose_address_is_none_fails_and_keeps_nobody_else_from_a_letter():
    due_in(10, pet__pet_owner__email="no address")
    due_in(10)

    assert (plan_and_send(), states()) == (1, ["failed", "sent"])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Hello!", "Murka", "Rabies", "Combined", "Paw"]),
        ("ru", ["Здравствуйте!", "Murka", "Rabies", "Combined"]),
    ],
)
def test_letter_names_animal_day_and_vaccines_in_the_owners_language(settings, language, said):
    settings.CLINIC_NAME = "Paw"
    dose = due_in(10, pet__name="Murka", pet__pet_owner__language=language, kind__name="Rabies")
    due_in(10, pet=dose.pet, kind__name="Combined")

    plan_and_send()

    (letter,) = mail.outbox
    html = letter.alternatives[0].content
    assert [word for word in said if word not in letter.body or word not in html] == []
    assert str(dose.valid_until.year) in letter.body
    assert f'lang="{language}"' in html


def test_names_cannot_add_heads_or_html_to_the_letter():
    due_in(10, pet__name="<img src=x>\r\nBcc: eve@example.com", kind__name="<script>")

    plan_and_send()

    (letter,) = mail.outbox
    assert (letter.message()["Bcc"], letter.recipients()) == (None, [EMAIL])
    assert re.findall(r"<(?:img|link|script|style|iframe)|url\(", letter.alternatives[0].content) == []


# -- By workers ---------------------------------------------------------------------------------------------


def ask_for_work() -> None:
    with contextlib.suppress(AlreadyEnqueued):
        send_vaccination_letters.defer(timestamp=0)


@transactional
def test_worker_killed_between_sending_and_noting_sends_nothing_twice(start, tmp_path):  # noqa: F811
    due_in(10)
    ask_for_work()
    killed = start("procrastinate", "worker", EMAIL_BACKEND="tests.clinic.reminders.backends.StopsAfterDelivery")
    wait_until(lambda: (tmp_path / "delivered").exists())
    killed.kill()
    killed.wait()
    between = states()
    due_in(11)
    ask_for_work()

    start("procrastinate", "worker")
    wait_until(lambda: "sent" in states())

    assert (between, states()) == (["sending"], ["sending", "sent"])
    ids = [line for letter in letters(tmp_path) for line in letter.splitlines() if line.startswith("Message-ID")]
    assert len(ids) == len(set(ids)) == 2


@transactional
def test_workers_at_once_send_each_letter_once(start, tmp_path):  # noqa: F811
    kind = VaccineKindFactory()
    for _number in range(30):
        due_in(10, kind=kind)

    workers = [start("shell", "-c", WORKER) for _worker in range(3)]
    for worker in workers:
        assert worker.wait(60) == 0

    ids = [line for letter in letters(tmp_path) for line in letter.splitlines() if line.startswith("Message-ID")]
    assert (states(), len(ids), len(set(ids))) == (["sent"] * 30, 30, 30)
