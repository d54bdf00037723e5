"""Changing many prices in the admin: shown first, made by a second press, refused with all that was typed."""

import datetime as dt
import re
import uuid

import pytest
from django.utils import timezone

from clinic.models import PriceChange, Service
from tests.clinic.pricing import apply, bulk, curve, in_days, rows, treat_with
from tests.factories import ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/clinic/service/"
BULK = f"{LIST}change-many/"
CHANGES = "/admin/clinic/pricechange/"
NOBODY_HAS = 999_999_999


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin", username="ada"))
    return client


def rule(**changes) -> dict:
    """The form of a bulk change as the browser sends it."""
    plain = {
        "by": "7",
        "measure": "percent",
        "step": "10",
        "rounding": "nearest",
        "since": in_days(8),
        "reason": "Rent",
    }
    return plain | {"request_key": uuid.uuid4()} | changes


def hidden(answer, name: str) -> str:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', answer.text)[-1]


def pressed(answer, form: dict) -> dict:
    """What the second button of a preview sends."""
    return form | {"apply": "1", "shown": hidden(answer, "shown"), "request_key": hidden(answer, "request_key")}


def lines(answer) -> list[str]:
    """The rows of the page's tables as text."""
    bodies = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", answer.text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip() for body in bodies]


def test_preview_shows_each_old_and_new_price_and_writes_nothing(admin):
    ServiceFactory(name="Cut", code="cut", category="surgery", cost=1250)
    ServiceFactory(name="New", code="new", category="surgery", cost=100, valid_from=in_days(8))
    ServiceFactory(name="Wash", code="wash", category="grooming")
    before = rows()

    answer = admin.post(BULK, rule(categories=["surgery"]))

    assert lines(answer) == [
        "New new Stays: another price begins on that very day ₽100 ₽110 —",
        "Cut cut ₽1,250 ₽1,340 +₽90",
    ]
    assert (answer.status_code, rows()) == (200, before)


def test_second_press_makes_what_was_shown(admin):
    ServiceFactory(name="Cut", code="cut", category="surgery", cost=1250)
    form = rule(categories=["surgery"])

    answer = admin.post(BULK, pressed(admin.post(BULK, form), form), follow=True)

    change = PriceChange.objects.get()
    assert answer.redirect_chain == [(f"{CHANGES}{change.pk}/change/", 302)]
    assert lines(answer) == ["Cut cut ₽1,250 ₽1,340"]
    assert "+7\u00a0%, rounded to 10 (to the nearest), surgery" in answer.text
    assert [cost for cost, *_days in curve("cut")] == [1250, 1340]


def test_second_press_sent_twice_makes_one_change(admin):
    ServiceFactory(code="cut", cost=1250)
    form = rule()
    sent = pressed(admin.post(BULK, form), form)

    answers = [admin.post(BULK, sent), admin.post(BULK, sent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (answers[0].url, PriceChange.objects.count()) == (answers[1].url, 1)


@pytest.mark.parametrize("other", [{"by": "8"}, {"since": in_days(9)}, {"rounding": "up", "step": "100"}])
def test_rule_altered_after_the_preview_is_shown_anew(admin, other):
    ServiceFactory(cost=1250)
    form = rule()
    sent = pressed(admin.post(BULK, form), form) | other

    answer = admin.post(BULK, sent)

    assert (answer.status_code, "look at them again" in answer.text) == (409, True)
    assert hidden(answer, "shown") != sent["shown"]
    assert not PriceChange.objects.exists()


def test_price_used_since_the_preview_is_shown_anew(admin):
    service = ServiceFactory(name="Cut", cost=1250)
    form = rule(since=in_days(0))
    sent = pressed(admin.post(BULK, form), form)
    treat_with(service)

    answer = admin.post(BULK, sent)

    assert answer.status_code == 409
    assert lines(answer) == [
        f"Cut {service.code} Stays: treatments of that day have the old price already ₽1,250 ₽1,340 —"
    ]


def test_preview_of_nothing_offers_no_second_press(admin):
    answer = admin.post(BULK, rule(categories=["lab"]))

    assert (answer.status_code, 'name="apply"' in answer.text) == (200, False)
    assert admin.post(BULK, pressed(answer, rule(categories=["lab"]))).status_code == 409


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"by": ""}, "This field is required."),
        ({"by": "0"}, "more or less than zero"),
        ({"by": "много"}, "Enter a number."),
        ({"by": "NaN"}, "Enter a number."),
        ({"by": "1e9"}, "less than or equal to 1000000"),
        ({"by": "0.001"}, "no more than 2 decimal places"),
        ({"by": "-100"}, "more than −100"),
        ({"by": "1001"}, "at most 1000 per cent"),
        ({"measure": "kg"}, "Select a valid choice"),
        ({"step": "3"}, "Select a valid choice"),
        ({"rounding": "sideways"}, "Select a valid choice"),
        ({"categories": ["weapons"]}, "Select a valid choice"),
        ({"since": ""}, "This field is required."),
        ({"since": "9999-12-31"}, "between 1900 and 2100"),
        ({"since": "2020-01-01"}, "today or later"),
        ({"since": "2099-01-01"}, "two years ahead"),
        ({"reason": ""}, "This field is required."),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"reason": "a\x00b"}, "Null characters are not allowed"),
        ({"request_key": "x"}, "Enter a valid UUID."),
    ],
)
def test_bad_rule_is_told_by_its_field_and_nothing_typed_is_lost(admin, bad, message):
    ServiceFactory()

    answer = admin.post(BULK, rule(**{"reason": "Rent 🐈 <b>"} | bad))

    assert (answer.status_code, message in answer.text) == (422, True)
    assert "reason" in bad or 'value="Rent 🐈 &lt;b&gt;"' in answer.text
    assert Service.objects.count() == 1


def test_minus_as_it_is_printed_is_a_minus(admin):
    ServiceFactory(code="cut", cost=1000)
    form = rule(by="−5")

    admin.post(BULK, pressed(admin.post(BULK, form), form))

    assert [cost for cost, *_days in curve("cut")] == [1000, 950]


def test_form_without_anything_is_told(admin):
    assert admin.post(BULK, {}).status_code == 422


# -- The list of a day, the changes, the history ------------------------------------------------------------


def test_list_of_a_past_day_shows_the_prices_of_that_day(admin):
    ServiceFactory(name="Then", code="a", valid_from=in_days(-30), valid_to=in_days(-10))
    ServiceFactory(name="Now", code="a", valid_from=in_days(-10))
    ServiceFactory(name="Both", code="b", valid_from=in_days(-30))

    shown = {
        day: {row.name for row in admin.get(LIST, {"day": in_days(day)}).context["cl"].result_list}
        for day in (-40, -11, -10, 0, 400)
    }

    assert shown == {
        -40: set(),
        -11: {"Then", "Both"},
        -10: {"Now", "Both"},
        0: {"Now", "Both"},
        400: {"Now", "Both"},
    }


@pytest.mark.parametrize("day", ["yesterday", "", "9999-99-99", "0001-01-01", "🐈"])
def test_day_that_is_none_shows_today(admin, day):
    ServiceFactory(name="Now")

    answer = admin.get(LIST, {"day": day})

    assert [row.name for row in answer.context["cl"].result_list] == ["Now"]


def test_day_keeps_the_other_filters(admin):
    answer = admin.get(LIST, {"category__exact": "lab", "q": "blood", "day": in_days(-5)})

    kept = re.search(r'<form class="day-filter".*?</form>', answer.text, re.DOTALL)[0]
    assert re.findall(r'name="(\w+)" value="([^"]*)"', kept) == [
        ("category__exact", "lab"),
        ("q", "blood"),
        ("day", str(in_days(-5))),
    ]


def test_change_is_undone_by_its_button_once(admin):
    ServiceFactory.create_batch(2)
    before = rows()
    change = apply(bulk(in_days(8)))

    assert "Undo this change" in admin.get(f"{CHANGES}{change.pk}/change/").text
    first = admin.post(f"{CHANGES}{change.pk}/undo/", follow=True)
    second = admin.post(f"{CHANGES}{change.pk}/undo/", follow=True)

    assert rows() == before
    assert ("what they were" in first.text, "undone already" in second.text) == (True, True)
    assert "Undo this change" not in second.text


def test_change_that_has_begun_offers_no_undoing(admin):
    ServiceFactory()
    change = apply(bulk(in_days(0)))

    page = admin.get(f"{CHANGES}{change.pk}/change/")
    answer = admin.post(f"{CHANGES}{change.pk}/undo/", follow=True)

    assert ("Undo this change" in page.text, "These prices hold already" in answer.text) == (False, True)


def test_changes_are_listed_with_how_many_prices(admin):
    ServiceFactory.create_batch(3)
    apply(bulk(in_days(8)))

    change = admin.get(CHANGES).context["cl"].result_list[0]

    assert (change.reason, change.lines_count) == ("Dearer supplies", 3)


def test_history_of_a_service_tells_who_changed_what_and_why(admin):
    boss = UserFactory(role="admin", username="boss")
    service = ServiceFactory(name="Cut", code="cut", cost=1000)
    apply(bulk(in_days(8)), by=boss)
    admin.post(f"{CHANGES}{apply(bulk(in_days(20)), by=boss).pk}/undo/")
    Service.objects.filter(pk=service.pk).update(unit="h")

    answer = admin.get(f"{LIST}{service.pk}/history/")

    prices, undone, edits = (re.findall(r"<tbody>(.*?)</tbody>", answer.text, re.DOTALL)[n] for n in range(3))
    assert [re.findall(r"₽[\d,.]+", prices), prices.count("boss"), prices.count("Dearer supplies")] == [
        ["₽1,070", "₽1,000"],
        1,
        1,
    ]
    assert ("₽1,144.90" in undone, "ada" in undone) == (True, True)
    assert "unit: — → h" in edits
    assert '<polyline points="' in answer.text


def test_price_typed_in_the_admin_names_who_typed_it(admin):
    form = {"name": "Cut", "code": "cut", "category": "surgery", "cost": "5", "valid_from": timezone.localdate()}
    admin.post(f"{LIST}add/", form | {"valid_to": "2099-12-31", "is_active": "on"})

    answer = admin.get(f"{LIST}{Service.objects.get().pk}/history/")

    assert "ada" in answer.text.split("<tbody>")[1]


PAGES = ["", "change-many/", "import/", "prices.csv", "prices.xlsx", "{pk}/history/", "{pk}/change/"]


@pytest.mark.parametrize("address", [*PAGES, "../pricechange/", "../pricechange/{change}/change/"])
def test_pages_of_prices_are_for_admins_alone(client, address):
    service, change = ServiceFactory(), apply(bulk(in_days(8), by=1))
    path = f"/admin/clinic/{('service/' + address).replace('service/../', '')}".format(pk=service.pk, change=change.pk)
    answers = {}

    for role in ("admin", "manager", "vet", "reception"):
        client.force_login(UserFactory(role=role))
        answers[role] = client.get(path, follow=True).status_code
    client.logout()

    assert answers == {"admin": 200, "manager": 403, "vet": 403, "reception": 403}
    assert "/login/" in client.get(path, follow=True).redirect_chain[-1][0]


@pytest.mark.parametrize("address", [BULK, f"{LIST}import/", f"{CHANGES}1/undo/"])
def test_forms_of_prices_are_taken_from_admins_alone(client, address):
    client.force_login(UserFactory(role="manager"))

    answer = client.post(address, rule(), follow=True)

    assert (answer.status_code, PriceChange.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", f"{CHANGES}{NOBODY_HAS}/change/", 302),
        ("get", f"{CHANGES}x/change/", 302),
        ("get", f"{CHANGES}99999999999999999999/change/", 302),
        ("post", f"{CHANGES}{NOBODY_HAS}/undo/", 404),
        ("post", f"{CHANGES}99999999999999999999/undo/", 404),
        ("get", f"{CHANGES}1/undo/", 405),
        ("get", f"{CHANGES}add/", 403),
        ("get", f"{LIST}{NOBODY_HAS}/history/", 302),
        ("get", f"{LIST}x/history/", 302),
        ("get", f"{LIST}prices.csv?day=never", 404),
        ("get", f"{LIST}prices.xlsx?day=9999-12-31", 404),
    ],
)
def test_made_up_addresses_of_prices_are_no_errors_of_ours(admin, method, path, status):
    assert getattr(admin, method)(path).status_code == status


@pytest.mark.parametrize("address", [LIST, BULK, f"{LIST}import/", CHANGES])
def test_pages_of_prices_have_no_inline_script_or_style(admin, address):
    text = admin.get(address).text

    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text) == []


def test_date_of_a_change_is_one_of_the_clinics_days(admin):
    """The day of a bulk change is offered as tomorrow: today’s prices may be in use."""
    answer = admin.get(BULK)

    assert answer.context["form"]["since"].initial == timezone.localdate() + dt.timedelta(days=1)
