"""Names of files that were made of what people typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetclinic.ui.names import LONGEST, file_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ёжик", "Ёжик"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x", "C__x"),
        ("a\r\nSet-Cookie: b", "a__Set-Cookie_ b"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("  ", "_"),
        ("..", "_"),
        ("x" * 300, "x" * LONGEST),
    ],
)
def test_name_is_one_part_of_a_path_and_one_line(typed, name):
    assert file_name(typed) == name


@given(st.text())
def test_name_of_any_text_is_harmless(typed):
    name = file_name(typed)

    assert name
    assert not set(name) & set('/\\\r\n\0"')
    assert not name.startswith(".")
    assert len(name) <= LONGEST
