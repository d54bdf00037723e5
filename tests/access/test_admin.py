"""Django admin belongs to the admins: what is registered, who may open it, and how accounts are kept."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, UserFactory
from vetclinic.access.actions import make_recovery_codes
from vetclinic.access.models import RecoveryCode, SecondFactor, User
from vetclinic.audit.models import Change

pytestmark = pytest.mark.django_db

REGISTERED = {
    "access.user",
    "clinic.branch",
    "clinic.service",
    "clinic.specialization",
    "clinic.veterinarian",
    "records.recordtemplate",
    "records.vaccinekind",
    "clinic.pricechange",
}
READ_ONLY = {"clinic.pricechange"}  # its pages are asked for in tests/clinic/test_price_pages.py
PAGES = ["/admin/"] + [
    f"/admin/{label.replace('.', '/')}/{page}" for label in sorted(REGISTERED - READ_ONLY) for page in ("", "add/")
]
USERS = "/admin/access/user/"


def signed_in(client, role="admin", **details):
    user = UserFactory(role=role, **details)
    client.force_login(user)
    return user


def test_only_the_listed_tables_can_be_edited():
    """A record or an invoice in the admin would go past every rule: whoever registers one has to say so here."""
    assert {model._meta.label_lower for model in admin.site._registry} == REGISTERED


@pytest.mark.parametrize("role", ["reception", "vet", "manager", "admin"])
@pytest.mark.parametrize("path", PAGES)
def test_admin_page_opens_for_admins_alone(client, path, role):
    signed_in(client, role)

    assert client.get(path, follow=True).status_code == (200 if role == "admin" else 403)


@pytest.mark.parametrize("path", PAGES)
def test_admin_page_sends_a_stranger_to_sign_in(client, path):
    answer = client.get(path, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/login/")


@pytest.mark.parametrize("role", ["reception", "vet", "manager"])
def test_post_of_another_role_makes_no_account(client, role):
    signed_in(client, role)

    answer = client.post(f"{USERS}add/", {"username": "eve", "role": "admin"}, follow=True)

    assert answer.status_code == 403
    assert not User.objects.filter(username="eve").exists()


NORA = {"username": "nora", "role": "vet", "first_name": "", "last_name": "", "email": ""}


def test_new_person_gets_a_password_by_chance_that_is_shown_once(client):
    me = signed_in(client)

    answer = client.post(f"{USERS}add/", NORA)

    nora, password = User.objects.get(username="nora"), answer.context["password"]
    assert (answer.status_code, password in answer.text, "no-store" in answer.headers["Cache-Control"]) == (
        200,
        True,
        True,
    )
    assert (nora.check_password(password), len(password), nora.role) == (True, 19, "vet")
    assert [change.by for change in Change.objects.filter(table="app_user", row_id=nora.pk)] == [me, me]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"username": "no spaces"}, "Enter a valid username."),
        ({"username": "OLGA"}, "Somebody has this name already"),
        ({"role": "emperor"}, "Select a valid choice."),
        ({"email": "nora@"}, "Enter a valid email address."),
    ],
)
def test_bad_account_is_told_by_its_field(client, bad, message):
    signed_in(client)
    UserFactory(username="olga")

    answer = client.post(f"{USERS}add/", NORA | {"last_name": "Berg"} | bad)

    (field,) = bad
    errors = answer.context["adminform"].form.errors
    assert (answer.status_code, list(errors), message in str(errors)) == (200, [field], True)
    assert 'value="Berg"' in answer.text
    assert User.objects.filter(last_name="Berg").count() == 0


@pytest.mark.parametrize("change", [{"role": "vet"}, {"is_active": None}])
def test_admins_cannot_lock_themselves_out(client, change):
    me = signed_in(client)
    form = {"username": me.username, "role": "admin", "is_active": "on"} | change

    answer = client.post(f"{USERS}{me.pk}/change/", {key: value for key, value in form.items() if value})

    assert (answer.status_code, "Ask another administrator" in answer.text) == (200, True)
    assert User.objects.filter(pk=me.pk, role="admin", is_active=True).exists()


def test_person_who_left_is_switched_off_and_not_deleted(client):
    signed_in(client)
    other = UserFactory()

    assert client.post(f"{USERS}{other.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{USERS}{other.pk}/change/", {"username": other.username, "role": other.role})

    assert not User.objects.get(pk=other.pk).is_active


def test_password_that_was_forgotten_is_replaced_by_one_of_chance(client):
    signed_in(client)
    other = UserFactory()
    theirs = Client()
    theirs.force_login(other)

    asked = client.get(f"{USERS}{other.pk}/password/")
    password = client.post(f"{USERS}{other.pk}/password/").context["password"]

    assert asked.status_code == 200
    assert Client().login(username=other.username, password=password)
    assert not Client().login(username=other.username, password=PASSWORD)
    assert theirs.get("/account/").headers["Location"].startswith("/login/")


def test_password_of_ones_own_is_changed_in_the_account(client):
    me = signed_in(client)

    answers = [client.get(f"{USERS}{me.pk}/password/"), client.get("/admin/password_change/")]

    assert [answer.headers["Location"] for answer in answers] == [reverse("password_change")] * 2


def test_person_who_guessed_too_often_comes_in_after_a_reset(client):
    signed_in(client)
    other, door = UserFactory(), Client()
    for _time in range(10):
        door.post(reverse("login"), {"username": other.username, "password": "wrong"})

    password = client.post(f"{USERS}{other.pk}/password/").context["password"]

    assert door.post(reverse("login"), {"username": other.username, "password": password}).status_code == 302


@pytest.mark.parametrize("rest", ["password", "code"])
@pytest.mark.parametrize("role", ["reception", "vet", "manager"])
def test_way_in_of_another_is_changed_by_admins_alone(client, role, rest):
    signed_in(client, role)
    other = UserFactory()

    answer = client.post(f"{USERS}{other.pk}/{rest}/")

    assert answer.status_code in (302, 403)
    assert User.objects.get(pk=other.pk).password == other.password


def test_code_from_a_telephone_is_taken_away_by_an_admin(client):
    signed_in(client)
    other = UserFactory()
    SecondFactor.objects.create(user=other, secret="0" * 40)
    make_recovery_codes(by=other)

    client.post(f"{USERS}{other.pk}/code/")

    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_hash_of_a_password_is_not_guessed_by_filters(client):
    signed_in(client)

    answer = client.get(USERS, {"password__startswith": "pbkdf2"})

    assert answer.status_code == 400
