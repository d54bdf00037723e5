"""What a file really is: told by what is in it, not by its name or by what the browser says of it."""

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from records.models.attachment import JPEG, PDF, PNG, WEBP
from vetclinic.refusals import RuleViolation, Text

LARGEST_PIXELS = 40_000_000
TOO_MANY_PIXELS = _("This picture has more than 40 megapixels. Make it smaller and add that.")
LARGEST_PDF_OBJECTS = 100_000
SMALL = (160, 160)
TYPES = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
# What runs, opens other programs or carries further files past these checks. A result of a laboratory needs none of
# it; the bytes are kept as they came, so the whole file is refused and not a part silently cut out.
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMedia", "/XFA"}
ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"}
_one_at_a_time = threading.Lock()  # a picture of 40 megapixels takes 160 MB while it is decoded


@dataclass(frozen=True)
class Found:
    """A file that may be kept: its type, and of a picture a small JPEG for lists."""

    content_type: str
    small: bytes | None = None


def look_into(file: File | BinaryIO) -> Found:
    """What the file is, read whole. RuleViolation when it is nothing that is kept here."""
    file.seek(0)
    head = file.read(16)
    if head.startswith(b"%PDF-"):
        _check_pdf(file)
        return Found(PDF)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _picture(file)
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        raise _refusal("type", _("Pictures in HEIC cannot be shown here. Save the picture as JPEG and add that."))
    raise _refusal("type", _("Only pictures (JPEG, PNG, WebP) and PDF are kept here, whatever the name of the file."))


def _picture(file: BinaryIO) -> Found:
    broken = _refusal("broken", _("This picture is damaged or not complete. Save it anew and add that file."))
    try:
        with _one_at_a_time:
            return _decoded(file)
    except RuleViolation:
        raise
    except Image.DecompressionBombError as error:
        raise _refusal("pixels", TOO_MANY_PIXELS) from error
    except Exception as error:  # what a decoder raises on rubbish is listed nowhere
        raise broken from error


def _decoded(file: BinaryIO) -> Found:
    file.seek(0)
    with Image.open(file, formats=list(TYPES)) as picture:
        if picture.width * picture.height > LARGEST_PIXELS:
            raise _refusal("pixels", TOO_MANY_PIXELS)
        picture.verify()
    file.seek(0)
    with Image.open(file, formats=list(TYPES)) as picture:  # verify() leaves nothing to decode
        picture.load()
        small = ImageOps.exif_transpose(picture)
        small.thumbnail(SMALL)
        return Found(TYPES[str(picture.format)], _as_jpeg(small))


def _as_jpeg(picture: Image.Image) -> bytes:
    if picture.mode.startswith("I"):  # 16 bits of grey, as X-ray machines write them
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _check_pdf(file: BinaryIO) -> None:
    broken = _refusal("broken", _("This PDF is damaged or not complete. Get it anew and add that file."))
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        raise broken
    try:
        file.seek(0)
        _check_objects(PdfReader(file))
    except RuleViolation:
        raise
    except Exception as error:  # what a parser raises on rubbish is listed nowhere
        raise broken from error


def _check_objects(reader: PdfReader) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        raise _refusal("encrypted", _("This PDF asks for a password. Save it without one and add that."))
    if not len(reader.pages):
        raise _refusal("broken", _("This PDF has no pages."))
    for entry in _dictionaries(reader):
        if ACTIVE_KEYS & entry.keys() or entry.get("/S") in ACTIVE_ACTIONS:
            raise _refusal(
                "active", _("This PDF holds a program or further files. Print it into a new PDF and add that.")
            )


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, reached from a page or not. What is indirect is visited by its number."""
    numbers = {number for table in reader.xref.values() for number in table} | set(reader.xref_objStm)
    if len(numbers) > LARGEST_PDF_OBJECTS:
        raise _refusal("active", _("This PDF is too complicated to be checked. Print it into a new PDF and add that."))
    open_ones = [reader.trailer, *(reader.get_object(number) for number in numbers if number)]
    while open_ones:
        value = open_ones.pop()
        if isinstance(value, DictionaryObject):
            yield value
            open_ones += [part for part in value.values() if not isinstance(part, IndirectObject)]
        elif isinstance(value, list):
            open_ones += [part for part in value if not isinstance(part, IndirectObject)]


def _refusal(what: str, message: Text) -> RuleViolation:
    return RuleViolation(f"attachment_{what}", message, "file")
