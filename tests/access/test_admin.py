"""Django admin belongs to the admins: what is registered, who may open it, and how accounts are kept."""

import pytest
from django.contrib import admin

from tests.factories import PASSWORD, UserFactory
from vetclinic.access.models import User

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


def test_new_person_can_sign_in_at_once(client):
    signed_in(client)
    form = {"username": "nora", "role": "vet", "first_name": "", "last_name": "", "usable_password": "true"}

    client.post(f"{USERS}add/", form | {"password1": PASSWORD, "password2": PASSWORD})

    client.logout()
    assert client.login(username="nora", password=PASSWORD)
    assert User.objects.get(username="nora").role == "vet"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"role": "emperor"}, "Select a valid choice."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password2": "another-password-1"}, "didn’t match"),
    ],
)
def test_bad_account_is_told_by_its_field(client, bad, message):
    signed_in(client)
    form = {"username": "nora", "role": "vet", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    answer = client.post(f"{USERS}add/", form | bad)

    assert (answer.status_code, message in answer.text) == (200, True)
    assert not User.objects.filter(username="nora").exists()


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


def test_password_set_by_an_admin_is_the_one_that_works(client):
    signed_in(client)
    other = UserFactory()

    client.post(f"{USERS}{other.pk}/password/", {"password1": "new-Password-77", "password2": "new-Password-77"})

    client.logout()
    assert client.login(username=other.username, password="new-Password-77")
