"""Names of files as people see them."""

import pytest

from records.file_names import clean_name
from records.models.attachment import JPEG, LONGEST_NAME, PDF

NAMES = [
    ("blood.pdf", PDF, "blood.pdf"),
    ("../../etc/x", PDF, "x.pdf"),
    ("C:\\temp\\scan.JPEG", JPEG, "scan.jpg"),
    ("page.html", JPEG, "page.html.jpg"),
    ("a\x00b\r\nc.pdf", PDF, "abc.pdf"),
    ("photo\u202egpj.exe", JPEG, "photogpj.exe.jpg"),
    ("🐈 кошка.png", JPEG, "🐈 кошка.jpg"),
    ("", PDF, "file.pdf"),
    ("...", PDF, "file.pdf"),
    (".pdf", PDF, "file.pdf"),
]


@pytest.mark.parametrize(("name", "content_type", "clean"), NAMES)
def test_name_is_cleaned_for_people(name, content_type, clean):
    assert clean_name(name, content_type) == clean


def test_long_name_is_cut_and_keeps_its_extension():
    name = clean_name("x" * 300 + ".pdf", PDF)

    assert len(name) == LONGEST_NAME
    assert name.endswith("x.pdf")
