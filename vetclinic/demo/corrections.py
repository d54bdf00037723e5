"""What happens to money after the bill: credit notes with what goes back, deposits left for a visit to come."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from vetclinic.demo.days import Midnights
from vetclinic.demo.people import Pets, picker
from vetclinic.demo.prices import money
from vetclinic.demo.visits import ISSUED, PAID, Bill, Visit

CREDITED, WITH_DEPOSIT, RETURNED = 0.012, 0.008, 0.2  # shares: of the bills, of those paid at once, of the deposits
DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Corrected:
    """Rows of one portion, in the order of their columns."""

    notes: list[tuple] = field(default_factory=list)
    lines: list[tuple] = field(default_factory=list)
    refunds: list[tuple] = field(default_factory=list)
    deposits: list[tuple] = field(default_factory=list)


class Corrections:
    """Managers credit, reception takes deposits. Nothing happens after `now`."""

    def __init__(self, draw: Random, words, *, pets: Pets, midnights: Midnights, now: dt.datetime, people: tuple):
        """`people`: the ids of a manager and of reception."""
        self.roll, self.pick, self.words, self.pets = draw.random, picker(draw), words, pets
        self.zone, self.now = midnights.zone, now
        self.manager, self.reception = people
        self.ids: Counter[str] = Counter()

    def of(self, visits: Iterable[Visit], next_payment) -> Corrected:
        """Before the payments of these visits are written: some are from a deposit then. `next_payment` gives an id."""
        made = Corrected()
        for visit in visits:
            bill = visit.bill
            if not bill or not bill.issued_at or not bill.amount:
                continue
            luck = self.roll()
            if luck < CREDITED:
                self.credit(made, visit, bill, next_payment)
            elif luck < CREDITED + WITH_DEPOSIT and bill.status == PAID and len(bill.payments) == 1:
                self.pay_from_deposit(made, visit, bill)
        return made

    def credit(self, made: Corrected, visit: Visit, bill: Bill, next_payment) -> None:
        """The half of a line. Of a paid bill it goes back at once, by the way that it came."""
        at = (bill.payments[-1][3] if bill.payments else bill.issued_at) + dt.timedelta(hours=2)
        number = int(self.roll() * len(visit.treatments))
        amount = visit.treatments[number].total // 200 * 100
        if bill.status not in (PAID, ISSUED) or at > self.now or not amount:
            return
        reason, note = self.pick(self.words.CREDITED), self.next_id("credit_note")
        day = at.astimezone(self.zone).date()
        if bill.status == PAID:
            where = visit.booking.vet.branch, at, day
            back = next_payment(), bill.id, money(amount), bill.payments[-1][2], *where
            made.refunds.append((*back, self.manager, "refund", reason))
        made.notes.append((note, bill.id, 1, day, money(amount), reason, at, self.manager))
        made.lines.append((note, visit.first_treatment + number, money(amount)))

    def pay_from_deposit(self, made: Corrected, visit: Visit, bill: Bill) -> None:
        """Left the day before, a little more than it took; some ask for the rest."""
        owner, branch = self.pets.owner[visit.booking.pet - 1], visit.booking.vet.branch
        payment, amount, method, at = bill.payments[0]
        left = amount // 100_000 * 100_000 + 100_000
        bill.payments = [(payment, amount, "deposit", at)]
        day = at.astimezone(self.zone).date()
        came, used = (branch, at - DAY, day - DAY, self.reception), (branch, at, day, self.reception)
        made.deposits.append((owner, "taken", money(left), method, None, "", *came))
        made.deposits.append((owner, "used", money(amount), "", payment, "", *used))
        back = at + dt.timedelta(minutes=5)
        if left > amount and self.roll() < RETURNED and back < self.now:
            reason = self.pick(self.words.RETURNED)
            went = branch, back, day, self.manager
            made.deposits.append((owner, "returned", money(left - amount), method, None, reason, *went))

    def next_id(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]


def rows_of(made: Corrected) -> Iterator[tuple[str, list[tuple]]]:
    """Table → its rows; those of `payment` come beside the ones of the visits."""
    yield "payment", made.refunds
    yield "credit_note", made.notes
    yield "credit_line", made.lines
    yield "deposit", made.deposits
