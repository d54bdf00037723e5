"""What a measurement may be: how it is read from what was typed, and which values are usual for a species."""

import re
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from records.models.measurement import IMPOSSIBLE, Vital
from vetclinic.refusals import RuleViolation

DECIMALS = {Vital.WEIGHT: 3, Vital.TEMPERATURE: 1, Vital.PULSE: 0, Vital.RESPIRATION: 0}
MINUS = ("-", "\u2212")
LONGEST = 12  # digits that are looked at: so many are too many in any case
NUMBER = re.compile(r"([+\-\u2212]?)([0-9]+)(?:[.,]([0-9]+))?")


class Range(NamedTuple):
    low: Decimal
    high: Decimal


def _usual(weight: str, temperature: str, pulse: str, respiration: str) -> dict[Vital, Range]:
    texts = dict(zip(Vital, (weight, temperature, pulse, respiration), strict=True))
    return {kind: Range(*map(Decimal, text.split("–"))) for kind, text in texts.items()}


# The values usual at rest that handbooks of small animal practice give for adults (body temperature, heart and
# breathing rate), rounded outwards, as an animal at a clinic is excited; weights from the newborn to the largest
# breed. A group (rodents, birds, reptiles) spans its kinds; a reptile is as warm as its terrarium. They raise a
# question and never refuse a value. A species that is not here has no usual values.
USUAL: dict[str, dict[Vital, Range]] = {
    #                 weight, kg    temperature, °C  pulse, /min  respiration, /min
    "cat":     _usual("0.07–12",    "38.0–39.2",     "120–240",   "16–40"),
    "dog":     _usual("0.07–90",    "37.8–39.2",     "60–180",    "10–35"),
    "rabbit":  _usual("0.03–9",     "38.5–40.0",     "130–325",   "30–60"),
    "rodent":  _usual("0.005–2.5",  "36.0–39.5",     "230–600",   "40–160"),
    "bird":    _usual("0.005–15",   "39.5–43.0",     "100–700",   "10–100"),
    "reptile": _usual("0.002–60",   "20.0–38.0",     "10–120",    "2–40"),
}  # fmt: skip


def usual(species: str, kind: Vital) -> Range | None:
    """The usual values; None for a species without them."""
    return USUAL.get(species.strip().lower(), {}).get(kind)


def side(species: str, kind: Vital, value: Decimal) -> int:
    """-1 below what is usual, 1 above it, else 0."""
    known = usual(species, kind)
    if known is None:
        return 0
    return (value > known.high) - (value < known.low)


def read(kind: Vital, text: str) -> Decimal | None:
    """The number that a person typed, with a point or a comma; None for nothing. Raises RuleViolation."""
    text = text.strip()
    if not text:
        return None
    match = NUMBER.fullmatch(text)
    if not match:
        raise RuleViolation("measurement_is_a_number", _("Enter a number, as 4.5."), kind)
    sign, whole, rest = match.groups()
    rest = (rest or "").rstrip("0")
    value = Decimal(f"{int(whole[:LONGEST])}.{rest or 0}")
    check_possible(kind, -value if sign in MINUS else value)
    if len(rest) > DECIMALS[kind]:
        raise RuleViolation("measurement_too_fine", TOO_FINE[DECIMALS[kind]], kind)
    return value.normalize() + 0  # no exponent


def check_possible(kind: Vital, value: Decimal) -> None:
    """Only what no animal can have is refused; what is unusual is asked about."""
    if value <= 0:
        raise RuleViolation("measurement_is_possible", _("Enter a number above zero."), kind)
    if value >= IMPOSSIBLE[kind]:
        message = _("No animal has that: enter a number below %(most)s.") % {"most": IMPOSSIBLE[kind]}
        raise RuleViolation("measurement_is_possible", message, kind)


TOO_FINE = {0: _("Enter a whole number."), 1: _("Enter at most one decimal."), 3: _("Enter at most three decimals.")}


def write(value: Decimal | None) -> str:
    """The number as people of the present language type it: 4,5 in Russian; nothing for None."""
    if value is None:
        return ""
    return f"{value.normalize():f}".replace(".", get_format("DECIMAL_SEPARATOR"))
