"""The price list and the clinic's set-up in Django admin: a price expires and is not edited; bad input is told."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.models import Branch, Service, Veterinarian
from records.actions import add_treatment, start_visit
from tests.factories import AppointmentFactory, ServiceFactory, SpecializationFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change

pytestmark = pytest.mark.django_db

LIST = "/admin/clinic/service/"
TOO_LONG = "x" * 101


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin"))
    return client


def typed(service=None, **changes):
    """The form of a price as the browser sends it."""
    form = {"name": "Examination", "code": "exam", "category": "visit", "cost": "100", "unit": "", "description": ""}
    if service:
        form |= {"name": service.name, "category": service.category, "cost": service.cost}
    else:
        form["valid_from"] = timezone.localdate().isoformat()
    return form | {"valid_to": "2099-12-31", "is_active": "on"} | changes


def prices(code):
    return list(Service.objects.filter(code=code).order_by("valid_from").values_list("cost", "valid_from", "valid_to"))


def test_new_price_is_on_sale_from_its_day(admin):
    answer = admin.post(f"{LIST}add/", typed(cost="1250.50"))

    assert answer.status_code == 302
    assert Service.objects.on_sale(timezone.localdate()).get().cost == Decimal("1250.50")


def test_changed_cost_ends_the_old_price_and_begins_another(admin):
    today, month_ago = timezone.localdate(), timezone.localdate() - dt.timedelta(days=30)
    service = ServiceFactory(code="exam", cost=100, valid_from=month_ago)

    answer = admin.post(f"{LIST}{service.pk}/change/", typed(service, cost="120", since=today, reason="Dearer"))

    assert answer.status_code == 302
    assert prices("exam") == [(100, month_ago, today), (120, today, dt.date(2099, 12, 31))]


def test_changed_name_keeps_the_price(admin):
    service = ServiceFactory(code="exam")

    admin.post(f"{LIST}{service.pk}/change/", typed(service, name="Check-up"))

    assert Service.objects.get().name == "Check-up"
    assert len(prices("exam")) == 1


@pytest.mark.parametrize(
    ("typed_too", "message"),
    [
        ({"reason": "Dearer"}, "This field is required."),
        ({"since": "TOMORROW"}, "This field is required."),
        ({"since": "TOMORROW", "reason": "x" * 201}, "at most 200 characters"),
        ({"since": "2020-01-01", "reason": "x"}, "starts today or later"),
        ({"since": "9999-12-31", "reason": "x"}, "between 1900 and 2100"),
        ({"since": "2099-01-01", "reason": "x"}, "two years ahead"),
        ({"since": "soon", "reason": "x"}, "Enter a valid date."),
    ],
)
def test_new_cost_without_its_day_or_reason_is_told_by_the_field(admin, typed_too, message):
    service = ServiceFactory(code="exam", cost=100)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    more = {name: str(value).replace("TOMORROW", str(tomorrow)) for name, value in typed_too.items()}

    answer = admin.post(f"{LIST}{service.pk}/change/", typed(service, cost="120", **more))

    assert (answer.status_code, message in answer.text, 'value="120"' in answer.text) == (200, True, True)
    assert [cost for cost, *_days in prices("exam")] == [100]


def test_code_and_first_day_of_a_price_cannot_be_forged(admin):
    service = ServiceFactory(code="exam")

    admin.post(f"{LIST}{service.pk}/change/", typed(service, code="other", valid_from="2020-01-01"))

    assert [(row.code, row.valid_from) for row in Service.objects.all()] == [("exam", service.valid_from)]


def test_price_used_today_changes_from_tomorrow(admin):
    service, today = ServiceFactory(code="exam"), timezone.localdate()
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=service, by=visit.vet.user)

    answer = admin.post(f"{LIST}{service.pk}/change/", typed(service, cost="120", since=today, reason="Dearer"))

    assert (answer.status_code, "can start tomorrow" in answer.text, 'value="120"' in answer.text) == (200, True, True)
    assert [cost for cost, *_days in prices("exam")] == [100]


def test_list_shows_todays_prices_unless_another_time_is_asked_for(admin):
    today = timezone.localdate()
    ServiceFactory(name="Now", code="a")
    ServiceFactory(name="Ended", code="b", valid_to=today)
    ServiceFactory(name="Coming", code="c", valid_from=today + dt.timedelta(days=1))
    shown = {}

    for time in ("", "?time=ended", "?time=coming", "?time=all"):
        shown[time] = {row.name for row in admin.get(LIST + time).context["cl"].result_list}

    assert shown == {
        "": {"Now"},
        "?time=ended": {"Ended"},
        "?time=coming": {"Coming"},
        "?time=all": {"Now", "Ended", "Coming"},
    }


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": TOO_LONG}, "at most 100 characters"),
        ({"cost": "-1"}, "greater than or equal to 0"),
        ({"cost": "123456789.00"}, "no more than 10 digits"),
        ({"cost": "1.234"}, "no more than 2 decimal places"),
        ({"cost": "NaN"}, "Enter a number."),
        ({"cost": "много"}, "Enter a number."),
        ({"code": "два слова"}, "valid “slug”"),
        ({"valid_from": "yesterday"}, "Enter a valid date."),
        ({"valid_from": "1999-01-01"}, "A new price starts today or later."),
        ({"valid_from": "9999-01-01"}, "A price must end after it starts."),
        ({"valid_to": "1999-01-01"}, "A price must end after it starts."),
        ({"category": "weapons"}, "Select a valid choice."),
    ],
)
def test_bad_price_is_told_by_its_field_and_nothing_typed_is_lost(admin, bad, message):
    answer = admin.post(f"{LIST}add/", typed(**{"unit": "dose 🐈"} | bad))

    assert answer.status_code == 200
    assert message in answer.text
    assert 'value="dose 🐈"' in answer.text
    assert not Service.objects.exists()


@pytest.mark.parametrize("name", ["x" * 100, "🐈" * 100, "{{ 7|add:7 }} <b>", "Осмотр"])
def test_name_at_its_limit_in_any_script_is_shown_as_it_was_typed(admin, name):
    admin.post(f"{LIST}add/", typed(name=name))

    assert Service.objects.get().name == name
    assert "<b>" not in admin.get(LIST).text.replace("<b>1</b>", "")


def test_second_price_of_the_same_days_is_refused(admin):
    ServiceFactory(code="exam")

    answer = admin.post(f"{LIST}add/", typed())

    assert "This service already has a price in that time." in answer.text
    assert Service.objects.count() == 1


def test_end_that_reaches_into_the_next_price_is_told_by_its_field_and_nothing_typed_is_lost(admin):
    """valid_from cannot be edited, so Django leaves the exclusion out of its own checks."""
    today = timezone.localdate()
    old = ServiceFactory(code="exam", valid_to=today)
    ServiceFactory(code="exam", valid_from=today)

    answer = admin.post(f"{LIST}{old.pk}/change/", typed(old, description="long " * 200))

    errors = answer.context["adminform"].form.errors
    assert (answer.status_code, list(errors)) == (200, ["valid_to"])
    assert "already has a price in that time" in errors["valid_to"][0]
    assert ("2099-12-31" in answer.text, "long " * 200 in answer.text) == (True, True)
    assert Service.objects.get(pk=old.pk).valid_to == today


def test_what_the_database_alone_refuses_is_said_beside_all_that_was_typed(admin):
    """A treatment of today took the price: it cannot have ended yesterday. The form does not know of treatments."""
    service, today = ServiceFactory(code="exam"), timezone.localdate()
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    add_treatment(appointment=visit, service=service, by=visit.vet.user)

    answer = admin.post(f"{LIST}{service.pk}/change/", typed(service, valid_to=today, description="long " * 200))

    assert answer.status_code == 409
    assert answer.context["adminform"].form.errors["since"] == [
        "Treatments have this price: it stays as it is on their days. A new price can start later."
    ]
    assert ("long " * 200 in answer.text, f'value="{today}"' in answer.text) == (True, True)
    assert Service.objects.get().valid_to > today


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_price_that_another_admin_saves_meanwhile_is_told_beside_what_was_typed(admin, pair):
    """The form is right when it is checked; the database waits for the other transaction, and then refuses."""
    sql = "INSERT INTO service (name, code, cost, valid_from, valid_to, category) VALUES ('x', 'exam', 1, %s, %s, 'visit')"
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(sql, [timezone.localdate(), "2099-12-31"])
    commit = threading.Timer(0.5, other.connection.commit)

    commit.start()
    answer = admin.post(f"{LIST}add/", typed(name="Typed by me", cost="77"))

    commit.join()
    other.close()
    assert answer.status_code == 409
    assert "already has a price in that time" in answer.text
    assert ('value="Typed by me"' in answer.text, 'value="77"' in answer.text) == (True, True)
    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{LIST}999999999/change/",
        f"{LIST}99999999999999999999/change/",
        f"{LIST}x/change/",
        f"{LIST}?time=never",
        f"{LIST}?category__exact=weapons",
        f"{LIST}?p=999999",
        f"{LIST}?o=99.99",
        f"{LIST}?q=%00",
        f"{LIST}?no_such_column=1",
    ],
)
def test_address_made_up_by_hand_is_no_error_of_ours(admin, path):
    assert admin.get(path).status_code in (200, 302, 400, 404)


def test_forged_bulk_edit_changes_nothing(admin):
    service = ServiceFactory()
    forged = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": service.pk, "form-0-cost": "1"}

    answer = admin.post(LIST, forged | {"_save": "Save"})

    assert answer.status_code in (200, 302, 403)
    assert Service.objects.get().cost == 100


@pytest.mark.parametrize("action", ["delete_selected", "no_such_action", ""])
def test_forged_bulk_action_deletes_nothing(admin, action):
    service = ServiceFactory()

    answer = admin.post(LIST, {"action": action, "_selected_action": [service.pk], "post": "yes"})

    assert answer.status_code in (200, 302, 403)
    assert Service.objects.exists()


def test_price_cannot_be_deleted(admin):
    service = ServiceFactory()

    assert admin.post(f"{LIST}{service.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Service.objects.exists()


def test_branch_with_a_misspelt_time_zone_is_refused(admin):
    answer = admin.post("/admin/clinic/branch/add/", {"name": "North", "time_zone": "Europe/Moskow"})

    assert (answer.status_code, "Europe/Moskow" in answer.text) == (200, True)
    assert not Branch.objects.exists()


def test_branch_of_a_known_time_zone_is_added(admin):
    answer = admin.post("/admin/clinic/branch/add/", {"name": "East", "time_zone": "Asia/Omsk"})

    assert answer.status_code == 302
    assert Branch.objects.get().zone.key == "Asia/Omsk"


# -- Vets -----------------------------------------------------------------------------------------------------

VETS = "/admin/clinic/veterinarian/"


def vet_form(**changes):
    vet = {"first_name": "Anna", "last_name": "Orlova", "specialization": SpecializationFactory().pk, "is_active": "on"}
    return vet | changes


@pytest.mark.parametrize(
    ("typed_as", "stored"),
    [("8 (916) 123-45-67", "+79161234567"), ("+7 916 123 45 67", "+79161234567"), ("", "")],
)
def test_outside_phone_of_a_vet_is_stored_one_way(admin, typed_as, stored):
    admin.post(f"{VETS}add/", vet_form(external_phone=typed_as))

    assert Veterinarian.objects.get().external_phone == stored


@pytest.mark.parametrize(
    ("typed_as", "stored"),
    [("104", "104"), ("*21#", "*21#"), (" 12 - 05 ", "1205"), ("8 (916) 123-45-67", "89161234567"), ("", "")],
)
def test_inside_phone_of_a_vet_may_be_an_extension(admin, typed_as, stored):
    admin.post(f"{VETS}add/", vet_form(internal_phone=typed_as))

    assert Veterinarian.objects.get().internal_phone == stored


@pytest.mark.parametrize("field", ["external_phone", "internal_phone"])
@pytest.mark.parametrize("typed_as", ["not a phone", "😀", "٣٤٥", "1" * 41])
def test_phone_of_a_vet_that_is_none_is_told_by_its_field(admin, field, typed_as):
    answer = admin.post(f"{VETS}add/", vet_form(**{field: typed_as}))

    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Veterinarian.objects.exists()


def test_change_made_in_the_admin_is_noted_as_the_admins(admin):
    vet = VetFactory()
    form = vet_form(specialization=vet.specialization_id, branch=vet.branch_id, user=vet.user_id)

    admin.post(f"{VETS}{vet.pk}/change/", form)

    change = Change.objects.get(table="veterinarian", row_id=vet.pk, operation="UPDATE")
    assert (change.by.role, change.after["first_name"]) == ("admin", "Anna")


# -- Forms that are sent twice ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_adding_form_sent_four_times_at_once_adds_one_row(admin):
    form = vet_form() | {"request_key": str(uuid.uuid4())}
    cookies = admin.cookies

    def send(_number):
        client = Client()
        client.cookies = cookies
        try:
            return client.post(f"{VETS}add/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(send, range(4)))

    assert answers == [302] * 4
    assert Veterinarian.objects.count() == 1


def test_adding_form_sent_again_later_is_told_that_it_was_saved(admin):
    form = {"name": "North", "time_zone": "Asia/Omsk", "request_key": str(uuid.uuid4())}
    admin.post("/admin/clinic/branch/add/", form)

    answer = admin.post("/admin/clinic/branch/add/", form, follow=True)

    assert [str(message) for message in answer.context["messages"]][-1] == "This form was saved already."
    assert Branch.objects.count() == 1


def test_adding_form_carries_its_key_and_keeps_it_when_it_is_rejected(admin):
    key = admin.get("/admin/clinic/branch/add/").context["request_key"]

    rejected = admin.post("/admin/clinic/branch/add/", {"name": "", "request_key": str(key)})

    assert f'name="request_key" value="{key}"' in rejected.text


def test_adding_form_that_was_refused_can_be_sent_again_with_its_key(admin):
    form = {"time_zone": "Asia/Omsk", "request_key": str(uuid.uuid4())}
    admin.post("/admin/clinic/branch/add/", form | {"name": ""})

    admin.post("/admin/clinic/branch/add/", form | {"name": "North"})

    assert Branch.objects.count() == 1
