"""How a measurement is read, what is usual, and what no animal can have."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clinic.enums import Species
from records.models import Vital
from records.models.measurement import IMPOSSIBLE
from records.vitals import DECIMALS, USUAL, read, side, write
from vetclinic.refusals import RuleViolation

KINDS = st.sampled_from(list(Vital))


@pytest.mark.parametrize(
    ("text", "value"),
    [("4,5", "4.5"), ("4.5", "4.5"), (" 4.50 ", "4.5"), ("0,025", "0.025"), ("+7", "7"), ("0007", "7"), ("100", "100")],
)
def test_number_is_read_with_a_point_or_a_comma(text, value):
    assert read(Vital.WEIGHT, text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_is_read_as_nothing(text):
    assert read(Vital.PULSE, text) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Vital.WEIGHT, "-1"),
        (Vital.WEIGHT, "\u22121"),
        (Vital.WEIGHT, "0"),
        (Vital.WEIGHT, "1000000000"),
        (Vital.WEIGHT, "2000"),
        (Vital.TEMPERATURE, "50"),
        (Vital.PULSE, "9" * 300),
    ],
)
def test_number_that_no_animal_has_is_refused(kind, text):
    with pytest.raises(RuleViolation) as refusal:
        read(kind, text)

    assert (refusal.value.code, refusal.value.field) == ("measurement_is_possible", kind)


@pytest.mark.parametrize(
    "text", ["abc", "1e3", "4..5", "4,5,6", "NaN", "٤", "²", "4 5", "1/2", "<b>4</b>", "\x00", "🐈"]
)
def test_text_that_is_no_number_is_refused(text):
    with pytest.raises(RuleViolation) as refusal:
        read(Vital.WEIGHT, text)

    assert refusal.value.code == "measurement_is_a_number"


@pytest.mark.parametrize(
    ("kind", "text"), [(Vital.WEIGHT, "4.0001"), (Vital.TEMPERATURE, "38.55"), (Vital.PULSE, "80.5")]
)
def test_more_decimals_than_are_kept_are_refused(kind, text):
    with pytest.raises(RuleViolation) as refusal:
        read(kind, text)

    assert refusal.value.code == "measurement_too_fine"


@given(kind=KINDS, text=st.text(max_size=30))
def test_any_text_is_a_possible_number_or_a_refusal(kind, text):
    try:
        value = read(kind, text)
    except RuleViolation as refusal:
        assert refusal.field == kind
    else:
        assert value is None or 0 < value < IMPOSSIBLE[kind]


@given(kind=KINDS, share=st.floats(0.001, 0.97), language=st.sampled_from(["ru", "en"]))
def test_number_as_it_is_written_is_read_back(kind, share, language):
    value = max(round(Decimal(IMPOSSIBLE[kind] * share), DECIMALS[kind]), Decimal(1))

    with translation.override(language):
        text = write(value)

    assert read(kind, text) == value
    assert ("," in text) == (language == "ru" and value != int(value))


def test_every_species_that_forms_offer_has_usual_values_of_every_kind():
    assert {species: set(ranges) for species, ranges in USUAL.items()} == {s.value: set(Vital) for s in Species}


@given(kind=KINDS, species=st.sampled_from(list(USUAL)))
def test_usual_values_are_a_range_of_possible_ones(kind, species):
    low, high = USUAL[species][kind]

    assert 0 < low < high < IMPOSSIBLE[kind]
    assert (side(species, kind, low), side(species, kind, high)) == (0, 0)
    assert (side(species, kind, low - Decimal("0.001")), side(species, kind, high + 1)) == (-1, 1)


@pytest.mark.parametrize(("species", "expected"), [("cat", 1), (" CAT ", 1), ("goat", 0), ("", 0)])
def test_species_without_usual_values_raises_no_question(species, expected):
    assert side(species, Vital.TEMPERATURE, Decimal("41")) == expected
