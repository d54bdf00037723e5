"""A visit leads to its invoice, or says why there is none and leads to making it."""

import pytest

from billing import actions
from billing.models import Invoice
from records.actions import start_visit
from tests.billing.bills import draft, issue
from tests.factories import AppointmentFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception", password=None))
    return client


def visit_of(invoice) -> int:
    return invoice.record.appointment_id


def test_visit_with_an_invoice_leads_to_it(reception):
    invoice = issue("100")

    answer = reception.get(f"/visits/{visit_of(invoice)}/invoice/")

    assert answer.headers["Location"] == f"/invoices/{invoice.pk}/"


def test_finished_visit_without_an_invoice_says_what_it_costs_and_makes_it(reception):
    old = issue("100", "0.50")
    actions.void_invoice(invoice=old, reason="Wrong animal", by=UserFactory(role="manager"))
    visit = visit_of(old)

    page = reception.get(f"/visits/{visit}/invoice/")
    made = reception.post(f"/visits/{visit}/bill/")

    assert [text in page.content.decode() for text in ("₽100.50", f"/visits/{visit}/bill/", "Wrong animal")] == [
        True
    ] * 3
    assert made.headers["Location"] == f"/invoices/{Invoice.objects.live().get(record=old.record).pk}/"


def test_unfinished_visit_says_that_the_invoice_follows(reception):
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)

    page = reception.get(f"/visits/{visit.pk}/invoice/").content.decode()

    assert ("The invoice follows when the visit is finished." in page, "/bill/" in page) == (True, False)


def test_visit_at_which_nothing_was_done_says_so(reception):
    visit = AppointmentFactory()
    draft(visit=visit)

    page = reception.get(f"/visits/{visit.pk}/invoice/").content.decode()

    assert ("Nothing was done at this visit that is billed." in page, "/bill/" in page) == (True, False)


def test_vet_sees_that_there_is_no_invoice_and_does_not_make_one(client):
    vet = VetFactory()
    old = issue("100", vet=vet)
    actions.void_invoice(invoice=old, reason="Wrong animal", by=UserFactory(role="manager"))
    client.force_login(vet.user)

    page = client.get(f"/visits/{visit_of(old)}/invoice/").content.decode()

    assert ("Reception makes the invoice." in page, "/bill/" in page) == (True, False)


def test_page_of_a_finished_visit_leads_to_its_invoice(client, reception):
    invoice = issue("100")
    link = f'href="/visits/{visit_of(invoice)}/invoice/"'
    seen = link in reception.get(f"/appointments/{visit_of(invoice)}/").content.decode()
    client.force_login(invoice.record.appointment.vet.user)

    assert (seen, link in client.get(f"/visits/{visit_of(invoice)}/").content.decode()) == (True, True)
