"""A clinic drawn by lot: the same seed gives the same people, animals, visits and sums. Days are relative to today."""

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from clinic.enums import VISIT_MINUTES, AppointmentStatus, InvoiceStatus, VisitReason
from clinic.models.service import OPEN_END
from vetclinic.demo.loading import Loader
from vetclinic.demo.prices import PRICES, ROUBLES_TO_OTHERS
from vetclinic.demo.words import Words

KOPECK = Decimal("0.01")
OPENS, LUNCH, LUNCH_ENDS, CLOSES = dt.time(9), dt.time(13), dt.time(14), dt.time(20)
SPECIES = ["cat"] * 11 + ["dog"] * 9 + ["rabbit", "rodent", "bird", "reptile"]
S = AppointmentStatus


@dataclass(frozen=True)
class Size:
    """How large a clinic is. `fill` is the share of working time that visits take."""

    vets: int
    branches: int
    owners: int
    pets: int
    days: int
    fill: float
    ahead: int = 14
    busy_board: bool = False  # today 12 vets of the first branch have 60 visits each

    @property
    def expected_rows(self) -> int:
        """About how many rows will be loaded, for the progress bar."""
        return self.owners + self.pets + int(self.vets * self.days * 20 * self.fill * 6)


SIZES = {
    "small": Size(vets=5, branches=1, owners=300, pets=450, days=90, fill=0.45),
    "medium": Size(vets=12, branches=2, owners=4_000, pets=6_000, days=200, fill=0.5),
    "1m": Size(vets=40, branches=4, owners=100_000, pets=200_000, days=1_450, fill=0.95, busy_board=True),
    "10m": Size(vets=200, branches=4, owners=1_000_000, pets=2_000_000, days=2_900, fill=0.95, busy_board=True),
}


class Clinic:
    """Draws the rows of a clinic into a loader."""

    def __init__(self, size: Size, words: Words, seed: int, users: dict[str, int], now: dt.datetime):
        self.size, self.words, self.users, self.now = size, words, users, now
        self.lot = random.Random(seed)
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self.today = now.astimezone(self.zone).date()
        self.first_day = self.today - dt.timedelta(days=size.days)
        self.ids: Counter[str] = Counter()
        self.numbers: Counter[int] = Counter()
        self.reasons = [(str(VisitReason(value).label), minutes) for value, minutes in VISIT_MINUTES.items()]

    def next_id(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]

    # -- who and what there is --------------------------------------------------------------------------

    def load(self, loader: Loader) -> None:
        self._staff(loader)
        self._prices(loader)
        self._people(loader)
        loader.flush()
        for offset in range(-self.size.days, self.size.ahead + 1):
            self._day(loader, self.today + dt.timedelta(days=offset))
            loader.flush_if_full()
        for year, number in self.numbers.items():
            loader.add("invoice_counter", year, number)

    def _staff(self, loader: Loader) -> None:
        for name in self.words.branches[: self.size.branches]:
            loader.add("branch", self.next_id("branch"), name, settings.TIME_ZONE)
        for name in self.words.specializations:
            loader.add("specialization", self.next_id("specialization"), name)
        self.vets: list[tuple[int, int]] = []
        for place in range(self.size.vets):
            vet = self.next_id("veterinarian")
            branch = 1 if place < 12 or self.size.branches == 1 else 2 + place % (self.size.branches - 1)
            if self.size.branches == 2:
                branch = 1 + place % 2
            self.vets.append((vet, branch))
            loader.add(
                "veterinarian",
                vet,
                1 + place % len(self.words.specializations),
                self.lot.choice(self.words.first_names),
                self.words.last_names[place % len(self.words.last_names)],
                self.users["vet"] if place == 0 else None,
                branch,
            )
            for weekday in range(1, 8):
                loader.add("working_hours", vet, weekday, OPENS, LUNCH)
                loader.add("working_hours", vet, weekday, LUNCH_ENDS, CLOSES)

    def _prices(self, loader: Loader) -> None:
        """Every fifth service was cheaper until a third of the time ago: the list has a history."""
        self.prices: dict[str, list[tuple[dt.date, int, Decimal]]] = {}
        self.names: dict[str, str] = {}
        in_roubles = settings.CLINIC_CURRENCY == "RUB"
        start, change = self.first_day - dt.timedelta(days=1), self.today - dt.timedelta(days=self.size.days // 3 + 1)
        for place, (code, category, unit, roubles, russian, english) in enumerate(PRICES):
            name = russian if self.words.phone_prefix == "+79" else english
            cost = (
                Decimal(roubles)
                if in_roubles
                else (Decimal(roubles) * Decimal(str(ROUBLES_TO_OTHERS))).quantize(KOPECK)
            )
            steps = (
                [(start, change, cost * 9 / 10), (change, OPEN_END, cost)]
                if place % 5 == 0
                else [(start, OPEN_END, cost)]
            )
            self.names[code] = name
            for begins, ends, price in steps:
                row = self.next_id("service")
                price = price.quantize(KOPECK)
                self.prices.setdefault(code, []).append((begins, row, price))
                loader.add("service", row, name, code, category, unit, price, begins, ends)
        self.codes = list(self.prices)

    def _people(self, loader: Loader) -> None:
        lot, words = self.lot, self.words
        digits = 14 - len(words.phone_prefix) - (2 if words.phone_prefix == "+79" else 1)
        for _owner in range(self.size.owners):
            owner = self.next_id("pet_owner")
            phone = f"{words.phone_prefix}{(owner * 7_919_317 + 1_234_567) % 10 ** (digits):0{digits}}"
            address = f"{lot.choice(words.streets)}, {lot.randint(1, 120)}"
            loader.add("pet_owner", owner, lot.choice(words.first_names), lot.choice(words.last_names), phone, address)
            loader.flush_if_full()
        self.owner_of = [0]
        for place in range(self.size.pets):
            owner = place + 1 if place < self.size.owners else lot.randint(1, self.size.owners)
            species = lot.choice(SPECIES)
            self.owner_of.append(owner)
            loader.add(
                "pet",
                self.next_id("pet"),
                owner,
                lot.choice(words.pets[species]),
                species,
                lot.choice(words.breeds.get(species, [""])),
                self.first_day - dt.timedelta(days=lot.randint(60, 4000)),
                lot.choice(["male", "female"]),
                lot.choice(words.colors),
                lot.choice(words.cautions) if lot.random() < 0.05 else "",
            )
            loader.flush_if_full()

    # -- what happened -----------------------------------------------------------------------------------

    def _day(self, loader: Loader, day: dt.date) -> None:
        """The visits of a day, each of another animal, so that none is in two places."""
        slots = [slot for vet, branch in self.vets for slot in self._slots(vet, branch, day)]
        pets = self.lot.sample(range(1, self.size.pets + 1), min(len(slots), self.size.pets))
        for (vet, start, end, reason), pet in zip(slots, pets, strict=False):
            self._visit(loader, vet, pet, start, end, reason)

    def _slots(self, vet: int, branch: int, day: dt.date):
        lot = self.lot
        if self.size.busy_board and day == self.today and branch == 1:
            begin = dt.datetime.combine(day, OPENS, self.zone)
            for place in range(60):
                start = begin + dt.timedelta(minutes=10 * place + (60 if place >= 24 else 0))
                yield vet, start, start + dt.timedelta(minutes=10), self.reasons[0][0]
            return
        fill = self.size.fill if day <= self.today else self.size.fill * 0.6
        fill = min(0.85, fill + 0.3) if day == self.today and self.size.vets < 20 else fill
        for opens, closes in ((OPENS, LUNCH), (LUNCH_ENDS, CLOSES)):
            start = dt.datetime.combine(day, opens, self.zone)
            end_of_work = dt.datetime.combine(day, closes, self.zone)
            while True:
                reason, minutes = lot.choices(self.reasons, weights=[8, 6, 4, 3, 3, 3, 1, 2])[0]
                minutes = -(-minutes // 15) * 15
                end = start + dt.timedelta(minutes=minutes)
                if end > end_of_work:
                    break
                if lot.random() < fill:
                    yield vet, start, end, reason
                start = end

    def _visit(self, loader: Loader, vet: int, pet: int, start: dt.datetime, end: dt.datetime, reason: str) -> None:
        visit = self.next_id("appointment")
        status = self._status(start, end)
        seen = status in (S.ARRIVED, S.IN_PROGRESS, S.COMPLETED)
        arrived = min(start - dt.timedelta(minutes=5), self.now - dt.timedelta(minutes=6)) if seen else None
        started = start if status in (S.IN_PROGRESS, S.COMPLETED) else None
        finished = end if status == S.COMPLETED else None
        loader.add(
            "appointment", visit, pet, vet, start, end, reason, int(status), arrived, started, finished,
            self.users["reception"],
        )  # fmt: skip
        if status in (S.IN_PROGRESS, S.COMPLETED):
            self._record(loader, visit, vet, pet, start, finished)

    def _status(self, start: dt.datetime, end: dt.datetime) -> AppointmentStatus:
        if end <= self.now:
            return self.lot.choices([S.COMPLETED, S.NO_SHOW, S.CANCELLED], weights=[93, 4, 3])[0]
        if start <= self.now:
            return S.IN_PROGRESS
        if start - self.now < dt.timedelta(minutes=40) and self.lot.random() < 0.6:
            return S.ARRIVED
        return self.lot.choice([S.SCHEDULED, S.CONFIRMED, S.CONFIRMED])

    def _record(self, loader, visit: int, vet: int, pet: int, start: dt.datetime, finished: dt.datetime | None) -> None:
        lot, words, record = self.lot, self.words, self.next_id("medical_record")
        diagnosis = lot.choice(words.diagnoses) if finished else ""
        prescription = lot.choice(words.prescriptions) if finished else ""
        loader.add(
            "medical_record", record, visit, lot.choice(words.complaints), diagnosis, prescription, vet, start, finished
        )
        day, lines = start.date(), []
        for code in ["exam", *lot.sample(self.codes[8:], lot.choice([0, 1, 1, 2]))]:
            service, price = self._price(code, day)
            quantity = Decimal(lot.choice(["1", "1", "1", "2", "0.5"]) if code != "exam" else "1")
            treatment = self.next_id("treatment")
            loader.add("treatment", treatment, visit, service, day, quantity, price, vet)
            total = (quantity * price).quantize(KOPECK, ROUND_HALF_UP)
            lines.append((treatment, service, self.names[code], quantity, price, Decimal(0), total))
        if finished:
            self._invoice(loader, record, self.owner_of[pet], finished, lines)

    def _price(self, code: str, day: dt.date) -> tuple[int, Decimal]:
        _begins, service, price = max(step for step in self.prices[code] if step[0] <= day)
        return service, price

    def _invoice(self, loader: Loader, record: int, owner: int, finished: dt.datetime, lines: list[tuple]) -> None:
        """Most are paid on the spot; of today's some wait at the till, of the last month's a few are owed."""
        invoice, amount = self.next_id("invoice"), sum(line[-1] for line in lines)
        day = finished.astimezone(self.zone).date()
        age, draw = (self.today - day).days, self.lot.random()
        status = InvoiceStatus.PAID
        if age == 0 and draw < 0.25:
            status = InvoiceStatus.DRAFT
        elif age < 40 and draw < 0.05:
            status = InvoiceStatus.ISSUED
        elif age < 40 and draw < 0.08:
            status = InvoiceStatus.PART_PAID
        issued: tuple = (None, None, None, None)
        if status != InvoiceStatus.DRAFT:
            self.numbers[day.year] += 1
            issued = (day.year, self.numbers[day.year], finished, day + dt.timedelta(days=14))
        date = day if status != InvoiceStatus.DRAFT else None
        loader.add("invoice", invoice, owner, record, date, amount, int(status), *issued)
        for line in lines:
            loader.add("invoice_line", invoice, *line)
        if status in (InvoiceStatus.PAID, InvoiceStatus.PART_PAID):
            paid = amount if status == InvoiceStatus.PAID else (amount / 2).quantize(KOPECK)
            method = self.lot.choices(["card", "cash", "transfer"], weights=[6, 3, 1])[0]
            loader.add("payment", invoice, paid, method, finished, self.users["reception"])
