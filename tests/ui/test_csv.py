"""CSV for spreadsheets: what was put in comes out, and nothing of it is a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from vetclinic.ui.csv import FORMULA, csv_response

# A file of lines cannot hold NUL, nor a half of a surrogate pair; \r alone is read back as the end of a line.
CELLS = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])) | st.sampled_from(
    [f"{sign}1+1" for sign in FORMULA if sign != "\r"]
)


def read(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text[0] == "\ufeff"
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5))
def test_any_table_comes_back_without_a_formula(table):
    found = read(csv_response("table.csv", table))

    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in table
    ]
    assert not any(cell.startswith(FORMULA) for row in found for cell in row)


def test_rows_are_asked_for_while_the_answer_is_sent():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    sent = iter(csv_response("table.csv", rows()).streaming_content)
    before = [next(sent), next(sent), list(asked)]

    assert before == ["\ufeff".encode(), b"0\r\n", [0]]
