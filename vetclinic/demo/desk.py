"""What the desk does about money besides: tills are counted at the end of a day, an invoice is voided and written anew.

A few rows, so that they come by the actions themselves, when all other rows are there.
"""

import datetime as dt
from decimal import Decimal
from random import Random

from billing.actions import draft_invoice, issue_invoice, void_invoice
from billing.models import Invoice
from billing.till import count_till, money_of
from clinic.enums import InvoiceStatus
from clinic.models import Branch
from vetclinic.access.models import User
from vetclinic.demo.people import picker

COUNTED_DAYS, CLOSES = 45, dt.time(20, 30)
OPENING_FLOAT, DIFFERS, WRONG = Decimal(5000), 0.06, (-500, -100, -50, 50, 100)
VOIDED = 2  # the last ones that nobody has paid


def work(draw: Random, words, *, now: dt.datetime, manager: int, reception: int) -> int:
    """How many rows it made."""
    counts = sum(
        _count(draw, words, branch, now, User.objects.get(pk=reception)) for branch in Branch.objects.order_by("id")
    )
    return counts + _write_anew(draw, words, now, User.objects.get(pk=manager))


def _count(draw: Random, words, branch: Branch, now: dt.datetime, by: User) -> int:
    """The days before today; some do not add up, and one was forgotten now and then."""
    yesterday = now.astimezone(branch.zone).date() - dt.timedelta(days=1)
    days = money_of(branch, yesterday - dt.timedelta(days=COUNTED_DAYS), yesterday)
    counted = [(day, money.cash) for day, money in days.items() if money.is_any and draw.random() > DIFFERS / 2]
    for day, cash in counted:
        wrong = draw.choice(WRONG) if draw.random() < DIFFERS else 0
        count_till(
            branch=branch,
            day=day,
            opening_float=OPENING_FLOAT,
            counted=OPENING_FLOAT + cash + wrong,
            reason=picker(draw)(words.MISCOUNTED) if wrong else "",
            now=dt.datetime.combine(day, CLOSES, branch.zone),
            by=by,
        )
    return len(counted)


def _write_anew(draw: Random, words, now: dt.datetime, by: User) -> int:
    issued = Invoice.objects.filter(status=InvoiceStatus.ISSUED, payments=None, credits=None)
    unpaid = list(issued.order_by("-pk")[:VOIDED])
    for invoice in unpaid:
        void_invoice(invoice=invoice, reason=picker(draw)(words.VOIDED), now=now, by=by)
        anew = draft_invoice(record=invoice.record, by=by)
        if anew:
            issue_invoice(invoice=anew, now=now, by=by)
    return len(unpaid)
