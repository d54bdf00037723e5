"""Two act on the same money: the second waits for the first, and then sees what it did."""

from decimal import Decimal

import pytest
from django.db import transaction

from billing import actions
from billing.models import Deposit, Invoice, InvoiceLine
from clinic.enums import InvoiceStatus
from clinic.merging import merge_owners, undo_merge
from tests.aside import Aside, wait_until_somebody_waits_for_a_lock
from tests.billing.bills import draft, issue, pay
from tests.factories import OwnerFactory, UserFactory
from vetclinic.refusals import action

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def manager():
    return UserFactory(role="manager")


def credit(invoice, amount, *, by):
    taken = {invoice.lines.get().pk: Decimal(amount)}
    return actions.credit_invoice(invoice=invoice, amounts=taken, reason="Given for free", by=by)


def one_after_the_other(first, second) -> str | None:
    """`second` begins while `first` is done and not committed: what it is told in the end."""
    with transaction.atomic():
        first()
        aside = Aside(second)
        wait_until_somebody_waits_for_a_lock()
    aside.join(20)
    return aside.told


def balance(invoice) -> tuple[InvoiceStatus, Decimal]:
    fresh = Invoice.objects.with_balance().get(pk=invoice.pk)
    return fresh.state, fresh.balance


def test_payment_in_full_beside_a_credit_is_refused(manager):
    invoice = issue("650")

    told = one_after_the_other(lambda: credit(invoice, "100", by=manager), lambda: pay(invoice, "650"))

    assert told == "payment_within_balance"
    assert balance(invoice) == (InvoiceStatus.ISSUED, Decimal(550))


def test_credit_beside_a_payment_in_full_asks_how_the_money_goes_back(manager):
    invoice = issue("650")

    told = one_after_the_other(lambda: pay(invoice, "650"), lambda: credit(invoice, "100", by=manager))

    assert told == "credit_needs_a_refund_first"
    assert balance(invoice) == (InvoiceStatus.PAID, Decimal(0))


def test_void_beside_a_payment_is_refused(manager):
    invoice = issue("650")

    told = one_after_the_other(
        lambda: pay(invoice, "50"), lambda: actions.void_invoice(invoice=invoice, reason="Wrong", by=manager)
    )

    assert told == "invoice_void_only_without_payments"


def test_deposit_paid_out_beside_the_parting_of_merged_owners_is_that_owners_alone(manager):
    """Asked while the two were one account with 300: what is paid out must be the own 100 at most."""
    one, other = OwnerFactory(), OwnerFactory()
    for owner, amount in ((one, 100), (other, 200)):
        actions.take_deposit(owner=owner, amount=Decimal(amount), method="cash", by=manager)
    merge = merge_owners(source=one, target=other, by=manager)
    back = {"owner": one, "amount": Decimal(150), "method": "cash", "reason": "Moves away"}

    told = one_after_the_other(
        lambda: undo_merge(merge=merge, by=manager), lambda: actions.return_deposit(**back, by=manager)
    )

    assert told == "deposit_within_balance"
    one.refresh_from_db()
    assert Deposit.objects.of(one).balance() == Decimal(100)


def test_line_about_nothing_added_while_its_invoice_is_issued_is_refused():
    """Its sum would not give it away."""
    invoice = draft("650")
    rest = InvoiceLine.objects.filter(invoice=invoice).values("service_id", "treatment_id").get()
    other = draft("1").lines.get().treatment
    blank = {name: Decimal(0) for name in ("quantity", "unit_price", "discount", "total")}

    @action
    def add_a_line():
        InvoiceLine.objects.create(invoice=invoice, name="x", **blank, **rest | {"treatment_id": other.pk})

    told = one_after_the_other(lambda: actions.issue_invoice(invoice=invoice, by=UserFactory()), add_a_line)

    assert told == "invoice_line_of_issued_invoice_is_final"
    assert invoice.lines.count() == 1
