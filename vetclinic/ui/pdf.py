"""Documents as PDF, drawn by WeasyPrint from templates like those of the site, with the site's fonts embedded."""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from PIL import ImageFile
from pypdf import PdfReader, PdfWriter

from vetclinic.refusals import RuleViolation
from vetclinic.ui.names import file_name

NOT_INSTALLED = "pdf_not_installed"
STATIC = (settings.BASE_DIR / "static").resolve()


def pdf(template: str, context: dict, *, language: str, first_page: int = 1) -> bytes:
    """A template that extends print/base.html, drawn in a language. RuleViolation where Pango is not installed."""
    html_class, css_class, fetcher = _weasyprint()
    with translation.override(language):
        html = render_to_string(template, context)
    numbering = css_class(string=f"@page :first {{ counter-reset: page {first_page} }}")
    document = html_class(string=html, base_url=STATIC.as_uri() + "/", url_fetcher=fetcher)
    return document.write_pdf(stylesheets=[numbering])


def joined(parts: Iterable[bytes]) -> bytes:
    """One PDF of several, titled as the first: a long document drawn in parts takes the memory of one part."""
    first, *rest = parts
    writer = PdfWriter(clone_from=BytesIO(first))
    for part in rest:
        writer.append(BytesIO(part))
    whole = BytesIO()
    writer.write(whole)
    return whole.getvalue()


def pages_in(content: bytes) -> int:
    return len(PdfReader(BytesIO(content)).pages)


def pdf_response(content: bytes, name: str, *, save: bool = False) -> HttpResponse:
    """The browser shows it, or saves it at once; `name` is any text, an animal's name for example, without .pdf."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(save, f"{file_name(name)}.pdf") or "inline"
    return response


def check_can_print() -> None:
    """For what is sent while it is made: a refusal must come before its first byte."""
    _weasyprint()


def prints(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that draws a PDF: on a server that cannot, the answer is a page that says what to do, not an error."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except RuleViolation as violation:
            if violation.code != NOT_INSTALLED:
                raise
            return render(request, "ui/no_pdf.html", {"code": 501, "message": violation.message}, status=501)

    return answer


@cache
def _weasyprint():
    """Imported at the first document: it takes seconds, and a machine without Pango still serves all else."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher

        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets half pictures pass, in uploads of this process too
    except OSError as error:
        sentence = _(
            "This server cannot make PDFs yet: its administrator runs deploy/print-tools. Print the page instead."
        )
        raise RuleViolation(NOT_INSTALLED, sentence) from error

    class OwnFiles(URLFetcher):
        """Fetches the site's own style and fonts: what somebody typed must not make the server read anything else."""

        def fetch(self, url, headers=None):
            path = Path(url2pathname(urlsplit(url).path)).resolve()
            if not (url.startswith("file://") and path.is_relative_to(STATIC)):
                raise ValueError(f"Not one of the site's own files: {url}")
            return super().fetch(url, headers)

    return HTML, CSS, OwnFiles(allowed_protocols={"file"})
