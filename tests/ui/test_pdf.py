"""Documents as PDF: what they may read, and whether what was written can be read back from them."""

import io
import logging

import pytest
from django.template import engines
from PIL import ImageFile
from pypdf import PdfReader

from vetclinic.ui import pdf as module
from vetclinic.ui.pdf import pdf, pdf_response

TEXT = "Выписка: Барсик Ёжиков — 1 250,50 ₽, «да» № 5, −3 × ½"


@pytest.fixture
def draw(monkeypatch):
    """The PDF of a text of a template."""

    def of(body: str, **context) -> bytes:
        source = '{% extends "print/base.html" %}{% block content %}' + body + "{% endblock %}"
        template = engines["django"].from_string(source)
        monkeypatch.setattr(module, "render_to_string", lambda name, values: template.render(values))
        return pdf("", {"clinic_name": "Лапа", **context}, language="ru")

    return of


def test_pdf_of_a_russian_text_reads_back_with_its_fonts_embedded(draw):
    reader = PdfReader(io.BytesIO(draw("<h1>{{ text }}</h1>", text=TEXT)))

    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]

    assert TEXT in reader.pages[0].extract_text()
    assert all("/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "css/../../pyproject.toml"])
def test_pdf_with_a_picture_from_elsewhere_does_not_read_it(draw, address, caplog):
    with caplog.at_level(logging.ERROR, "weasyprint"):
        content = draw(f'<img src="{address}"><p>rest</p>')

    assert "Not one of the site's own files" in caplog.text
    assert "rest" in PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_drawing_leaves_half_pictures_refused_in_the_rest_of_the_process(draw):
    draw("<p>anything</p>")

    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_pdf_is_shown_by_the_browser_and_has_a_name():
    response = pdf_response(b"%PDF", "visit-5")

    assert response.headers["Content-Disposition"] == 'inline; filename="visit-5.pdf"'
