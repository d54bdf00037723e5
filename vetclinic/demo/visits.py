"""What becomes of each booking: its states and times, record, treatments, invoice and payments."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from clinic.enums import AppointmentStatus, InvoiceStatus
from vetclinic.demo.days import Booking, Diary, Midnights
from vetclinic.demo.people import Pets, picker
from vetclinic.demo.prices import Billed, PriceList, bill, services_of_visit
from vetclinic.demo.today import Stage, Today

DAYS_TO_PAY = 14
LONGEST_DEBT_DAYS = 45
METHODS = ("card",) * 7 + ("cash",) * 2 + ("transfer",)
STATUS = {
    Stage.CANCELLED: AppointmentStatus.CANCELLED.value,
    Stage.NO_SHOW: AppointmentStatus.NO_SHOW.value,
    Stage.WAITING: AppointmentStatus.ARRIVED.value,
    Stage.WITH_VET: AppointmentStatus.IN_PROGRESS.value,
    Stage.DRAFTED: AppointmentStatus.COMPLETED.value,
    Stage.BILLED: AppointmentStatus.COMPLETED.value,
    Stage.SETTLED: AppointmentStatus.COMPLETED.value,
}
SCHEDULED, CONFIRMED = AppointmentStatus.SCHEDULED.value, AppointmentStatus.CONFIRMED.value
DRAFT, ISSUED, PART_PAID, PAID = (
    status.value for status in (InvoiceStatus.DRAFT, InvoiceStatus.ISSUED, InvoiceStatus.PART_PAID, InvoiceStatus.PAID)
)


@dataclass(slots=True, eq=False)
class Bill:
    id: int
    amount: int
    day: int
    issued_at: dt.datetime | None = None
    number: int | None = None
    status: int = DRAFT
    payments: list[tuple[int, int, str, dt.datetime]] = field(default_factory=list)  # id, amount, method, when


@dataclass(slots=True, eq=False)
class Visit:
    id: int
    day: int
    booking: Booking
    status: int
    date: dt.datetime
    ends_at: dt.datetime
    arrived_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    reason: str = ""
    cancelled_reason: str = ""
    record: int | None = None
    finding: tuple[str, str, str] = ("", "", "")
    first_treatment: int = 0
    treatments: list[Billed] = field(default_factory=list)
    bill: Bill | None = None


class Story:
    """Every visit in order of time, with all that follows from it. Ids and numbers are given here, without gaps."""

    def __init__(self, *, draw: Random, words, diary: Diary, pets: Pets, prices: PriceList, midnights: Midnights, now):
        self.draw, self.words, self.diary, self.pets, self.prices = draw, words, diary, pets, prices
        self.roll, self.pick = draw.random, picker(draw)
        self.midnights = midnights
        midnight = midnights.of(diary.today)
        self.clock = Today(max(0.0, (now - midnight).total_seconds() / 60))
        self.ids: Counter[str] = Counter()
        self.numbers: Counter[int] = Counter()

    def days(self) -> Iterator[list[Visit]]:
        for day, bookings in self.diary.days():
            stages = self.clock.stages(bookings) if day == self.diary.today else {}
            midnight = self.midnights.of(day)
            visits = [self.visit(day, midnight, booking, stages.get(booking)) for booking in bookings]
            self.number_bills(day, visits)
            yield visits

    def visit(self, day: int, midnight: dt.datetime, booking: Booking, stage: Stage | None) -> Visit:
        stage = stage or self.stage_of(day)
        visit = Visit(
            id=self.next_id("appointment"),
            day=day,
            booking=booking,
            status=STATUS.get(stage) or (CONFIRMED if self.roll() < 0.6 else SCHEDULED),
            date=midnight + dt.timedelta(minutes=booking.start),
            ends_at=midnight + dt.timedelta(minutes=booking.end),
            reason=self.pick(self.words.REASONS[booking.reason]),
        )
        if stage is Stage.CANCELLED:
            visit.cancelled_reason = self.pick(self.words.CANCELLED)
        elif stage in (Stage.WAITING, Stage.WITH_VET):
            self.is_here(visit, midnight, stage)
        elif visit.status == AppointmentStatus.COMPLETED:
            self.is_over(visit, midnight, stage)
        return visit

    def stage_of(self, day: int) -> Stage:
        """How a visit of another day than today went, or stands."""
        luck = self.roll()
        if day > self.diary.today:
            return Stage.CANCELLED if luck < 0.03 else Stage.EXPECTED
        return Stage.CANCELLED if luck < 0.06 else Stage.NO_SHOW if luck < 0.1 else Stage.SETTLED

    def is_here(self, visit: Visit, midnight: dt.datetime, stage: Stage) -> None:
        came = min(visit.booking.start, self.clock.moment - 3) - self.roll() * 12
        if stage is Stage.WAITING:
            came = max(came, self.clock.moment - 25)
        else:
            began = max(visit.booking.start, self.clock.moment - 20)
            came = began - 4 - self.roll() * 9
            visit.started_at = midnight + dt.timedelta(minutes=self.clock.just_now(began))
            self.open_record(visit)
        visit.arrived_at = midnight + dt.timedelta(minutes=self.clock.just_now(came))

    def is_over(self, visit: Visit, midnight: dt.datetime, stage: Stage) -> None:
        start, end, is_today = visit.booking.start, visit.booking.end, visit.day == self.diary.today
        minutes = (start - 2 - self.roll() * 9, start + self.roll() * 4, end - 3 - self.roll() * 3, end - 2, end - 1)
        if is_today:
            minutes = [self.clock.past(minute) for minute in minutes]
        visit.arrived_at, visit.started_at, visit.finished_at, issued_at, paid_at = (
            midnight + dt.timedelta(minutes=minute) for minute in minutes
        )
        self.open_record(visit)
        visit.finding = self.pick(self.words.FINDINGS[visit.booking.reason])
        visit.bill = Bill(self.next_id("invoice"), sum(billed.total for billed in visit.treatments), visit.day)
        if stage is not Stage.DRAFTED:
            visit.bill.status, visit.bill.issued_at = ISSUED, issued_at
        if stage is Stage.SETTLED:
            self.pay(visit.bill, paid_at)

    def open_record(self, visit: Visit) -> None:
        visit.record = self.next_id("medical_record")
        pet, reason = visit.booking.pet, visit.booking.reason
        done = services_of_visit(self.draw, reason, self.pets.species_of(pet), self.pets.gender_of(pet))
        visit.treatments = bill(self.prices, done, visit.day)
        visit.first_treatment = self.ids["treatment"] + 1
        self.ids["treatment"] += len(visit.treatments)

    def pay(self, invoice: Bill, paid_at: dt.datetime) -> None:
        """Most pay at the desk; some the half now and the rest in days; a few only later."""
        luck, method = self.roll(), self.pick(METHODS)
        is_today = invoice.day == self.diary.today
        if luck < 0.93 or is_today:
            self.received(invoice, invoice.amount, method, paid_at)
            invoice.status = PAID
            return
        now = invoice.amount // 20_000 * 10_000 or invoice.amount // 2 if luck < 0.97 else 0
        wait = 1 + int(self.roll() * LONGEST_DEBT_DAYS)
        if now:
            self.received(invoice, now, method, paid_at)
            invoice.status = PART_PAID
        if invoice.day + wait < self.diary.today:
            self.received(invoice, invoice.amount - now, method, paid_at + dt.timedelta(days=wait))
            invoice.status = PAID

    def received(self, invoice: Bill, amount: int, method: str, paid_at: dt.datetime) -> None:
        invoice.payments.append((self.next_id("payment"), amount, method, paid_at))

    def number_bills(self, day: int, visits: list[Visit]) -> None:
        """Numbers of a year are 1..n in order of issue."""
        issued = [visit.bill for visit in visits if visit.bill and visit.bill.issued_at]
        year = dt.date.fromordinal(day).year
        for invoice in sorted(issued, key=lambda invoice: (invoice.issued_at, invoice.id)):
            self.numbers[year] += 1
            invoice.number = self.numbers[year]

    def next_id(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]
