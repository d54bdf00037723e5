"""Credit notes, refunds, voids and deposits: what is given back, why, and that no more is than there was."""

import threading
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections, transaction

from billing import actions
from billing.models import CreditNote, Deposit, Invoice, Payment
from clinic.enums import InvoiceStatus
from clinic.merging import merge_owners, undo_merge
from tests.billing.bills import draft, issue, pay
from tests.factories import OwnerFactory, UserFactory
from vetclinic.refusals import RuleViolation


@pytest.fixture
def manager(db):
    return UserFactory(role="manager")


@pytest.fixture
def issued(db):
    return issue("100.00", "49.90")


def credit(invoice, *amounts, by, reason="Given for free", **more) -> CreditNote:
    """Amounts off the first lines of an invoice, in order."""
    lines = invoice.lines.order_by("id").values_list("pk", flat=True)
    taken = {line: Decimal(amount) for line, amount in zip(lines, amounts, strict=False)}
    return actions.credit_invoice(invoice=invoice, amounts=taken, reason=reason, by=by, **more)


def look(invoice) -> tuple[InvoiceStatus, Decimal]:
    """Its state and what is still to pay; the deferred checks are asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    fresh = Invoice.objects.with_balance().get(pk=invoice.pk)
    return fresh.state, fresh.balance


def give_deposit(owner, amount, **more) -> Deposit:
    return actions.take_deposit(owner=owner, amount=Decimal(amount), method="cash", by=UserFactory(), **more)


# -- Credit notes -------------------------------------------------------------------------------------------


def test_credit_of_an_unpaid_invoice_leaves_less_to_pay(issued, manager):
    note = credit(issued, "40", "9.90", by=manager)

    assert (note.amount, str(note)) == (Decimal("49.90"), f"{issued}/1")
    assert look(issued) == (InvoiceStatus.ISSUED, Decimal("100.00"))


def test_credit_of_all_that_is_left_settles_the_invoice(issued, manager):
    pay(issued, "49.90")
    credit(issued, "100", by=manager)

    assert look(issued) == (InvoiceStatus.PAID, Decimal("0.00"))


def test_credit_of_a_paid_invoice_gives_the_money_back_in_the_same_act(issued, manager):
    pay(issued, "149.90")
    credit(issued, "30", by=manager, refund_by="card")

    refund = issued.payments.get(kind="refund")
    assert (refund.amount, refund.method, refund.reason) == (Decimal("30.00"), "card", "Given for free")
    assert look(issued) == (InvoiceStatus.PAID, Decimal("0.00"))


def test_credit_of_a_part_paid_invoice_gives_back_only_what_is_too_much(issued, manager):
    pay(issued, "120")
    credit(issued, "100", by=manager, refund_by="cash")

    assert issued.payments.get(kind="refund").amount == Decimal("70.10")
    assert look(issued) == (InvoiceStatus.PAID, Decimal("0.00"))


def test_credit_that_needs_a_refund_asks_how_and_changes_nothing(issued, manager):
    pay(issued, "149.90")

    with pytest.raises(RuleViolation) as refusal:
        credit(issued, "30", by=manager)

    assert refusal.value.code == "credit_needs_a_refund_first"
    assert (issued.credits.count(), issued.payments.count()) == (0, 1)


@pytest.mark.parametrize("amounts", [["100.01"], ["0", "49.91"], ["60", "49.90"]])
def test_credit_of_more_than_a_line_holds_is_refused(issued, manager, amounts):
    credit(issued, "50", by=manager)

    with pytest.raises(RuleViolation) as refusal:
        credit(issued, *amounts, by=manager)

    assert refusal.value.code in ("credit_within_line", "credit_within_invoice")
    assert issued.credits.count() == 1


@pytest.mark.parametrize(
    ("amounts", "reason", "code"),
    [
        ([], "Because", "credit_is_positive"),
        (["0", "0"], "Because", "credit_is_positive"),
        (["-1"], "Because", "payment_is_positive"),
        (["0.001"], "Because", "payment_in_whole_kopecks"),
        (["1"], "", "correction_has_reason"),
        (["1"], "  ", "correction_has_reason"),
    ],
)
def test_credit_without_a_sum_or_a_reason_is_refused(issued, manager, amounts, reason, code):
    with pytest.raises(RuleViolation) as refusal:
        credit(issued, *amounts, reason=reason, by=manager)

    assert refusal.value.code == code


def test_credit_of_a_line_of_another_invoice_is_refused(issued, manager):
    other = issue("500")

    with pytest.raises(RuleViolation) as refusal:
        actions.credit_invoice(invoice=issued, amounts={other.lines.get().pk: Decimal(1)}, reason="Because", by=manager)

    assert refusal.value.code == "credit_within_line"


def test_credit_of_a_draft_is_refused(manager):
    with pytest.raises(RuleViolation) as refusal:
        credit(draft("100"), "1", by=manager)

    assert refusal.value.code == "credit_needs_an_issued_invoice"


def test_credit_sent_twice_is_one(issued, manager):
    key = uuid.uuid4()

    notes = {credit(issued, "10", by=manager, request_key=key).pk for _time in range(2)}

    assert (len(notes), look(issued)) == (1, (InvoiceStatus.ISSUED, Decimal("139.90")))


@pytest.mark.parametrize("role", ["reception", "vet", "admin"])
def test_only_a_manager_credits_refunds_voids_and_returns(issued, role):
    pay(issued, "10")
    by, why = UserFactory(role=role), {"reason": "Because"}
    acts = [
        lambda: credit(issued, "1", by=by),
        lambda: actions.refund_payment(invoice=issued, amount=Decimal(1), method="cash", by=by, **why),
        lambda: actions.void_invoice(invoice=issued, by=by, **why),
        lambda: actions.return_deposit(owner=issued.pet_owner, amount=Decimal(1), method="cash", by=by, **why),
    ]

    for act in acts:
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert refusal.value.code == "correction_by_managers"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_credits_and_payments_at_once_never_go_below_zero():
    invoice, manager = issue("100"), UserFactory(role="manager")
    refused = []

    def run(act):
        try:
            act()
        except RuleViolation as violation:
            refused.append(violation.code)
        finally:
            connections.close_all()

    acts = [lambda: credit(invoice, "60", by=manager)] * 4 + [lambda: pay(invoice, "60")] * 4
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 7
    assert look(invoice)[1] == Decimal("40.00")


# -- Refunds ------------------------------------------------------------------------------------------------


def test_refund_opens_the_invoice_again(issued, manager):
    pay(issued, "149.90")
    actions.refund_payment(invoice=issued, amount=Decimal("49.90"), method="cash", reason="Paid twice", by=manager)

    assert look(issued) == (InvoiceStatus.PART_PAID, Decimal("49.90"))


def test_refund_of_more_than_was_paid_is_refused(issued, manager):
    pay(issued, "10")

    with pytest.raises(RuleViolation) as refusal:
        actions.refund_payment(invoice=issued, amount=Decimal("10.01"), method="cash", reason="Because", by=manager)

    assert refusal.value.code == "refund_within_payments"
    assert look(issued) == (InvoiceStatus.PART_PAID, Decimal("139.90"))


# -- Voids --------------------------------------------------------------------------------------------------


def test_voided_invoice_keeps_its_number_and_lets_the_visit_be_billed_anew(issued, manager):
    actions.void_invoice(invoice=issued, reason="Wrong owner", by=manager)
    anew = actions.draft_invoice(record=issued.record, by=manager)

    issued.refresh_from_db()
    assert (issued.state, issued.void_reason, issued.voided_by) == (InvoiceStatus.VOID, "Wrong owner", manager)
    assert (issued.number is not None, anew.amount) == (True, issued.amount)


def test_invoice_about_nothing_is_voided_so_that_its_visit_is_billed_anew(manager):
    invoice = issue("100", discount=Decimal(100))

    actions.void_invoice(invoice=invoice, reason="Not a gift", by=manager)

    anew = actions.draft_invoice(record=invoice.record, by=manager)
    assert (invoice.state, anew.state) == (InvoiceStatus.PAID, InvoiceStatus.DRAFT)


@pytest.mark.parametrize("corrected", ["paid", "refunded", "credited"])
def test_invoice_that_was_paid_or_credited_is_not_voided(issued, manager, corrected):
    if corrected == "credited":
        credit(issued, "149.90" if corrected == "paid" else "100", "49.90", by=manager)
    else:
        pay(issued, "10")
    if corrected == "refunded":
        actions.refund_payment(invoice=issued, amount=Decimal(10), method="cash", reason="Because", by=manager)

    with pytest.raises(RuleViolation) as refusal:
        actions.void_invoice(invoice=issued, reason="Because", by=manager)

    assert refusal.value.code == "invoice_void_only_without_payments"


@pytest.mark.parametrize("state", [InvoiceStatus.DRAFT, InvoiceStatus.PAID, InvoiceStatus.PART_PAID])
def test_state_that_does_not_follow_from_the_balance_is_refused_also_by_sql(issued, state):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoice SET status_id = %s WHERE id = %s", [state, issued.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert refusal.value.__cause__.diag.constraint_name in (
        "invoice_state_follows_its_balance",
        "invoice_dated_and_numbered_when_issued",
    )


# -- Deposits -----------------------------------------------------------------------------------------------


def test_deposit_pays_a_later_invoice(issued):
    give_deposit(issued.pet_owner, "200")
    actions.take_payment(invoice=issued, amount=Decimal("149.90"), method="deposit", by=UserFactory())

    assert look(issued) == (InvoiceStatus.PAID, Decimal("0.00"))
    assert Deposit.objects.of(issued.pet_owner).balance() == Decimal("50.10")


def test_deposit_is_not_spent_twice(issued):
    give_deposit(issued.pet_owner, "100")
    actions.take_payment(invoice=issued, amount=Decimal("90"), method="deposit", by=UserFactory())

    with pytest.raises(RuleViolation) as refusal:
        actions.take_payment(invoice=issued, amount=Decimal("20"), method="deposit", by=UserFactory())

    assert refusal.value.code == "deposit_within_balance"
    assert look(issued) == (InvoiceStatus.PART_PAID, Decimal("59.90"))


def test_credit_refunded_to_the_deposit_is_there_for_the_next_invoice(issued, manager):
    pay(issued, "149.90")
    credit(issued, "100", by=manager, refund_by="deposit")

    assert Deposit.objects.of(issued.pet_owner).balance() == Decimal("100.00")


def test_deposit_is_returned_within_what_is_left_and_with_a_reason(issued, manager):
    give_deposit(issued.pet_owner, "100")
    back = {"owner": issued.pet_owner, "method": "cash", "by": manager}
    actions.return_deposit(amount=Decimal("60"), reason="Moves away", **back)

    with pytest.raises(RuleViolation) as refusal:
        actions.return_deposit(amount=Decimal("40.01"), reason="Moves away", **back)

    assert refusal.value.code == "deposit_within_balance"
    assert Deposit.objects.of(issued.pet_owner).balance() == Decimal("40.00")


def test_deposit_of_a_merged_owner_belongs_to_the_one_who_stays(issued, manager):
    doubled = OwnerFactory()
    give_deposit(doubled, "149.90")
    merge_owners(source=doubled, target=issued.pet_owner, by=manager)

    actions.take_payment(invoice=issued, amount=Decimal("149.90"), method="deposit", by=UserFactory())

    assert Deposit.objects.of(issued.pet_owner).balance() == 0


def merged_with_a_shared_deposit(manager) -> tuple:
    """One left 100, the other's invoice was paid from it while they were one person: the merge, and that invoice."""
    invoice, one = issue("100"), OwnerFactory()
    give_deposit(one, "100")
    merge = merge_owners(source=one, target=invoice.pet_owner, by=manager)
    actions.take_payment(invoice=invoice, amount=Decimal(100), method="deposit", by=UserFactory())
    return merge, invoice


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_merge_is_not_undone_when_the_deposit_of_one_paid_for_the_other():
    manager = UserFactory(role="manager")
    merge, _invoice = merged_with_a_shared_deposit(manager)

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=merge, by=manager)

    merge.source.refresh_from_db()
    assert refusal.value.code == "account_not_below_zero"
    assert merge.source.merged_into == merge.target


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_merge_is_undone_when_each_has_enough_again():
    manager = UserFactory(role="manager")
    merge, invoice = merged_with_a_shared_deposit(manager)
    give_deposit(invoice.pet_owner, "100")

    undo_merge(merge=merge, by=manager)

    merge.source.refresh_from_db()
    balances = [Deposit.objects.of(owner).balance() for owner in (merge.source, invoice.pet_owner)]
    assert balances == [Decimal(100), Decimal(0)]


def test_deposit_sent_twice_is_one(issued):
    key = uuid.uuid4()

    for _time in range(2):
        give_deposit(issued.pet_owner, "100", request_key=key)

    assert Deposit.objects.of(issued.pet_owner).balance() == Decimal("100.00")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_tills_at_once_spend_a_deposit_once():
    owner = OwnerFactory()
    invoices = [issue("100", pet__pet_owner=owner) for _invoice in range(3)]
    give_deposit(owner, "100")
    results = []

    def run(invoice):
        try:
            results.append(
                actions.take_payment(invoice=invoice, amount=Decimal(100), method="deposit", by=UserFactory())
            )
        except RuleViolation as violation:
            results.append(violation.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(invoices[number % 3],)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(result, Payment) for result in results) == 1
    assert Deposit.objects.of(owner).balance() == 0
