"""The price list and its past: which services there are, what they cost on a day, and which go with a visit."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from clinic.models.service import OPEN_END

# code: (category, unit, cost today in whole currency units)
SERVICES = {
    "exam": ("visit", "visit", 1000),
    "exam-repeat": ("visit", "visit", 650),
    "exam-specialist": ("visit", "visit", 1800),
    "exam-specialist-repeat": ("visit", "visit", 1200),
    "exam-urgent": ("visit", "visit", 2200),
    "advice": ("visit", "visit", 500),
    "second-opinion": ("visit", "visit", 900),
    "vaccine-cat": ("vaccine", "dose", 1700),
    "vaccine-dog": ("vaccine", "dose", 1800),
    "vaccine-rabies": ("vaccine", "dose", 1200),
    "vaccine-rabbit": ("vaccine", "dose", 1100),
    "vaccine-kennel-cough": ("vaccine", "dose", 1900),
    "blood-count": ("lab", "test", 850),
    "blood-chemistry": ("lab", "test", 2100),
    "urine": ("lab", "test", 750),
    "stool": ("lab", "test", 700),
    "cytology": ("lab", "test", 900),
    "skin-scrape": ("lab", "test", 650),
    "ear-smear": ("lab", "test", 600),
    "culture": ("lab", "test", 1900),
    "hormones": ("lab", "test", 1600),
    "pcr": ("lab", "test", 1100),
    "rapid-test": ("lab", "test", 1300),
    "ultrasound-abdomen": ("imaging", "test", 1900),
    "ultrasound-heart": ("imaging", "test", 3200),
    "ultrasound-organ": ("imaging", "test", 1000),
    "x-ray": ("imaging", "test", 1300),
    "x-ray-two": ("imaging", "test", 2100),
    "ecg": ("imaging", "test", 1200),
    "castration-cat": ("surgery", "once", 3500),
    "castration-dog": ("surgery", "once", 7500),
    "spay-cat": ("surgery", "once", 6000),
    "spay-dog": ("surgery", "once", 11500),
    "wound": ("surgery", "once", 2500),
    "stitches-out": ("surgery", "once", 500),
    "bandage": ("surgery", "once", 600),
    "lump": ("surgery", "once", 5500),
    "anaesthesia": ("surgery", "once", 2800),
    "sedation": ("surgery", "once", 1400),
    "injection": ("therapy", "once", 200),
    "injection-vein": ("therapy", "once", 350),
    "drip": ("therapy", "once", 1100),
    "catheter": ("therapy", "once", 650),
    "bladder-catheter": ("therapy", "once", 1700),
    "physiotherapy": ("therapy", "once", 900),
    "hospital-day": ("therapy", "day", 2400),
    "teeth-cleaning": ("dental", "once", 4200),
    "tooth-out": ("dental", "once", 1500),
    "tooth-polish": ("dental", "once", 1300),
    "nails": ("grooming", "once", 450),
    "ears": ("grooming", "once", 400),
    "wash": ("grooming", "once", 1500),
    "trim": ("grooming", "once", 800),
    "antibiotic": ("drug", "ml", 180),
    "painkiller": ("drug", "ml", 260),
    "antiemetic": ("drug", "ml", 420),
    "antiparasitic": ("drug", "pill", 1450),
    "deworming": ("drug", "pill", 380),
    "microchip": ("other", "once", 1500),
    "passport": ("other", "once", 300),
    "collar": ("other", "once", 550),
}
# What a visit of a reason certainly has ("" is the animal's own vaccine or operation), and what it may have.
BILLED = {
    "check_up": (
        ("exam",),
        ("blood-count", "ear-smear", "skin-scrape", "x-ray", "injection", "antibiotic", "painkiller", "antiparasitic"),
    ),
    "vaccine": (("exam", ""), ("vaccine-rabies", "deworming", "passport")),
    "recheck": (("exam-repeat",), ("bandage", "stitches-out", "injection", "ear-smear", "painkiller")),
    "lab_tests": (("blood-count",), ("blood-chemistry", "urine", "stool", "hormones", "pcr", "culture")),
    "ultrasound": (("ultrasound-abdomen",), ("exam-specialist", "ecg", "ultrasound-heart", "urine")),
    "grooming": (("nails",), ("ears", "trim", "wash")),
    "surgery": (("", "anaesthesia"), ("catheter", "drip", "painkiller", "antibiotic", "collar", "teeth-cleaning")),
    "other": (("advice",), ("microchip", "passport", "second-opinion", "deworming")),
}
OWN_VACCINE = {"cat": "vaccine-cat", "dog": "vaccine-dog", "rabbit": "vaccine-rabbit"}
OWN_OPERATION = {
    ("cat", "male"): "castration-cat",
    ("cat", "female"): "spay-cat",
    ("dog", "male"): "castration-dog",
    ("dog", "female"): "spay-dog",
}
# What the clinic pays itself, in per cent of the price; of work by hand nothing is known.
BOUGHT = {"vaccine": 45, "lab": 50, "drug": 60, "other": 55}
PARTS = {"ml": (250, 350, 500, 800, 1000, 1500), "pill": (500, 1000, 1000, 2000)}  # thousandths of a unit
DAYS_BETWEEN_CHANGES = 180


@dataclass(frozen=True)
class Price:
    id: int
    code: str
    cost: int  # hundredths of the currency's unit
    since: int  # days as ordinals
    until: int | None

    @property
    def category(self) -> str:
        return SERVICES[self.code][0]

    @property
    def paid(self) -> str | None:
        """What a unit costs the clinic itself, where that is known."""
        return money(self.cost * BOUGHT[self.category] // 100) if self.category in BOUGHT else None


class PriceList:
    """Every price there was from `first_day` on. Some go up now and then, today's are those of SERVICES."""

    def __init__(self, draw: Random, first_day: dt.date, today: dt.date):
        first, last = first_day.toordinal() - 30, today.toordinal()
        changes = range(last - min(DAYS_BETWEEN_CHANGES, (last - first) // 3), first, -DAYS_BETWEEN_CHANGES)
        self.prices: list[Price] = []
        self._by_code: dict[str, tuple[list[int], list[Price]]] = {}
        for code, (_category, _unit, cost) in SERVICES.items():
            starts = [first, *sorted(day for day in changes if draw.random() < 0.3)]
            costs = [cost * 100]
            for _change in starts[1:]:
                costs.insert(0, max(1000, int(costs[0] / (1.03 + draw.random() * 0.06)) // 1000 * 1000))
            ends = [*starts[1:], None]
            of_code = [
                Price(len(self.prices) + n, code, *row)
                for n, row in enumerate(zip(costs, starts, ends, strict=True), 1)
            ]
            self.prices += of_code
            self._by_code[code] = (starts, of_code)

    def on(self, code: str, day: int) -> Price:
        starts, prices = self._by_code[code]
        return prices[bisect_right(starts, day) - 1]

    def rows(self, words) -> Iterator[tuple]:
        for price in self.prices:
            category, unit, _cost = SERVICES[price.code]
            until = dt.date.fromordinal(price.until) if price.until else OPEN_END
            since = dt.date.fromordinal(price.since)
            name, unit = words.SERVICES[price.code], words.UNITS[unit]
            yield price.id, name, "", money(price.cost), until, True, price.code, category, unit, since, price.paid


@dataclass(frozen=True)
class Billed:
    """A service carried out: price, quantity in thousandths, discount and total in hundredths."""

    price: Price
    quantity: int
    discount: int

    @property
    def total(self) -> int:
        """Rounded half up, as the database does it."""
        return (self.quantity * self.price.cost - self.discount * 1000 + 500) // 1000


def services_of_visit(draw: Random, reason: str, species: str, gender: str) -> list[tuple[str, int, bool]]:
    """(code, quantity in thousandths, whether discounted) of what was done at a visit: two or so, up to four."""
    certain, possible = BILLED[reason]
    own = (
        OWN_VACCINE.get(species, "vaccine-rabies")
        if reason == "vaccine"
        else OWN_OPERATION.get((species, gender), "lump")
    )
    codes = [code or own for code in certain]
    for _more in range(int(draw.random() * 3)):
        code = possible[int(draw.random() * len(possible))]
        if code not in codes:
            codes.append(code)
    done = []
    for code in codes:
        parts = PARTS.get(SERVICES[code][1])
        quantity = parts[int(draw.random() * len(parts))] if parts else 1000
        done.append((code, quantity, draw.random() < 0.04))
    return done


def bill(prices: PriceList, done: list[tuple[str, int, bool]], day: int) -> list[Billed]:
    """What was done, at the prices of its day. A discount is a tenth, in whole units."""
    billed = []
    for code, quantity, discounted in done:
        price = prices.on(code, day)
        discount = quantity * price.cost // 1_000_000 * 100 if discounted else 0
        billed.append(Billed(price, quantity, discount))
    return billed


def money(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"
