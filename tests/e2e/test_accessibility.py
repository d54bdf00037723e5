"""Every page of the site in both languages, two widths, by day and by night: axe-core finds nothing to say about it.

Nor does a page scroll sideways, log an error, or ask for what its policy refuses.
"""

import json
from typing import NamedTuple

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.e2e.conftest import PASSWORD, served, watch
from tests.house.test_access_matrix import MATRIX

pytestmark = pytest.mark.e2e

AXE = AXE_SCRIPT + "; null"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
THEMES = {"light": EVERYTHING, "dark": COLOURS}  # by night a page differs in its colours alone
# High enough that no bar stands before a link that could be scrolled from under it.
WIDTHS = {"wide": {"width": 1440, "height": 2600}, "phone": {"width": 390, "height": 4000}}
SMALLEST = {"width": 320, "height": 4000}  # to which a page of 1280 is magnified four times (WCAG 1.4.10)
SCROLLS = "document.documentElement.scrollWidth > innerWidth"
HIDDEN_TABS = """[...document.querySelectorAll(".seg [aria-current]")].filter((tab) => {
  const [at, within] = [tab, tab.closest(".seg")].map((each) => each.getBoundingClientRect());
  return at.left < within.left - 1 || at.right > within.right + 1;
}).map((tab) => tab.textContent.trim())"""


class Visit(NamedTuple):
    """Who looks, and at which addresses: `{…}` are keys of ROWS."""

    role: str
    addresses: tuple[str, ...]


# URL name → its addresses on the demo data, also with a search, a fault, an empty list.
PAGES = {
    "account": Visit("manager", ("/account/",)),
    "password_change": Visit("manager", ("/account/password/",)),
    "sessions_end": Visit("manager", ("/account/elsewhere/",)),
    "second_factor": Visit("manager", ("/account/code/",)),
    "recovery_codes": Visit("manager", ("/account/code/paper/",)),
    "second_factor_remove": Visit("manager", ("/account/code/remove/",)),
    "code_ask": Visit("guarded", ("/login/code/",)),
    "board": Visit("manager", ("/board/", "/board/?day={empty_day}", "/board/?view=week&move={coming}")),
    "appointment_move": Visit("manager", ("/appointments/{coming}/move/",)),
    "slots": Visit("manager", ("/slots/", "/slots/?weeks=9")),
    "waiting": Visit("manager", ("/waiting/",)),
    "waiting_add": Visit("manager", ("/pets/{pet}/wait/",)),
    "pet_alerts": Visit("reception", ("/pets/{pet}/alerts/",)),
    "weight_add": Visit("reception", ("/pets/{pet}/weight/",)),
    "working_time": Visit("manager", ("/hours/",)),
    "vet_hours": Visit("manager", ("/hours/{vet}/",)),
    "exception_add": Visit("manager", ("/hours/vet/{vet}/exception/",)),
    "pet_hand_over": Visit("manager", ("/pets/{pet}/owner/", "/pets/{pet}/owner/?q={letters}")),
    "pet_death": Visit("manager", ("/pets/{pet}/death/",)),
    "duplicates": Visit("manager", ("/owners/duplicates/",)),
    "merge_choose": Visit("manager", ("/owners/{owner}/merge/",)),
    "owner_merge": Visit("manager", ("/owners/{owner}/merge/{other}/",)),
    "likely_owners": Visit("manager", ()),  # a part of the booking form
    "visit_answer": Visit("", ("/visit-answer/{token}/",)),
    "login": Visit("", ("/login/",)),
    "booking": Visit(
        "manager",
        (
            "/book/",
            "/book/?q={letters}",
            "/book/?q=qqqqqq",
            "/book/?owner={owner}",
            "/book/?pet={pet}",
            "/book/?pet=new",
        ),
    ),
    "booking_hits": Visit("manager", ()),  # a part of the page above
    "prices": Visit("manager", ("/prices/",)),
    "search": Visit("manager", ("/search/", "/search/?q={letters}", "/search/?q=qqqqqq")),
    "appointment": Visit("manager", ("/appointments/{coming}/", "/appointments/{completed}/")),
    "appointments": Visit(
        "manager", ("/appointments/", "/appointments/?since=0001-01-01", "/appointments/?text=qqqqqq")
    ),
    "owner": Visit("manager", ("/owners/{owner}/", "/owners/{merged_into}/?merged={merge}")),
    "owner_edit": Visit("manager", ("/owners/{owner}/edit/",)),
    "owners": Visit("manager", ("/owners/", "/owners/?order=-added&before=end")),
    "pet": Visit("manager", ("/pets/{pet}/",)),
    "pet_add": Visit("manager", ("/owners/{owner}/pets/new/",)),
    "pet_edit": Visit("manager", ("/pets/{pet}/edit/",)),
    "pets": Visit("manager", ("/pets/", "/pets/?age_from=-1&life=died")),
    "visit": Visit("vet", ("/visits/{in_progress}/", "/visits/{waiting}/", "/visits/{completed}/")),
    "invoices": Visit("manager", ("/invoices/?state=all", "/invoices/?state=draft&since=zz")),
    "invoice": Visit("manager", ("/invoices/{draft}/", "/invoices/{issued}/", "/invoices/{paid}/")),
    "owner_file": Visit("manager", ("/owners/{owner}/file/",)),
    "owner_file_progress": Visit("manager", ()),  # a part of the page above
    "history_paper_progress": Visit("manager", ()),  # a part of a page that only a long history has
    "record_search": Visit("vet", ("/records/search/", "/records/search/?q=otitis", "/records/search/?since=x")),
    "file_add": Visit("vet", ("/pets/{pet}/files/add/",)),
    "file_move": Visit("vet", ("/pets/{file_pet}/files/{file}/move/",)),
    "file_withdraw": Visit("vet", ("/pets/{file_pet}/files/{file}/withdraw/",)),
    "dose_add": Visit("reception", ("/pets/{pet}/vaccinations/",)),
    "vaccinations_due": Visit(
        "manager", ("/vaccinations/due/", "/vaccinations/due/?when=overdue", "/vaccinations/due/?kind=x&vet=-1")
    ),
    "debts": Visit("manager", ("/debts/", "/debts/?state=overdue&order=-sum&owner=qqqqqq")),
    "not_billed": Visit("manager", ("/not-billed/", "/not-billed/?state=drafts", "/not-billed/?since=zz")),
    "till": Visit("reception", ("/till/", "/till/?day=9999-01-01")),
    "till_days": Visit("manager", ("/till/days/",)),
    "visit_invoice": Visit("reception", ("/visits/{in_progress}/invoice/",)),
    "statement": Visit("reception", ("/owners/{owner}/statement/", "/owners/{owner}/statement/?from=2026-03-01&to=x")),
    "operations": Visit("admin", ("/operations/",)),
    "income": Visit("manager", ("/income/", "/income/?from=2026-03-01&to=2026-02-01")),
}
# Addresses of the matrix that answer a GET with no page of ours: they lead on, or send a file or a word.
SENT = {"discharge", "visit_paper", "history_paper", "vaccination_paper", "file", "file_small"}
SENT |= {"invoice_paper", "credit_paper", "receipt", "deposit_receipt", "statement_paper"}
NO_PAGES = {"home", "healthz", "health_live", "health_ready", "metrics", "calendar_feed", *SENT}
NO_PAGES |= {"send_again"}  # only when a session ended under a form
NO_PAGES |= {name for name in MATRIX if name.endswith("_export")}

ROWS = """
import json
from django.db.models import F, Q
from billing.models import Invoice
from clinic.merging import merge_owners
from clinic.models import Appointment, Pet, PetOwner, Reminder
from clinic.models.reminder import BEFORE
from clinic.reminders.tokens import hash_of
from records.models import Attachment
from vetclinic.access.models import User
coming = Appointment.objects.filter(status__in=(1, 2)).latest("date")
Reminder.objects.create(
    appointment=coming, kind="day_before", visit_at=coming.date, due_at=coming.date - BEFORE["day_before"],
    state="sent", token_hash=hash_of("t" * 43),
)
stays, closed = PetOwner.objects.filter(is_active=True).order_by("-pk")[:2]
merge = merge_owners(source=closed, target=stays, by=User.objects.get(username="manager"))
mine = Appointment.objects.filter(vet__user__username="vet")
with_history = mine.filter(status=5).latest("date")
print(json.dumps({
    "vet": with_history.vet_id, "other": Pet.objects.exclude(pet_owner=with_history.pet.pet_owner_id).latest("pk").pet_owner_id,
    "pet": with_history.pet_id, "owner": with_history.pet.pet_owner_id, "letters": with_history.pet.name[:4].lower(),
    "completed": with_history.pk, "coming": coming.pk, "token": "t" * 43,
    "in_progress": (mine.filter(status=4).first() or with_history).pk,
    "waiting": (mine.filter(status__in=(1, 2, 3)).first() or with_history).pk, "empty_day": "2019-01-01",
    "merged_into": stays.pk, "merge": merge.pk,
    "draft": Invoice.objects.filter(status=11).latest("pk").pk, "issued": Invoice.objects.filter(status=12).latest("pk").pk,
    "paid": Invoice.objects.filter(status=14).latest("pk").pk,
    "file": Attachment.objects.latest("pk").pk, "file_pet": Attachment.objects.latest("pk").pet_id,
}))
"""

GUARDED = """
from vetclinic.access.models import SecondFactor, User
person = User.objects.create_user("guarded", password="{password}", role="reception")
SecondFactor.objects.create(user=person, secret="0" * 40)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A clinic with demo data in a database of its own."""
    with served("accessible", tmp_path_factory.mktemp("accessible")) as clinic:
        clinic.manage("seed_demo", "--size", "small", "--seed", "1", "--password", PASSWORD)
        clinic.manage("shell", "-c", GUARDED.format(password=PASSWORD))
        yield clinic


@pytest.fixture(scope="module")
def rows(filled) -> dict[str, object]:
    """The rows that the addresses name."""
    return json.loads(filled.manage("shell", "-v0", "-c", ROWS).splitlines()[-1])


@pytest.fixture(scope="module")
def sessions(filled, browser) -> dict[str, dict]:
    """Role → the cookies of who has signed in as it; nobody's for ""."""
    found = {"": {"cookies": [], "origins": []}}
    for role in {visit.role for visit in PAGES.values()} - {""}:
        context = browser.new_context(base_url=filled.url, locale="en-GB")
        page = context.new_page()
        page.goto("/login/")
        page.locator("[name=username]").fill(role)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: not url.endswith("/login/"))
        found[role] = context.storage_state()
        context.close()
    return found


def faults_of(page, address: str) -> list[str]:
    """What is wrong with a page, wide and narrow, by day and by night."""
    seen = watch(page)
    page.goto(address)
    page.evaluate(AXE)
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        seen += _out_of_sight(page, width)
        for theme, options in THEMES.items():
            page.emulate_media(color_scheme=theme)
            for violation in page.evaluate("options => axe.run(options).then(result => result.violations)", options):
                nodes = [f"{node['html'][:120]} ({node['failureSummary'][:160]})" for node in violation["nodes"][:3]]
                seen.append(f"{width}, {theme}: {violation['id']}: {nodes}")
    page.set_viewport_size(SMALLEST)
    return seen + _out_of_sight(page, "smallest")


def _out_of_sight(page, width: str) -> list[str]:
    """What a person of this width has to scroll sideways for."""
    seen = [f"{width}: scrolls sideways"] if page.evaluate(SCROLLS) else []
    return seen + [f"{width}: the tab {tab} is out of sight" for tab in page.evaluate(HIDDEN_TABS)]


def test_every_page_has_an_address_here():
    asked = {name for name, row in MATRIX.items() if row.answer != 405}

    assert asked - NO_PAGES == set(PAGES)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages_have_no_fault(filled, rows, sessions, browser, language):
    found = {}
    for role, session in sessions.items():
        context = browser.new_context(base_url=filled.url, storage_state=session, reduced_motion="reduce")
        context.add_cookies([{"name": "django_language", "value": language, "url": filled.url}])
        for visit in PAGES.values():
            for address in visit.addresses if visit.role == role else ():
                page = context.new_page()
                found[address.format(**rows)] = faults_of(page, address.format(**rows))
                page.close()
        context.close()

    assert {address: faults for address, faults in found.items() if faults} == {}
