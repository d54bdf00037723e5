"""Documents as PDF, drawn by WeasyPrint from templates like those of the site, with the site's fonts embedded."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from vetclinic.refusals import RuleViolation

STATIC = (settings.BASE_DIR / "static").resolve()


def pdf(template: str, context: dict, *, language: str) -> bytes:
    """A template that extends print/base.html, drawn in a language. RuleViolation where Pango is not installed."""
    html_class, fetcher = _weasyprint()
    with translation.override(language):
        html = render_to_string(template, context)
    return html_class(string=html, base_url=STATIC.as_uri() + "/", url_fetcher=fetcher).write_pdf()


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """The browser shows it; `name` is what it is saved as, without .pdf."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


@cache
def _weasyprint():
    """Imported at the first document: it takes seconds, and a machine without Pango still serves all else."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        sentence = _(
            "This server cannot make PDFs yet: its administrator runs deploy/print-tools. Print the page instead."
        )
        raise RuleViolation("pdf_not_installed", sentence) from error

    class OwnFiles(URLFetcher):
        """Fetches the site's own style and fonts: what somebody typed must not make the server read anything else."""

        def fetch(self, url, headers=None):
            path = Path(url2pathname(urlsplit(url).path)).resolve()
            if not (url.startswith("file://") and path.is_relative_to(STATIC)):
                raise ValueError(f"Not one of the site's own files: {url}")
            return super().fetch(url, headers)

    return HTML, OwnFiles(allowed_protocols={"file"})
