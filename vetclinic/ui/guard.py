"""The first middleware: refuses input that Django itself would answer with a 500, or read for too long."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from vetclinic.ui.errors import bad_request_page, long_address_page, too_large_page, wrong_verb_page

VERBS = ("GET", "HEAD", "POST")
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
LONGEST_ADDRESS = 4000  # less than the web server's limit (deploy/gunicorn.conf.py), whose answer is no page of ours
CHARSETS = ("utf-8", "utf8", "us-ascii")
CHUNK = 2**16
DRAINED_CHUNKS = 256  # 16 MB
READ_PAST = 250 * 2**20


class BadInputGuard:
    """Refuses verbs that no page has, addresses that are too long, NUL characters, forms in a charset other than UTF-8,
    and bodies over the limit, before CSRF reads them.

    The limit of a form's fields is the limit of all bodies but of those that carry a file: of a file that is too
    large the upload handler keeps nothing, and up to READ_PAST the page can still say so beside what was typed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in VERBS:
            return wrong_verb_page(request, VERBS)
        if len(request.get_full_path()) > LONGEST_ADDRESS:
            return long_address_page(request, LONGEST_ADDRESS)
        if _has_nul(request) or _is_foreign(request):
            return bad_request_page(request)
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and _length(request) > _limit(request):
            _drain(request)
            return too_large_page(request)
        return self.get_response(request)


def _has_nul(request: HttpRequest) -> bool:
    """In a form's fields Django's own validators refuse NUL."""
    query = request.META.get("QUERY_STRING", "").replace("%00", "\x00")
    return any("\x00" in text for text in (request.path_info, query, *request.COOKIES.values()))


def _is_foreign(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    return request.content_type in FORM_TYPES and charset.lower().strip("\"'") not in CHARSETS


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _limit(request: HttpRequest) -> int:
    """The longest body that the address takes. Asked only of long ones."""
    try:
        takes_file = getattr(resolve(request.path_info).func, "takes_file", False)
    except Resolver404:
        takes_file = False
    if takes_file and request.content_type == "multipart/form-data":
        return max(READ_PAST, settings.ATTACHMENT_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _drain(request: HttpRequest) -> None:
    """Throw the body away: a server that hangs up while a browser still sends shows it no page at all."""
    for _chunk in range(DRAINED_CHUNKS):
        if not request.read(CHUNK):
            return
