"""What was done and is on no bill: it is found, its sum is right, one click drafts its invoice."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import unbilled
from billing.actions import void_invoice
from billing.models import Invoice
from billing.money_today import money_today
from clinic.actions import change_status
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models import Appointment
from records.actions import add_treatment, start_visit
from tests.billing.bills import draft, issue, past_triggers
from tests.factories import AppointmentFactory, BranchFactory, ServiceFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
D = Decimal


def not_billed(*prices, **details) -> Appointment:
    """A completed visit whose invoice was voided."""
    invoice = issue(*prices, **details)
    void_invoice(invoice=invoice, reason="Wrong owner", by=UserFactory(role="manager"))
    return invoice.record.appointment


def earlier(days: int) -> dict:
    when = timezone.now() - dt.timedelta(days=days)
    return {"date": when, "ends_at": when + dt.timedelta(minutes=30)}


@pytest.fixture
def reception(client):
    user = UserFactory(role="reception")
    client.force_login(user)
    return user


def shown(client, **query) -> list[int]:
    return [visit.pk for visit in client.get(reverse("not_billed"), query).context["page"]]


def test_visit_with_a_live_invoice_is_billed_whatever_its_state():
    draft("100")
    issue("100")

    assert list(unbilled.visits_not_billed()) == []


def test_visit_whose_invoice_was_voided_is_found_with_its_sum():
    visit = not_billed("100", "49.90")

    (row,) = unbilled.with_sums(list(unbilled.visits_not_billed()))

    assert (row.visit, row.sum, row.is_partly, row.can_bill) == (visit, D("149.90"), False, True)


def test_visit_without_treatments_or_not_completed_is_not_looked_for():
    draft()
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)

    assert list(unbilled.visits_not_billed()) == []


def test_visit_billed_in_part_shows_what_lacks_and_cannot_be_billed_again():
    invoice = draft("100", "49.90")
    invoice.lines.order_by("id").first().delete()
    Invoice.objects.update(amount=D("49.90"))

    (row,) = unbilled.with_sums(list(unbilled.visits_not_billed()))

    assert (row.sum, row.is_partly, row.invoice, row.can_bill) == (D("100.00"), True, invoice, False)


def test_completed_visit_whose_record_is_not_signed_cannot_be_billed(client, reception):
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)
    change_status(appointment=visit, to=AppointmentStatus.COMPLETED, by=visit.vet.user)

    page = client.get(reverse("not_billed")).content.decode()
    answer = client.post(reverse("visit_bill", args=[visit.pk]), follow=True)

    assert page.count(reverse("visit_bill", args=[visit.pk])) == 0
    assert [str(message) for message in answer.context["messages"]] == [
        "The invoice follows when the visit is finished."
    ]


def test_sum_of_the_page_is_that_of_all_visits_found():
    not_billed("100")
    not_billed("0.01", "200")

    assert unbilled.sum_of(unbilled.visits_not_billed()) == D("300.01")


def test_page_looks_ninety_days_back_unless_it_is_told(client, reception):
    old, new = not_billed("100", **earlier(92)), not_billed("100", **earlier(89))

    assert shown(client) == [new.pk]
    assert shown(client, since=str(timezone.localdate() - dt.timedelta(days=93))) == [new.pk, old.pk]


def test_page_looks_through_a_year_at_most_and_says_so(client, reception):
    old, older = not_billed("100", **earlier(300)), not_billed("100", **earlier(400))

    response = client.get(reverse("not_billed"), {"since": "2020-01-01"})
    before = shown(client, since="2020-01-01", until=str(timezone.localdate() - dt.timedelta(days=390)))

    assert [visit.pk for visit in response.context["page"]] == [old.pk]
    assert list(response.context["filter"].form.errors) == ["since"]
    assert before == [older.pk]


def test_days_of_the_filter_are_those_of_the_branch(client, reception):
    branch = BranchFactory(time_zone="Asia/Vladivostok")
    night = dt.datetime(2026, 3, 10, 23, 30, tzinfo=branch.zone)
    visit = not_billed("100", vet=VetFactory(branch=branch), date=night, ends_at=night + dt.timedelta(minutes=15))

    on = {"branch": branch.pk, "since": "2026-03-10", "until": "2026-03-10"}
    after = {"branch": branch.pk, "since": "2026-03-11", "until": "2026-03-11"}

    assert (shown(client, **on), shown(client, **after)) == ([visit.pk], [])


@pytest.mark.parametrize(
    "query",
    [{"since": "zz"}, {"since": "9999-12-31"}, {"vet": "-1"}, {"branch": "9" * 30}, {"after": "x"}, {"state": "🐈"}],
)
def test_odd_address_answers_a_page(client, reception, query):
    assert client.get(reverse("not_billed"), query).status_code == 200


@pytest.mark.parametrize(("count", "state"), [(1, "visits"), (60, "visits"), (1, "drafts"), (60, "drafts")])
def test_page_takes_the_same_queries_for_one_and_sixty(client, reception, django_assert_num_queries, count, state):
    make = not_billed if state == "visits" else draft
    vet = VetFactory()
    for number in range(count):
        make("100", vet=vet, **earlier(number + 1))

    with django_assert_num_queries({"visits": 11, "drafts": 5}[state]):
        response = client.get(reverse("not_billed"), {"state": state})

    assert len(response.context["rows"]) == min(count, 50)


def test_one_click_drafts_the_invoice_and_shows_it(client, reception):
    visit = not_billed("100", "50")

    answer = client.post(reverse("visit_bill", args=[visit.pk]))

    bill = Invoice.objects.get(status=InvoiceStatus.DRAFT)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("invoice", args=[bill.pk]))
    assert (bill.record.appointment, bill.amount) == (visit, D("150.00"))
    assert list(unbilled.visits_not_billed()) == []


def test_second_click_shows_the_same_invoice(client, reception):
    visit = not_billed("100")

    places = {client.post(reverse("visit_bill", args=[visit.pk])).headers["Location"] for _click in range(2)}

    assert places == {reverse("invoice", args=[Invoice.objects.live().get().pk])}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_bill_at_once_draft_one_invoice(client):
    visit = not_billed("100")
    people = [UserFactory(role="reception"), UserFactory(role="manager")]
    answers, ready = [], threading.Barrier(2)

    def bill(person):
        browser = Client()
        browser.force_login(person)
        ready.wait()
        answers.append(browser.post(reverse("visit_bill", args=[visit.pk])).headers["Location"])
        connections.close_all()

    threads = [threading.Thread(target=bill, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [reverse("invoice", args=[Invoice.objects.live().get().pk])] * 2


def test_drafts_say_how_long_they_wait(client, reception):
    waiting = draft("100")
    with past_triggers("medical_record") as cursor:
        cursor.execute("UPDATE medical_record SET signed_at = signed_at - interval '12 days'")
    new = draft("100")

    rows = client.get(reverse("not_billed"), {"state": "drafts"}).context["rows"]

    assert rows == [(waiting, 12), (new, 0)]


def test_money_of_today_counts_what_waits(client, reception):
    issue("100", now=timezone.now() - dt.timedelta(days=15))
    issue("100")
    draft("100")
    not_billed("100", **earlier(1))
    not_billed("100", **earlier(8))

    today = money_today()

    assert (today.unpaid, today.overdue, today.drafts, today.visits, today.waiting) == (2, 1, 1, 1, 2)


@pytest.mark.parametrize(("role", "is_shown"), [("reception", True), ("manager", True), ("vet", False)])
def test_money_of_today_is_for_reception_and_managers(client, role, is_shown):
    client.force_login(UserFactory(role=role))

    page = client.get(reverse("invoices")).content.decode()

    assert ('id="today-h"' in page) == is_shown
