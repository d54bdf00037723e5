"""CSV for spreadsheets: what was put in comes out, numbers can be added up, and nothing is a formula, wherever it is opened."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from vetclinic.ui.csv import NUMBER, csv_response, plain

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# A file of lines cannot hold NUL, nor a half of a surrogate pair; \r alone is read back as the end of a line.
TEXTS = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]))
SHARP = st.text(st.sampled_from("=+-@;,\t\n\"'1x＝"), max_size=8)
CELLS = TEXTS | SHARP
LANGUAGES = st.sampled_from(["ru", "en"])
SEPARATORS = {"ru": ";", "en": ","}


def text_of(table, language: str) -> str:
    with translation.override(language):
        answer = csv_response("table.csv", table)
    text = b"".join(answer.streaming_content).decode()
    assert text[0] == "\ufeff"
    return text[1:]


def read(table, language: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(table, language), newline=""), delimiter=SEPARATORS[language]))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), LANGUAGES)
def test_any_table_comes_back_as_it_was(table, language):
    assert [[plain(cell) for cell in row] for row in read(table, language)] == table


@given(CELLS, LANGUAGES)
def test_no_part_of_a_text_is_a_formula_whatever_separates_the_cells(cell, language):
    ((written,),) = read([[cell]], language)

    parts = [part.lstrip("\"'") for part in re.split(r"[;,\t\r\n]", written) if not re.match("\"*'", part)]
    assert NUMBER.fullmatch(written) or not any(part.startswith(FORMULA) for part in parts)


@given(st.lists(CELLS, min_size=1, max_size=4), LANGUAGES)
def test_every_cell_is_quoted(row, language):
    line = text_of([row], language)

    cells = [f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in read([row], language)[0]]
    assert line == f"{SEPARATORS[language].join(cells)}\r\n"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ru", '"-1086,50";"7";"0,00";"-3";"+79351234567";"\'-3 кошки"'),
        ("en", '"-1086.50","7","0.00","-3","+79351234567","\'-3 кошки"'),
    ],
)
def test_numbers_stay_numbers_as_the_language_writes_them(language, line):
    row = [Decimal("-1086.50"), 7, Decimal("0E-2"), -3, "+79351234567", "-3 кошки"]

    assert text_of([row], language) == f"{line}\r\n"


def test_rows_are_asked_for_while_the_answer_is_sent():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    sent = iter(csv_response("table.csv", rows()).streaming_content)
    before = [next(sent), next(sent), list(asked)]

    assert before == ["\ufeff".encode(), b'"0"\r\n', [0]]
