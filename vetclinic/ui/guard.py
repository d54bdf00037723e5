"""The first middleware: refuses input that Django itself would answer with a 500."""

from django.http import HttpRequest, HttpResponse

from vetclinic.ui.errors import bad_request_page

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class BadInputGuard:
    """Refuses NUL bytes in path or query and forms in a charset other than UTF-8, before CSRF reads them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_foreign(request):
            return bad_request_page(request)
        return self.get_response(request)


def _is_foreign(request: HttpRequest) -> bool:
    if "\x00" in request.path_info or "\x00" in request.META.get("QUERY_STRING", "").replace("%00", "\x00"):
        return True
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    return request.content_type in FORM_TYPES and charset.lower().strip("\"'") not in (
        "utf-8",
        "utf8",
        "us-ascii",
    )
