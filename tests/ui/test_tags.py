"""What the template tags write."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.utils import translation

from tests.factories import UserFactory
from vetclinic.ui.templatetags import ui


@pytest.mark.parametrize(
    ("language", "currency", "amount", "text"),
    [
        ("ru", "RUB", Decimal("1250.00"), "1 250 ₽"),
        ("ru", "RUB", Decimal("1250.50"), "1 250,50 ₽"),
        ("ru", "RUB", 0, "0 ₽"),
        ("ru", "RUB", Decimal("-1234567.8"), "−1 234 567,80 ₽"),
        ("ru", "EUR", Decimal("91"), "91,00 €"),
        ("ru", "CHF", Decimal("91"), "91,00 CHF"),
        ("en", "RUB", Decimal("1250.50"), "₽1,250.50"),
        ("en", "RUB", Decimal("1250"), "₽1,250"),
        ("en", "EUR", Decimal("91"), "€91.00"),
        ("en", "USD", Decimal("-0.5"), "−$0.50"),
        ("en", "KZT", Decimal("12000"), "₸12,000"),
        ("en", "CHF", Decimal("91"), "CHF 91.00"),
        ("en", "RUB", None, ""),
    ],
)
def test_money_in_a_language_and_currency_is_written_its_way(settings, language, currency, amount, text):
    settings.CLINIC_CURRENCY = currency

    with translation.override(language):
        written = ui.money(amount)

    assert written == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(Decimal("1.000"), "1"), (Decimal("0.500"), "0,5"), (Decimal("100"), "100"), (Decimal("0"), "0"), (None, "")],
)
def test_quantity_in_russian_has_no_needless_zeros(amount, text):
    with translation.override("ru"):
        assert ui.quantity(amount) == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("+79161234567", "+7\u00a0916\u00a0123-45-67"),
        ("+447700900456", "+44\u00a07700\u00a0900456"),
        ("", ""),
        ("no phone", "no phone"),
    ],
)
def test_phone_is_written_readably(stored, text):
    assert ui.phone(stored) == text


@pytest.mark.parametrize(
    ("born", "text"),
    [
        (dt.date(2022, 1, 10), "4 years 2 months"),
        (dt.date(2022, 3, 15), "4 years"),
        (dt.date(2022, 3, 16), "3 years 11 months"),
        (dt.date(2025, 2, 1), "1 year 1 month"),
        (dt.date(2026, 1, 31), "1 month"),
        (dt.date(2026, 3, 14), "1 day"),
        (dt.date(2026, 3, 15), "0 days"),
        (dt.date(2026, 3, 16), ""),
        (None, ""),
    ],
)
def test_age_on_a_day_is_told_in_years_and_months(born, text):
    with translation.override("en"):
        assert ui.age(born, dt.date(2026, 3, 15)) == re.sub(r"(\d) ", "\\1\u00a0", text)


@pytest.mark.parametrize(("species", "name"), [("cat", "cat"), ("Rodent", "hamster"), ("goat", "paw"), ("", "paw")])
def test_species_has_an_icon_or_a_paw(species, name):
    assert ui.species_icon(species) == name


def test_status_of_a_visit_has_its_colour():
    assert [ui.status_class(status) for status in range(1, 8)] == [
        "booked", "conf", "wait", "in", "done", "miss", "miss",
    ]  # fmt: skip


def test_icon_with_markup_in_its_name_is_escaped():
    written = Template("{% icon name %}").render(Context({"name": '"><b>'}))

    assert "<b>" not in written


def test_may_for_nobody_is_no():
    assert ui.may(AnonymousUser(), "see_board") is False


@pytest.mark.parametrize(("role", "answer"), [("manager", True), ("reception", False)])
def test_may_follows_the_access_matrix(role, answer):
    person = UserFactory.build(role=role)

    assert Template('{{ person|may:"see_income" }}').render(Context({"person": person})) == str(answer)


@pytest.mark.parametrize(
    ("text", "searched", "expected"),
    [
        ("+7 916 204-45-67", "4567", "+7 916 204-<mark>45-67</mark>"),
        ("+7 916 204-45-67", "(916) 204", "+7 <mark>916 204</mark>-45-67"),
        ("Ковалёва Мария", "ковале", "<mark>Ковалё</mark>ва Мария"),
        ("Зефир", "зеф тит", "<mark>Зеф</mark>ир"),
        ("<b>Rex</b>", "b", "&lt;<mark>b</mark>&gt;Rex&lt;/<mark>b</mark>&gt;"),
        ("Rex", "", "Rex"),
        ("Rex", "😀", "Rex"),
        ("a+b", "+", "a+b"),
    ],
)
def test_what_was_searched_for_is_marked(text, searched, expected):
    assert ui.marked(text, searched) == expected
