"""Credits, refunds and voids on the page of an invoice; deposits on the page of an owner."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from billing import actions
from billing.models import Deposit, Invoice
from clinic.enums import InvoiceStatus
from clinic.merging import merge_owners
from tests.billing.bills import draft, issue, pay
from tests.factories import BranchFactory, OwnerFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
BAD_REASONS = ["", "   ", "a\0b", "x" * 256]
NEARLY_MIDNIGHT = dt.datetime(2026, 3, 11, 14, 30, tzinfo=dt.UTC)  # half past midnight in Vladivostok
BAD_AMOUNTS = ["-1", "0", "0.001", "1000000000", "9" * 40, "NaN", "сто", "<b>1</b>", "\0", "🐈"]


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager"))
    return client


@pytest.fixture
def reception(client):
    client.force_login(UserFactory(role="reception"))
    return client


def send(client, pk, what, key=None, **typed):
    """POST a form of an invoice or, when `what` begins so, of an owner's deposit."""
    where = "owners" if what.startswith("deposits") else "invoices"
    return client.post(f"/{where}/{pk}/{what}/", {"request_key": key or uuid.uuid4()} | typed)


def credit(client, invoice, amount, **typed):
    return send(client, invoice.pk, "credits", **({f"line_{invoice.lines.get().pk}": amount, "reason": "Old"} | typed))


def look(invoice) -> tuple[InvoiceStatus, Decimal, Decimal, Decimal]:
    """State, credited, paid, to pay."""
    now = Invoice.objects.with_balance().get(pk=invoice.pk)
    return now.state, now.credited, now.paid, now.balance


def give_deposit(owner, amount="100"):
    return actions.take_deposit(owner=owner, amount=Decimal(amount), method="cash", by=UserFactory())


# -- Who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "shown"), [("manager", True), ("reception", False)])
def test_corrections_are_shown_to_managers_only(client, role, shown):
    invoice = issue("100")
    pay(invoice, "10")
    client.force_login(UserFactory(role=role))

    page = client.get(f"/invoices/{invoice.pk}/").content.decode()

    assert [f"/{act}/" in page for act in ("credits", "refunds")] == [shown, shown]


@pytest.mark.parametrize("role", ["reception", "vet", "admin"])
def test_correction_by_another_role_is_refused_and_changes_nothing(client, role):
    vet = VetFactory()
    invoice = issue("100", vet=vet)
    give_deposit(invoice.pet_owner)
    client.force_login(vet.user if role == "vet" else UserFactory(role=role))
    money = {"amount": "1", "method": "cash", "reason": "Because"}

    answers = [
        credit(client, invoice, "1"),
        send(client, invoice.pk, "refunds", **money),
        send(client, invoice.pk, "void", reason="Because"),
        send(client, invoice.pet_owner_id, "deposits/return", **money),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert look(invoice) == (InvoiceStatus.ISSUED, Decimal(0), Decimal(0), Decimal(100))


# -- Credit notes -------------------------------------------------------------------------------------------


def test_credit_is_given_and_shown_with_its_reason(manager):
    invoice = issue("100")

    answer = manager.get(credit(manager, invoice, "30", reason="Batch was old").headers["Location"])

    assert look(invoice) == (InvoiceStatus.ISSUED, Decimal(30), Decimal(0), Decimal(70))
    page = answer.content.decode()
    assert [text in page for text in (f"{invoice}/1", "Batch was old", "−₽30", "₽70")] == [True] * 4


def test_credit_of_a_paid_invoice_asks_how_the_money_goes_back_and_keeps_what_was_typed(manager):
    invoice = issue("100")
    pay(invoice, "100")

    asked = credit(manager, invoice, "30", reason="Batch was old")
    done = credit(manager, invoice, "30", refund_by="deposit")

    assert (asked.status_code, list(asked.context["credit"].errors)) == (409, ["refund_by"])
    assert 'value="Batch was old"' in asked.content.decode()
    assert done.status_code == 302
    assert look(invoice) == (InvoiceStatus.PAID, Decimal(30), Decimal(70), Decimal(0))
    assert Deposit.objects.of(invoice.pet_owner).balance() == Decimal(30)


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_credit_of_no_sum_of_money_is_refused_by_its_field(manager, amount):
    invoice = issue("100")

    answer = credit(manager, invoice, amount)

    assert (answer.status_code, list(answer.context["credit"].errors)) == (422, [f"line_{invoice.lines.get().pk}"])
    assert look(invoice)[1] == 0


def test_credit_of_more_than_the_line_is_refused_by_its_field(manager):
    invoice = issue("100")

    answer = credit(manager, invoice, "100.01")

    assert (answer.status_code, list(answer.context["credit"].errors)) == (409, [f"line_{invoice.lines.get().pk}"])


def test_credit_of_nothing_is_refused_in_words(manager):
    answer = credit(manager, issue("100"), "")

    assert (answer.status_code, list(answer.context["credit"].errors)) == (409, ["__all__"])


@pytest.mark.parametrize("reason", BAD_REASONS)
def test_correction_without_a_usable_reason_is_refused_by_its_field(manager, reason):
    invoice = issue("100")
    pay(invoice, "10")
    other = issue("100", vet__branch=invoice.branch)

    answers = {
        "credit": credit(manager, invoice, "1", reason=reason),
        "refund": send(manager, invoice.pk, "refunds", amount="1", method="cash", reason=reason),
        "void": send(manager, other.pk, "void", reason=reason),
    }

    assert [answer.status_code for answer in answers.values()] == [422] * 3
    assert [list(answer.context[name].errors) for name, answer in answers.items()] == [["reason"]] * 3
    assert (look(invoice)[1:], look(other)[0]) == ((Decimal(0), Decimal(10), Decimal(90)), InvoiceStatus.ISSUED)


def test_credit_sent_twice_is_one(manager):
    invoice, key = issue("100"), uuid.uuid4()

    codes = [credit(manager, invoice, "30", key=key).status_code for _time in range(2)]

    assert codes == [302, 302]
    assert look(invoice)[1] == Decimal(30)


@pytest.mark.parametrize("what", ["credits", "refunds", "void", "anew", "deposits", "deposits/return"])
@pytest.mark.parametrize("pk", [0, 2147483647, 10**12])
def test_correction_of_what_does_not_exist_is_not_found(manager, what, pk):
    assert send(manager, pk, what, reason="x", amount="1", method="cash").status_code == 404


# -- Refunds ------------------------------------------------------------------------------------------------


def test_refund_is_given_and_shown_with_method_and_reason(manager):
    invoice = issue("100")
    pay(invoice, "100")

    answer = send(manager, invoice.pk, "refunds", amount="40", method="card", reason="Paid twice")

    page = manager.get(answer.headers["Location"]).content.decode()
    assert look(invoice) == (InvoiceStatus.PART_PAID, Decimal(0), Decimal(60), Decimal(40))
    assert [text in page for text in ("Paid twice", "−₽40", "card")] == [True] * 3


@pytest.mark.parametrize(("amount", "code"), [(bad, 422) for bad in BAD_AMOUNTS] + [("50.01", 409)])
def test_refund_of_a_wrong_sum_is_refused_by_its_field(manager, amount, code):
    invoice = issue("100")
    pay(invoice, "50")

    answer = send(manager, invoice.pk, "refunds", amount=amount, method="cash", reason="Because")

    assert (answer.status_code, list(answer.context["refund"].errors)) == (code, ["amount"])
    assert look(invoice)[2] == Decimal(50)


def test_refund_of_an_unpaid_invoice_says_why_not_above_the_page(manager):
    answer = send(manager, issue("100").pk, "refunds", amount="1", method="cash", reason="Because")

    assert answer.status_code == 409
    assert "This is more than was paid." in answer.content.decode()


# -- Voids --------------------------------------------------------------------------------------------------


def test_voided_invoice_says_why_and_its_visit_is_billed_anew(manager):
    invoice = issue("100")

    page = manager.get(send(manager, invoice.pk, "void", reason="Wrong owner").headers["Location"]).content.decode()
    anew = send(manager, invoice.pk, "anew")

    assert [text in page for text in ("Wrong owner", f"/invoices/{invoice.pk}/anew/")] == [True] * 2
    fresh = Invoice.objects.get(record=invoice.record, status=InvoiceStatus.DRAFT)
    assert (anew.headers["Location"], fresh.amount) == (f"/invoices/{fresh.pk}/", Decimal(100))
    assert look(invoice) == (InvoiceStatus.VOID, Decimal(0), Decimal(0), Decimal(0))


def test_visit_is_billed_anew_once(manager):
    invoice = issue("100")
    send(manager, invoice.pk, "void", reason="Wrong owner")

    codes = [send(manager, invoice.pk, "anew").status_code for _time in range(2)]

    assert codes == [302, 409]
    assert Invoice.objects.live().filter(record=invoice.record).count() == 1


def test_void_of_a_paid_invoice_is_refused(manager):
    invoice = issue("100")
    pay(invoice, "10")

    answer = send(manager, invoice.pk, "void", reason="Because")

    assert answer.status_code == 409
    assert "Only an invoice without payments is voided." in answer.content.decode()
    assert look(invoice)[0] == InvoiceStatus.PART_PAID


def test_draft_is_voided_too(manager):
    invoice = draft("100")

    answer = send(manager, invoice.pk, "void", reason="Wrong owner")

    assert (answer.status_code, look(invoice)[0]) == (302, InvoiceStatus.VOID)


# -- An issued invoice never changes, whoever asks ----------------------------------------------------------


def test_issued_invoice_is_changed_by_no_page_no_admin_no_orm_and_no_sql(manager):
    invoice = issue("100")
    line = invoice.lines.get()
    attempts = [
        lambda: Invoice.objects.filter(pk=invoice.pk).update(amount=1),
        lambda: Invoice(**{**Invoice.objects.values().get(pk=invoice.pk), "amount": 1}).save(),
        lambda: connection.cursor().execute("UPDATE invoice SET amount = 1 WHERE id = %s", [invoice.pk]),
        lambda: connection.cursor().execute("DELETE FROM invoice WHERE id = %s", [invoice.pk]),
        lambda: connection.cursor().execute("UPDATE invoice_line SET total = 1 WHERE id = %s", [line.pk]),
    ]
    names = []

    for attempt in attempts:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            attempt()
        names.append(refusal.value.__cause__.diag.constraint_name)
    again = send(manager, invoice.pk, "issue", amount="1")

    assert names == ["invoice_issued_never_changes"] * 3 + [
        "invoice_issued_never_deleted",
        "invoice_line_of_issued_invoice_is_final",
    ]
    assert (again.status_code, look(invoice)[3]) == (409, Decimal(100))
    with pytest.raises(NoReverseMatch):
        reverse("admin:billing_invoice_changelist")


# -- Deposits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "takes", "returns"), [("reception", 1, 0), ("manager", 1, 1), ("vet", 0, 0)])
def test_owner_page_offers_what_a_role_may_do_with_the_deposit(client, role, takes, returns):
    owner = give_deposit(OwnerFactory()).pet_owner
    client.force_login(UserFactory(role=role))

    page = client.get(f"/owners/{owner.pk}/").content.decode()

    assert page.count('/deposits/"') == takes
    assert page.count('/deposits/return/"') == returns


def test_reception_takes_a_deposit_and_pays_an_invoice_with_it(reception):
    invoice = issue("100")
    plain = reception.get(f"/invoices/{invoice.pk}/").context["form"].fields["method"].choices

    taken = send(reception, invoice.pet_owner_id, "deposits", amount="150.50", method="card")
    offered = reception.get(f"/invoices/{invoice.pk}/").context["form"].fields["method"].choices
    paid = send(reception, invoice.pk, "payments", amount="100", method="deposit")

    assert [value for value, _label in plain] == ["cash", "card", "transfer"]
    assert [value for value, _label in offered] == ["cash", "card", "transfer", "deposit"]
    assert (taken.status_code, paid.status_code) == (302, 302)
    assert look(invoice) == (InvoiceStatus.PAID, Decimal(0), Decimal(100), Decimal(0))
    assert Deposit.objects.of(invoice.pet_owner).balance() == Decimal("50.50")


def test_payment_above_the_deposit_is_refused_by_its_field(reception):
    invoice = issue("100")
    give_deposit(invoice.pet_owner, "40")

    answer = send(reception, invoice.pk, "payments", amount="100", method="deposit")

    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["amount"])
    assert look(invoice)[2] == 0


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_deposit_of_no_sum_of_money_is_refused_by_its_field(reception, amount):
    owner = OwnerFactory()

    answer = send(reception, owner.pk, "deposits", amount=amount, method="cash")

    assert (answer.status_code, list(answer.context["deposit_form"].errors)) == (422, ["amount"])
    assert not Deposit.objects.exists()


def test_deposit_sent_twice_is_one(reception):
    owner, key = OwnerFactory(), uuid.uuid4()

    for _time in range(2):
        send(reception, owner.pk, "deposits", key=key, amount="10", method="cash")

    assert Deposit.objects.of(owner).balance() == Decimal(10)


def test_manager_returns_a_deposit_with_a_reason_that_is_shown(manager):
    owner = give_deposit(OwnerFactory()).pet_owner
    wanted = {"amount": "60", "method": "cash"}

    unexplained = send(manager, owner.pk, "deposits/return", **wanted, reason=" ")
    answer = send(manager, owner.pk, "deposits/return", **wanted, reason="Moves away")
    too_much = send(manager, owner.pk, "deposits/return", **wanted, reason="Moves away")

    assert (unexplained.status_code, list(unexplained.context["return_form"].errors)) == (422, ["reason"])
    assert "Moves away" in manager.get(answer.headers["Location"]).content.decode()
    assert (too_much.status_code, list(too_much.context["return_form"].errors)) == (409, ["amount"])
    assert Deposit.objects.of(owner).balance() == Decimal(40)


def test_deposit_of_a_merged_owner_is_shown_with_the_one_who_stays_and_pays_the_old_invoice(manager):
    invoice, stays = issue("100"), OwnerFactory()
    give_deposit(stays)
    old = invoice.pet_owner
    merge_owners(source=old, target=stays, by=UserFactory(role="manager"))

    taken = send(manager, old.pk, "deposits", amount="20", method="cash")
    paid = send(manager, invoice.pk, "payments", amount="100", method="deposit")

    assert (taken.headers["Location"], paid.status_code) == (f"/owners/{stays.pk}/", 302)
    assert manager.get(f"/owners/{stays.pk}/").context["deposit"] == Decimal(20)


def test_deposit_of_a_clinic_with_branches_is_in_the_till_that_was_chosen(manager):
    first, second = BranchFactory(), BranchFactory()
    owner = OwnerFactory()
    offered = manager.get(f"/owners/{owner.pk}/").context["deposit_form"].fields["branch"].choices

    send(manager, owner.pk, "deposits", amount="100", method="cash", branch=second.pk)
    send(manager, owner.pk, "deposits/return", amount="30", method="cash", branch=first.pk, reason="Asked")

    assert list(offered) == [(first.pk, str(first)), (second.pk, str(second))]
    assert [row.branch for row in Deposit.objects.order_by("pk")] == [second, first]


@pytest.mark.parametrize("branch", ["0", "x", "999999999999", "\0"])
def test_deposit_of_a_branch_that_is_none_is_refused_by_its_field(manager, branch):
    BranchFactory(), BranchFactory()
    owner = OwnerFactory()

    answer = send(manager, owner.pk, "deposits", amount="100", method="cash", branch=branch)

    assert (answer.status_code, list(answer.context["deposit_form"].errors)) == (422, ["branch"])
    assert not Deposit.objects.exists()


def test_clinic_with_one_branch_is_not_asked_for_it(manager):
    BranchFactory()

    page = manager.get(f"/owners/{OwnerFactory().pk}/")

    assert "branch" not in page.context["deposit_form"].fields


def test_money_goes_into_the_till_that_was_chosen_and_this_desk_is_offered_it_first_from_then_on(manager):
    """Cash taken at one branch for a visit at another is in the drawer of the first."""
    here, there = BranchFactory(time_zone="Asia/Vladivostok"), BranchFactory()
    invoice, later = (issue("100", vet__branch=there) for _visit in range(2))
    offered = manager.get(f"/invoices/{invoice.pk}/").context["form"]["branch"].initial

    send(manager, invoice.pk, "payments", amount="30", method="cash", branch=here.pk)
    send(manager, invoice.pk, "refunds", amount="10", method="cash", reason="Twice", branch=there.pk)
    credit(manager, invoice, "100", refund_by="cash", branch=here.pk)

    taken = invoice.payments.order_by("pk")
    assert [(row.amount, row.branch, row.day) for row in taken] == [
        (Decimal(30), here, timezone.localdate(timezone=here.zone)),
        (Decimal(10), there, timezone.localdate(timezone=there.zone)),
        (Decimal(20), here, timezone.localdate(timezone=here.zone)),
    ]
    assert offered == there.pk
    assert manager.get(f"/invoices/{later.pk}/").context["form"]["branch"].initial == here.pk


def test_credit_of_what_nobody_paid_asks_for_no_till(manager):
    BranchFactory()
    invoice = issue("100")

    assert "branch" not in manager.get(f"/invoices/{invoice.pk}/").context["credit"].fields


def test_times_of_money_are_those_of_the_branch_that_took_it(manager):
    far = BranchFactory(time_zone="Asia/Vladivostok")
    invoice = issue("100", vet__branch=far, now=NEARLY_MIDNIGHT)
    actions.take_deposit(
        owner=invoice.pet_owner, amount=Decimal(5), method="cash", branch=far, now=NEARLY_MIDNIGHT, by=UserFactory()
    )
    pay(invoice, "10", now=NEARLY_MIDNIGHT)
    actions.void_invoice(
        invoice=issue("1", vet__branch=far), reason="x", now=NEARLY_MIDNIGHT, by=UserFactory(role="manager")
    )

    pages = [manager.get(f"/invoices/{invoice.pk}/"), manager.get(f"/owners/{invoice.pet_owner_id}/")]

    assert ["12 Mar 2026, 00:30" in page.content.decode() for page in pages] == [True, True]
    assert "on 12 Mar 2026" in manager.get(f"/invoices/{Invoice.objects.last().pk}/").content.decode()
