"""Who gets what answer from every address of the site. An address without a row fails."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from django.urls import URLPattern, get_resolver, reverse

from tests.factories import UserFactory
from vetclinic.access.decorators import answers

ROOT = Path(__file__).parent.parent.parent
NOBODY_HAS = 999_999_999
NOT_LINKED = {"healthz", "health_live", "health_ready", "metrics"}  # for programs
ONE, TWO = {"pk": NOBODY_HAS}, {"pk": NOBODY_HAS, "treatment_pk": NOBODY_HAS}
MERGE = {"pk": NOBODY_HAS, "source_pk": NOBODY_HAS}
FILE = {"pk": NOBODY_HAS, "file_pk": NOBODY_HAS}
DOSE = {"pk": NOBODY_HAS, "dose_pk": NOBODY_HAS}
STEP = {"pk": NOBODY_HAS, "step": "arrive"}
ROLES = {"R": "reception", "V": "vet", "M": "manager", "A": "admin"}
EVERYBODY = "RVMA*"


class Row(NamedTuple):
    """`who`: letters of ROLES, * for strangers. `answer`: to a GET of who may. `kwargs`: of a row that does not exist."""

    permission: str
    who: str
    answer: int
    kwargs: dict = {}


MATRIX = {
    "home": Row("see_home", "RVMA", 302),
    "account": Row("see_home", "RVMA", 200),
    "board": Row("see_board", "RVM", 200),
    "login": Row("public", EVERYBODY, 200),
    "logout": Row("public", EVERYBODY, 405),
    "set_language": Row("public", EVERYBODY, 405),
    "code_ask": Row("see_home", "RVMA", 302),  # who has no telephone is sent home
    "send_again": Row("see_home", "RVMA", 302),  # nothing waits
    "password_change": Row("see_home", "RVMA", 200),
    "sessions_end": Row("see_home", "RVMA", 200),
    "second_factor": Row("see_home", "RVMA", 200),
    "recovery_codes": Row("see_home", "RVMA", 200),
    "second_factor_remove": Row("see_home", "RVMA", 200),
    "healthz": Row("public", EVERYBODY, 200),
    "operations": Row("see_operations", "A", 200),
    "health_live": Row("public", EVERYBODY, 200),
    "health_ready": Row("public", EVERYBODY, 200),
    "metrics": Row("public", EVERYBODY, 200),
    "booking": Row("book", "RVM", 200),
    "booking_hits": Row("book", "RVM", 200),
    "slots": Row("book", "RVM", 200),
    "waiting": Row("book", "RVM", 200),
    "waiting_add": Row("book", "RVM", 404, ONE),
    "waiting_close": Row("book", "RVM", 405, ONE),
    "working_time": Row("edit_hours", "M", 200),
    "vet_hours": Row("edit_hours", "M", 404, ONE),
    "exception_add": Row("edit_hours", "M", 404, ONE | {"whose": "vet"}),
    "exception_remove": Row("edit_hours", "M", 405, ONE),
    "prices": Row("see_prices", "RVMA", 200),
    "search": Row("see_owners", "RVM", 200),
    "appointment": Row("see_board", "RVM", 404, ONE),
    "appointment_step": Row("book", "RVM", 405, STEP),
    "appointment_cancel": Row("book", "RVM", 405, ONE),
    "appointment_move": Row("book", "RVM", 404, ONE),
    "appointment_undo": Row("book", "RVM", 405, {"pk": NOBODY_HAS, "change_pk": NOBODY_HAS}),
    "owner": Row("see_owners", "RVM", 404, ONE),
    "owner_edit": Row("edit_owners", "RM", 404, ONE),
    "pet": Row("see_owners", "RVM", 404, ONE),
    "pet_add": Row("edit_pets", "RVM", 404, ONE),
    "pet_edit": Row("edit_pets", "RVM", 404, ONE),
    "visit_answer": Row("public", EVERYBODY, 404, {"token": "nobody-has"}),
    "calendar_feed": Row("public", EVERYBODY, 404, {"secret": "nobody-has"}),
    "calendar_renew": Row("share_calendar", "V", 405),
    "visit": Row("see_records", "VM", 404, ONE),
    "visit_start": Row("write_records", "V", 405, ONE),
    "visit_hand_over": Row("hand_over_visits", "M", 405, ONE),
    "visit_finish": Row("write_records", "V", 405, ONE),
    "treatment_add": Row("write_records", "V", 405, ONE),
    "treatment_remove": Row("write_records", "V", 405, TWO),
    "draft_keep": Row("write_records", "V", 405, ONE),
    "draft_discard": Row("write_records", "V", 405, ONE),
    "record_fill": Row("write_records", "V", 405, ONE),
    "addendum_add": Row("write_records", "V", 405, ONE),
    "visit_dose_remove": Row("write_records", "V", 405, DOSE),
    "dose_add": Row("edit_pets", "RVM", 404, ONE),
    "dose_remove": Row("edit_pets", "RVM", 405, DOSE),
    "vaccination_paper": Row("see_owners", "RVM", 404, ONE),
    "vaccinations_due": Row("see_owners", "RVM", 200),
    "vaccinations_due_export": Row("export_lists", "M", 200),
    "invoices": Row("see_invoices", "RVM", 200),
    "invoice": Row("see_invoices", "RVM", 404, ONE),
    "invoice_issue": Row("issue_invoices", "RM", 405, ONE),
    "payment_take": Row("take_payments", "RM", 405, ONE),
    "income": Row("see_income", "M", 200),
    "appointments": Row("see_board", "RVM", 200),
    "appointments_export": Row("export_lists", "M", 200),
    "owners": Row("see_owners", "RVM", 200),
    "owners_export": Row("export_lists", "M", 200),
    "pets": Row("see_owners", "RVM", 200),
    "pets_export": Row("export_lists", "M", 200),
    "invoices_export": Row("export_lists", "M", 200),
    "pet_hand_over": Row("edit_owners", "RM", 404, ONE),
    "pet_death": Row("edit_pets", "RVM", 404, ONE),
    "pet_death_undo": Row("edit_owners", "RM", 405, ONE),
    "likely_owners": Row("book", "RVM", 200),
    "duplicates": Row("merge_owners", "M", 200),
    "merge_choose": Row("merge_owners", "M", 404, ONE),
    "owner_merge": Row("merge_owners", "M", 404, MERGE),
    "merge_undo": Row("merge_owners", "M", 405, ONE),
    "discharge": Row("print_discharge", "RVM", 404, ONE),
    "visit_paper": Row("see_records", "VM", 404, ONE),
    "history_paper": Row("see_records", "VM", 404, ONE),
    "history_paper_progress": Row("see_records", "VM", 404, ONE),
    "owner_file": Row("export_lists", "M", 404, ONE),
    "owner_file_progress": Row("export_lists", "M", 404, ONE),
    "owner_file_export": Row("export_lists", "M", 404, ONE),
    "pet_alerts": Row("edit_pets", "RVM", 404, ONE),
    "pet_alert_end": Row("edit_pets", "RVM", 405, ONE | {"alert_pk": NOBODY_HAS}),
    "weight_add": Row("edit_pets", "RVM", 404, ONE),
    "weight_remove": Row("edit_pets", "RVM", 405, ONE | {"measurement_pk": NOBODY_HAS}),
    "treatment_discount": Row("give_any_discount", "M", 405, TWO),
    "lines_save": Row("write_records", "V", 405, ONE),
    "record_search": Row("see_records", "VM", 200),
    "file_add": Row("upload_files", "RV", 404, ONE),
    "file": Row("see_files", "VM", 404, FILE),
    "file_small": Row("see_files", "VM", 404, FILE),
    "file_move": Row("correct_files", "VM", 404, FILE),
    "file_withdraw": Row("correct_files", "VM", 404, FILE),
    "credit_give": Row("correct_invoices", "M", 405, ONE),
    "refund_give": Row("correct_invoices", "M", 405, ONE),
    "invoice_void": Row("correct_invoices", "M", 405, ONE),
    "bill_anew": Row("issue_invoices", "RM", 405, ONE),
    "deposit_take": Row("take_payments", "RM", 405, ONE),
    "deposit_return": Row("correct_invoices", "M", 405, ONE),
    "debts": Row("see_debts", "RM", 200),
    "debts_export": Row("export_lists", "M", 200),
    "not_billed": Row("see_debts", "RM", 200),
    "visit_bill": Row("issue_invoices", "RM", 405, ONE),
    "till": Row("count_till", "RM", 200),
    "till_count": Row("count_till", "RM", 405, ONE),
    "till_days": Row("see_tills", "M", 200),
    "invoice_paper": Row("see_invoices", "RVM", 404, ONE),
    "credit_paper": Row("see_invoices", "RVM", 404, ONE | {"number": NOBODY_HAS}),
    "receipt": Row("see_invoices", "RVM", 404, ONE | {"payment_pk": NOBODY_HAS}),
    "deposit_receipt": Row("take_payments", "RM", 404, ONE | {"deposit_pk": NOBODY_HAS}),
    "statement": Row("see_debts", "RM", 404, ONE),
    "statement_paper": Row("see_debts", "RM", 404, ONE),
    "statement_export": Row("export_lists", "M", 404, ONE),
    "visit_invoice": Row("see_invoices", "RVM", 404, ONE),
}
DJANGOS_OWN = {  # pages of the admin about no table: for everybody whom it lets in
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site",
    "app_list", None,
}  # fmt: skip
# page of a table in the admin → the answer to a GET of an administrator; all others are refused
ADMINS = {
    f"{table}_{page}": answer
    for table in (
        "access_user", "clinic_branch", "clinic_pricechange", "clinic_service", "clinic_specialization",
        "clinic_veterinarian", "records_recordtemplate", "records_vaccinekind",
    )
    for page, answer in {"changelist": 200, "add": 200, "history": 302, "change": 302, "delete": 403}.items()
} | {
    "clinic_pricechange_add": 403,
    "access_user_password": 404,
    "access_user_code": 404,
    "clinic_service_bulk": 200,
    "clinic_service_import": 200,
    "clinic_service_csv": 200,
    "clinic_service_xlsx": 200,
    "clinic_pricechange_undo": 405,
}  # fmt: skip
# What shows a form and takes it. The rest only shows, or, where a GET gets 405, only acts.
FORMS = {
    "login", "code_ask", "password_change", "sessions_end", "second_factor", "recovery_codes", "second_factor_remove",
    "booking", "waiting_add", "vet_hours", "exception_add", "appointment_move", "owner_edit", "pet_add", "pet_edit",
    "visit_answer", "visit", "dose_add", "pet_hand_over", "pet_death", "owner_merge", "pet_alerts", "weight_add",
    "file_add", "file_move", "file_withdraw",
}  # fmt: skip
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
CLOSED = [(name, letter) for name, row in MATRIX.items() for letter in ROLES if letter not in row.who]


def addresses(patterns) -> dict[str, URLPattern]:
    """URL name → pattern of every address of the project but Django admin's, which asks its own permissions."""
    found = {}
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            found[pattern.name] = pattern
        elif pattern.app_name != "admin":
            found |= addresses(pattern.url_patterns)
    return found


def admin_addresses() -> dict[str | None, URLPattern]:
    site = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "admin")
    return addresses(site.url_patterns)


def admin_path(name: str) -> str:
    words = admin_addresses()[name].pattern.converters or {}
    return reverse(f"admin:{name}", kwargs=dict.fromkeys(words, NOBODY_HAS))


def expected(name: str, letter: str) -> int:
    row = MATRIX[name]
    if name == "login" and letter != "*":
        return 302  # who is signed in already is sent home
    if letter in row.who:
        return row.answer
    return 302 if letter == "*" else 403


def sign_in(client, letter: str) -> None:
    client.force_login(UserFactory(role=ROLES[letter], password=None))  # a password is slow to hash


def test_every_address_has_a_row():
    assert set(addresses(get_resolver().url_patterns)) == set(MATRIX)


def test_every_page_of_a_table_in_the_admin_has_a_row():
    assert set(admin_addresses()) == set(ADMINS) | DJANGOS_OWN


@pytest.mark.django_db
@pytest.mark.parametrize("name", ADMINS)
def test_page_of_the_admin_answers_an_administrator_as_its_row_says(client, name):
    sign_in(client, "A")

    assert client.get(admin_path(name)).status_code == ADMINS[name]


@pytest.mark.django_db
@pytest.mark.parametrize("ask", ["get", "post"])
@pytest.mark.parametrize("letter", "RVM*")
@pytest.mark.parametrize("name", ADMINS)
def test_page_of_the_admin_sends_others_away(client, name, letter, ask):
    if letter != "*":
        sign_in(client, letter)

    answer = getattr(client, ask)(admin_path(name))

    if letter != "*" and not answers(admin_addresses()[name].callback, ask.upper()):
        assert answer.status_code == 405
    else:
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_every_address_is_named_somewhere():
    """A page that a merge has cut off from the others is lost to people, however well it is tested."""
    code = [path for app in ("billing", "clinic", "records", "vetclinic") for path in (ROOT / app).rglob("*.py")]
    files = [*(ROOT / "templates").rglob("*.html"), *(path for path in code if path.name != "urls.py")]
    text = "\n".join(path.read_text() for path in files)

    assert {name for name in MATRIX if not re.search(rf"""["']{name}["']""", text)} == NOT_LINKED


@pytest.mark.parametrize("name", MATRIX)
def test_address_asks_the_permission_of_its_row(name):
    view = addresses(get_resolver().url_patterns)[name].callback

    assert getattr(view, "permission", None) == MATRIX[name].permission


@pytest.mark.django_db
@pytest.mark.parametrize("letter", EVERYBODY)
@pytest.mark.parametrize("name", MATRIX)
def test_address_answers_a_role_as_its_row_says(client, name, letter):
    if letter != "*":
        sign_in(client, letter)

    response = client.get(reverse(name, kwargs=MATRIX[name].kwargs))

    assert response.status_code == expected(name, letter)


def verbs(name: str) -> set[str]:
    if MATRIX[name].answer == 405:
        return {"POST"}
    return {"GET", "HEAD", "POST"} if name in FORMS else {"GET", "HEAD"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", MATRIX)
def test_address_answers_its_own_verbs_alone(client, name):
    row = MATRIX[name]
    if "*" not in row.who:
        sign_in(client, row.who[0])

    answered = {verb for verb in VERBS if client.generic(verb, reverse(name, kwargs=row.kwargs)).status_code != 405}

    assert answered == verbs(name)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "letter"), CLOSED)
def test_address_refuses_a_post_of_a_role_that_may_not(client, name, letter):
    sign_in(client, letter)

    response = client.post(reverse(name, kwargs=MATRIX[name].kwargs))

    assert response.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, row in MATRIX.items() if "*" not in row.who])
def test_address_sends_a_stranger_who_posts_to_sign_in(client, name):
    response = client.post(reverse(name, kwargs=MATRIX[name].kwargs))

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("login"))
