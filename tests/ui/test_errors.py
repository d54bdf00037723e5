"""Error pages: in both languages, without a database, and with what to do next."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InternalError, OperationalError, ProgrammingError
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import include, path

from vetclinic.access.decorators import PUBLIC, allowed


@allowed(PUBLIC, "GET", "POST")
def failing(request, name):
    if name == "fine":
        return HttpResponse(request.POST.get("any", ""))
    raise FAULTS[name]()


def moved() -> InternalError:
    """What a primary that has become a standby answers to a write."""
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = Exception()
    error.__cause__.sqlstate = "25006"
    return error


FAULTS = {
    "400": SuspiciousOperation,
    "403": PermissionDenied,
    "404": Http404,
    "413": RequestDataTooBig,
    "500": ProgrammingError,
    "503": OperationalError,
    "503-moved": moved,
}

urlpatterns = [path("failing/<name>/", failing), path("", include("vetclinic.urls"))]
handler400 = "vetclinic.ui.errors.bad_request_page"
handler403 = "vetclinic.ui.errors.forbidden_page"
handler404 = "vetclinic.ui.errors.not_found_page"
handler500 = "vetclinic.ui.errors.server_error_page"

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
CODES = ["400", "403", "404", "413", "500", "503"]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("code", CODES)
def test_error_page_speaks_the_language_of_the_browser(visitor, code, language):
    answer = visitor.get(f"/failing/{code}/", headers={"Accept-Language": language})

    assert answer.status_code == int(code)
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize("code", CODES)
def test_error_page_speaks_the_language_that_was_chosen(visitor, code):
    visitor.cookies["django_language"] = "ru"

    answer = visitor.get(f"/failing/{code}/", headers={"Accept-Language": "en"})

    assert '<html lang="ru">' in answer.text


@pytest.mark.parametrize("code", CODES)
def test_error_page_says_what_to_do_and_nothing_of_the_program(visitor, code):
    answer = visitor.get(f"/failing/{code}/", headers={"Accept-Language": "en"})

    assert f"Error {code}" in answer.text
    assert 'class="btn p"' in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_form_with_a_stale_token_is_told_to_reload():
    answer = Client(enforce_csrf_checks=True).post("/login/", {}, headers={"Accept-Language": "en"})

    assert answer.status_code == 403
    assert "This form is out of date" in answer.text


def test_nul_in_a_session_cookie_is_a_bad_request(visitor):
    answer = visitor.get("/failing/fine/", headers={"Cookie": r'sessionid="\000aaaaaaaaaaaa"'})

    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/failing/fine/?q=%00", "/search/\x00"])
def test_nul_in_the_address_is_a_bad_request(visitor, address):
    assert visitor.get(address).status_code == 400


@pytest.mark.parametrize("charset", ["utf-16", "koi8-r", "no-such", '"UTF-7"'])
def test_form_in_a_foreign_charset_is_a_bad_request(visitor, charset):
    content_type = f"application/x-www-form-urlencoded; charset={charset}"

    answer = visitor.generic("POST", "/login/", b"a=1", content_type=content_type)

    assert answer.status_code == 400


def test_body_over_the_limit_is_refused_with_the_limit(visitor):
    answer = visitor.post(
        "/failing/fine/", b"a=" + b"x" * 10_000_000, content_type="application/x-www-form-urlencoded",
        headers={"Accept-Language": "en"},
    )  # fmt: skip

    assert answer.status_code == 413
    assert "2.5\u00a0MB" in answer.text


def test_too_many_fields_are_a_bad_request(visitor):
    body = "&".join(f"f{number}=1" for number in range(1500))

    answer = visitor.post("/failing/fine/", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400


def test_missing_database_asks_to_come_again(visitor):
    answer = visitor.get("/failing/503/?day=2026-03-15")

    assert answer.headers["Retry-After"] == "5"
    assert 'href="/failing/503/?day=2026-03-15"' in answer.text


def test_missing_database_keeps_what_was_typed(visitor):
    typed = {"reason": 'cough "<b>', "pets": ["1", "2"], "csrfmiddlewaretoken": "t0ken"}

    answer = visitor.post("/failing/503/", typed)

    assert '<form method="post" action="/failing/503/">' in answer.text
    assert '<input type="hidden" name="reason" value="cough &quot;&lt;b&gt;">' in answer.text
    assert answer.text.count('name="pets"') == 2
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="t0ken">' in answer.text


def test_missing_database_never_shows_a_password(visitor):
    answer = visitor.post(
        "/failing/503/", {"username": "nora", "password": "very-private", "new_password1": "x-private"}
    )

    assert "private" not in answer.text
    assert "<form" not in answer.text


def test_primary_that_became_a_standby_counts_as_missing(visitor):
    assert visitor.get("/failing/503-moved/").status_code == 503


@pytest.mark.parametrize(("letters", "code"), [(600, 200), (700, 414)])
def test_address_that_is_too_long_is_told_so_in_the_sites_look(visitor, letters, code):
    answer = visitor.get("/login/", {"next": "ж" * letters}, headers={"Accept-Language": "ru"})

    assert (answer.status_code, "</html>" in answer.text) == (code, True)


@pytest.mark.parametrize("path", ["/login/", "/admin/", "/static/css/app.css", "/no/such/page"])
@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW"])
def test_verb_that_no_page_has_is_refused_in_the_sites_look(visitor, path, verb):
    answer = visitor.generic(verb, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "This page is opened in another way" in answer.text
