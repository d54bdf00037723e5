"""Files for tests, drawn or written here: good ones, and those that must not be kept."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter


def picture(form: str = "PNG", *, mode: str = "RGB", size=(40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


def pdf(*, change=lambda writer: None) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    change(writer)
    writer.write(out)
    return out.getvalue()


def upload(content: bytes = b"", name: str = "scan.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture())
