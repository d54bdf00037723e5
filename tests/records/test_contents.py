"""What a file is, told by its content: what is kept, and what is refused with which words."""

import io
import struct
import zlib

import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from records.contents import look_into
from records.models.attachment import JPEG, PDF, PNG, WEBP
from tests.records.uploads import pdf, picture
from vetclinic.refusals import RuleViolation

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF_AND_HTML = b"GIF89a/*<html><script>alert(1)</script>*/=1;"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1"


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 10^10 pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"x")) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def add_program(writer) -> None:
    program = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(program)


GOOD = [
    (picture("JPEG"), JPEG),
    (picture("PNG"), PNG),
    (picture("PNG", mode="RGBA"), PNG),
    (picture("PNG", mode="I;16"), PNG),
    (picture("PNG", mode="P"), PNG),
    (picture("JPEG", mode="CMYK"), JPEG),
    (picture("WEBP"), WEBP),
    (pdf(), PDF),
]
REFUSED = {
    "svg": (SVG, "attachment_type"),
    "html": (b"<!doctype html><script>alert(1)</script>", "attachment_type"),
    "gif and html": (GIF_AND_HTML, "attachment_type"),
    "html before a pdf": (b"<html></html>" + pdf(), "attachment_type"),
    "text": (b"hello", "attachment_type"),
    "one byte": (b"\x89", "attachment_type"),
    "heic": (HEIC, "attachment_type"),
    "half a jpeg": (picture("JPEG", size=(400, 300))[:-400], "attachment_broken"),
    "half a png": (picture("PNG", size=(400, 300))[:-60], "attachment_broken"),
    "half a webp": (picture("WEBP", size=(400, 300))[:-40], "attachment_broken"),
    "head of a jpeg": (b"\xff\xd8\xff\xe0<html>", "attachment_broken"),
    "bomb": (bomb(), "attachment_pixels"),
    "half a pdf": (pdf()[:-200], "attachment_broken"),
    "head of a pdf": (b"%PDF-1.7\n", "attachment_broken"),
    "rubbish with both ends of a pdf": (b"%PDF-1.7\nrubbish\nstartxref\n0\n%%EOF", "attachment_broken"),
    "pdf with a password": (
        pdf(change=lambda writer: writer.encrypt("x", algorithm="RC4-128")),
        "attachment_encrypted",
    ),
    "pdf with a program": (pdf(change=add_program), "attachment_active"),
    "pdf with a file": (pdf(change=lambda writer: writer.add_attachment("a.exe", b"MZ")), "attachment_active"),
}


@pytest.mark.parametrize(("content", "content_type"), GOOD)
def test_content_that_is_kept_is_known_by_its_type(content, content_type):
    assert look_into(io.BytesIO(content)).content_type == content_type


@pytest.mark.parametrize("what", REFUSED)
def test_content_that_is_not_kept_is_refused(what):
    content, code = REFUSED[what]

    with pytest.raises(RuleViolation) as refusal:
        look_into(io.BytesIO(content))

    assert (refusal.value.code, refusal.value.field) == (code, "file")


def test_pdf_that_only_forbids_printing_is_kept():
    content = pdf(change=lambda writer: writer.encrypt("", owner_password="x", algorithm="RC4-128"))

    assert look_into(io.BytesIO(content)).content_type == PDF


def test_small_picture_is_a_jpeg_for_lists():
    found = look_into(io.BytesIO(picture("PNG", mode="RGBA", size=(1600, 800))))

    small = Image.open(io.BytesIO(found.small))
    assert (small.format, small.size) == ("JPEG", (160, 80))


def test_grey_of_sixteen_bits_keeps_its_brightness_when_small():
    out = io.BytesIO()
    Image.new("I;16", (40, 30), 32768).save(out, "PNG")

    found = look_into(out)

    assert abs(Image.open(io.BytesIO(found.small)).getpixel((5, 5)) - 128) < 3
