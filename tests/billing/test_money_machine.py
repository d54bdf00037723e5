"""Reception and managers draft, issue, pay, refund, credit, void and keep deposits at random: the money stays true."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing import actions
from billing.models import Deposit, Invoice, InvoiceLine
from tests.billing.bills import draft
from tests.factories import AppointmentFactory, OwnerFactory, UserFactory
from vetclinic.refusals import RuleViolation

WHICH = st.integers(0, 9)
BY = st.sampled_from(["reception", "manager", "manager", "vet"])
AMOUNTS = st.sampled_from(
    [Decimal(text) for text in ("0.01", "10", "33.33", "50", "99.99", "149.98", "1000", "0.001", "-5")]
)
METHODS = st.sampled_from(["cash", "card", "transfer", "deposit"])
REASONS = st.sampled_from(["Because", "Because", "Because", " "])
PRICES = st.lists(st.sampled_from(["0.01", "33.33", "99.99", "0"]), min_size=1, max_size=3)
QUANTITIES = st.sampled_from([Decimal(text) for text in ("1", "0.5", "1.005", "3")])

# What holds at every step, as questions to which the right answer is: no row.
TRUTHS = {
    "amount is not the sum of lines": """
        SELECT FROM invoice i WHERE amount IS DISTINCT FROM (SELECT sum(total) FROM invoice_line WHERE invoice_id = i.id)""",
    "a line is not rounded once": """
        SELECT FROM invoice_line WHERE total <> round(quantity * unit_price - discount, 2)""",
    "more is paid than is owed": """
        SELECT FROM invoice i WHERE status_id IN (12, 13, 14) AND invoice_paid(id) > amount - invoice_credited(id)""",
    "less than nothing is paid": "SELECT FROM invoice WHERE invoice_paid(id) < 0",
    "the state does not follow from the balance": """
        SELECT FROM invoice WHERE status_id IN (12, 13, 14)
        AND status_id <> invoice_state(amount - invoice_credited(id), invoice_paid(id))
        OR status_id IN (11, 15) AND (invoice_paid(id) <> 0 OR invoice_credited(id) <> 0)""",
    "a line is credited above its total": """
        SELECT FROM invoice_line l WHERE total < (SELECT sum(amount) FROM credit_line WHERE line_id = l.id)""",
    "a credit note is not the sum of its lines": """
        SELECT FROM credit_note n
        WHERE amount IS DISTINCT FROM (SELECT sum(amount) FROM credit_line WHERE credit_note_id = n.id)""",
    "numbers have a gap": """
        SELECT FROM (SELECT number, row_number() OVER (PARTITION BY year ORDER BY number) AS place FROM invoice
                     WHERE number IS NOT NULL) numbers WHERE number <> place""",
    "numbers of credit notes have a gap": """
        SELECT FROM (SELECT number, row_number() OVER (PARTITION BY invoice_id ORDER BY number) AS place
                     FROM credit_note) numbers WHERE number <> place""",
    "a deposit is below zero": """
        SELECT FROM deposit GROUP BY pet_owner_id
        HAVING sum(CASE WHEN kind IN ('taken', 'restored') THEN amount ELSE -amount END) < 0""",
    "a deposit moved without its payment": """
        SELECT FROM payment p LEFT JOIN deposit d ON d.payment_id = p.id
        WHERE (p.method = 'deposit') <> (d.id IS NOT NULL) OR p.amount <> d.amount
           OR (d.kind = 'restored') <> (p.kind = 'refund')""",
    "a record has two invoices that count": """
        SELECT FROM invoice WHERE status_id <> 15 GROUP BY record_id HAVING count(*) > 1""",
}
FINAL = ("pet_owner_id", "record_id", "date", "amount", "year", "number", "issued_at", "due_date")


class Money(RuleBasedStateMachine):
    """Two owners; whoever acts, acts on any invoice."""

    @initialize()
    def open_the_till(self):
        self.savepoint = transaction.savepoint()
        self.people = {role: UserFactory(role=role) for role in ("reception", "manager", "vet")}
        self.owners = [OwnerFactory() for _owner in range(2)]
        self.issued: dict[int, tuple] = {}
        self.bill_of(0, ["99.99", "33.33"], Decimal(1))
        invoice, reception = self.invoices()[0], {"by": self.people["reception"]}
        self.attempt(actions.issue_invoice, invoice=invoice, **reception)
        self.attempt(actions.take_deposit, owner=self.owners[0], amount=Decimal(50), method="cash", **reception)
        self.attempt(actions.take_payment, invoice=invoice, amount=Decimal(10), method="deposit", **reception)
        self.credit(0, [Decimal(10)], "cash", "Because", "manager")  # so that there is always one of each

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def attempt(self, action, **wanted):
        """What the action gives, or None; the checks of the transaction's end are asked within it."""
        try:
            with transaction.atomic():
                done = action(**wanted)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                return done
        except (RuleViolation, IntegrityError):
            return None

    def invoices(self) -> list[Invoice]:
        return list(Invoice.objects.select_related("record", "pet_owner").order_by("id"))

    def invoice(self, which) -> Invoice:
        found = self.invoices()
        return found[which % len(found)]

    # -- What people do ------------------------------------------------------------------------------------

    def bill_of(self, which, prices, quantity):
        """A visit that has ended: what was done is signed, and has a draft."""
        return draft(*prices, quantity=quantity, visit=AppointmentFactory(pet__pet_owner=self.owners[which % 2]))

    @precondition(lambda self: Invoice.objects.count() < 6)
    @rule(which=WHICH, prices=PRICES, quantity=QUANTITIES)
    def bill(self, which, prices, quantity):
        self.bill_of(which, prices, quantity)

    @rule(which=WHICH)
    def bill_anew(self, which):
        self.attempt(actions.draft_invoice, record=self.invoice(which).record, by=self.people["reception"])

    @rule(which=WHICH)
    def issue(self, which):
        self.attempt(actions.issue_invoice, invoice=self.invoice(which), by=self.people["reception"])

    @rule(which=WHICH, amount=AMOUNTS, method=METHODS, whole=st.booleans())
    def pay(self, which, amount, method, whole):
        invoice = Invoice.objects.with_balance().get(pk=self.invoice(which).pk)
        amount = invoice.balance if whole else amount
        self.attempt(actions.take_payment, invoice=invoice, amount=amount, method=method, by=self.people["reception"])

    @rule(which=WHICH, amount=AMOUNTS, method=METHODS, reason=REASONS, by=BY)
    def refund(self, which, amount, method, reason, by):
        given = self.attempt(
            actions.refund_payment,
            invoice=self.invoice(which), amount=amount, method=method, reason=reason, by=self.people[by],
        )  # fmt: skip
        assert not given or (by == "manager" and reason.strip())

    @rule(which=WHICH, amounts=st.lists(AMOUNTS, max_size=3), method=METHODS, reason=REASONS, by=BY)
    def credit(self, which, amounts, method, reason, by):
        invoice = self.invoice(which)
        taken = dict(zip(invoice.lines.order_by("id").values_list("pk", flat=True), amounts, strict=False))
        given = self.attempt(
            actions.credit_invoice,
            invoice=invoice, amounts=taken, reason=reason, refund_by=method, by=self.people[by],
        )  # fmt: skip
        assert not given or (by == "manager" and reason.strip())

    @rule(which=WHICH, reason=REASONS, by=BY)
    def void(self, which, reason, by):
        done = self.attempt(actions.void_invoice, invoice=self.invoice(which), reason=reason, by=self.people[by])
        assert not done or (by == "manager" and reason.strip())

    @rule(which=WHICH, amount=AMOUNTS, method=METHODS)
    def leave_a_deposit(self, which, amount, method):
        owner = self.owners[which % 2]
        self.attempt(actions.take_deposit, owner=owner, amount=amount, method=method, by=self.people["reception"])

    @rule(which=WHICH, amount=AMOUNTS, method=METHODS, reason=REASONS, by=BY)
    def return_a_deposit(self, which, amount, method, reason, by):
        done = self.attempt(
            actions.return_deposit,
            owner=self.owners[which % 2], amount=amount, method=method, reason=reason, by=self.people[by],
        )  # fmt: skip
        assert not done or (by == "manager" and reason.strip())

    @rule(which=WHICH)
    def meddle(self, which):
        """Somebody at psql, who knows of no rules."""
        pk, who = self.invoice(which).pk, self.people["vet"].pk
        for statement in (
            f"UPDATE invoice SET amount = amount + 1 WHERE id = {pk} AND status_id <> 11",
            f"UPDATE invoice SET due_date = due_date + 1 WHERE id = {pk} AND status_id <> 11",
            f"UPDATE invoice SET status_id = 14 WHERE id = {pk}",
            "UPDATE invoice SET status_id = 12, date = current_date, year = extract(year FROM current_date), number = 77"
            f" WHERE id = {pk} AND status_id = 11",
            f"UPDATE invoice_line SET quantity = quantity + 1, total = total + unit_price WHERE invoice_id = {pk}",
            f"UPDATE invoice_line SET total = total + 1 WHERE invoice_id = {pk}"
            f" AND EXISTS (SELECT FROM invoice WHERE id = {pk} AND status_id <> 11)",
            f"UPDATE payment SET amount = amount + 1 WHERE invoice_id = {pk}",
            f"UPDATE credit_note SET amount = amount + 1 WHERE invoice_id = {pk}",
            "INSERT INTO credit_line (credit_note_id, line_id, amount) SELECT note.id, line.id, 0.01"
            f" FROM credit_note note JOIN invoice_line line USING (invoice_id) WHERE invoice_id = {pk}"
            " AND NOT EXISTS (SELECT FROM credit_line WHERE line_id = line.id)",
            f"UPDATE deposit SET amount = amount * 2 WHERE pet_owner_id = {self.owners[which % 2].pk} AND kind = 'used'",
            "INSERT INTO payment (invoice_id, amount, method, paid_at, day, taken_by_id)"
            f" VALUES ({pk}, 1000, 'cash', now(), current_date, {who})",
            "INSERT INTO deposit (pet_owner_id, kind, amount, method, reason, noted_at, day, noted_by_id)"
            f" VALUES ({self.owners[which % 2].pk}, 'returned', 5000, 'cash', 'x', now(), current_date, {who})",
        ):
            self.attempt(lambda statement=statement: connection.cursor().execute(statement))

    # -- What is always true -------------------------------------------------------------------------------

    @invariant()
    def truths_hold(self):
        with connection.cursor() as cursor:
            for fault, question in TRUTHS.items():
                cursor.execute(question)
                assert cursor.rowcount == 0, fault

    @invariant()
    def what_is_issued_never_changes(self):
        rows = {row["id"]: row for row in Invoice.objects.exclude(status=11).values("id", *FINAL)}
        for pk, row in rows.items():
            now = (tuple(row.values()), list(InvoiceLine.objects.filter(invoice=pk).order_by("id").values_list()))
            assert self.issued.setdefault(pk, now) == now, "an issued invoice has changed"
        assert set(self.issued) <= set(rows), "an issued invoice is gone"

    @invariant()
    def sums_of_the_pages_are_those_of_the_rows(self):
        for invoice in Invoice.objects.with_balance().exclude(status=15):
            assert invoice.balance == invoice.amount - invoice.credited - invoice.paid
            assert invoice.balance >= 0, "more is paid than is owed"
        assert min(Deposit.objects.of(owner).balance() for owner in self.owners) >= 0, "a deposit is below zero"


QUIET = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_money_stays_true_whatever_people_do():
    run_state_machine_as_test(Money, settings=QUIET)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "trigger", "noticed"),
    [
        ("invoice", "issued_never_changes", "an issued invoice has changed"),
        ("invoice", "adds_up", "amount is not the sum of lines|the state does not follow from the balance"),
        ("invoice", "number_is_the_next", "numbers have a gap"),
        ("invoice_line", "amount_is_its_lines", "amount is not the sum of lines"),
        ("credit_line", "amount_is_its_lines", "a credit note is not the sum of its lines"),
        (
            "payment",
            "settles_its_invoice",
            "more is paid than is owed|less than nothing is paid|the state does not follow",
        ),
        ("payment", "never_changes", "paid|the state does not follow|without its payment"),
        ("payment", "uses_the_deposit", "a deposit moved without its payment"),
        ("credit_note", "never_changes", "a credit note is not the sum of its lines|paid|the state does not follow"),
        ("deposit", "within_balance", "a deposit is below zero"),
    ],
)
def test_random_use_notices_when_a_trigger_is_gone(table, trigger, noticed):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE %s AND tgrelid = %s::regclass",
                       [f"pgtrigger_{trigger}_%", table])  # fmt: skip
        (name,) = cursor.fetchone()
        cursor.execute(f"DROP TRIGGER {name} ON {table}")

    with pytest.raises(AssertionError, match=noticed):
        run_state_machine_as_test(Money, settings=settings(QUIET, max_examples=200))
