"""Signing in and out, and the language."""

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import UserFactory

PASSWORD = "a long and private sentence"

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora():
    nora = UserFactory(role="reception", username="nora")
    nora.set_password(PASSWORD)
    nora.save()
    return nora


def sign_in(client, password=PASSWORD, **more):
    return client.post(reverse("login"), {"username": "nora", "password": password, **more})


def test_login_with_right_password_leads_home(client, nora):
    answer = sign_in(client)

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("home")
    assert client.session["_auth_user_id"] == str(nora.pk)


def test_login_with_wrong_password_is_refused_and_keeps_the_name(client, nora):
    answer = sign_in(client, password="wrong")

    assert answer.status_code == 422
    assert "The name or the password is wrong." in answer.text
    assert 'value="nora"' in answer.text
    assert "_auth_user_id" not in client.session


def test_login_of_an_unknown_name_says_the_same_as_a_wrong_password(client, nora):
    wrong = sign_in(client, password="wrong")

    unknown = client.post(reverse("login"), {"username": "nobody", "password": "wrong"})

    assert unknown.context["form"].errors == wrong.context["form"].errors


def test_login_of_someone_who_has_left_is_refused(client, nora):
    nora.is_active = False
    nora.save()

    assert sign_in(client).status_code == 422


def test_login_with_a_page_of_ours_as_next_leads_there(client, nora):
    answer = sign_in(client, next="/search/?q=rex")

    assert answer.headers["Location"] == "/search/?q=rex"


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_login_with_a_foreign_next_leads_home(client, nora, address):
    answer = sign_in(client, next=address)

    assert answer.headers["Location"] == reverse("home")


def test_login_page_for_who_is_signed_in_leads_home(client, nora):
    client.force_login(nora)

    answer = client.get(reverse("login"))

    assert answer.headers["Location"] == reverse("home")


def test_login_with_nul_in_the_name_is_refused(client):
    answer = client.post(reverse("login"), {"username": "nora\x00", "password": PASSWORD})

    assert answer.status_code == 422


def test_logout_by_get_is_refused(client, nora):
    client.force_login(nora)

    answer = client.get(reverse("logout"))

    assert answer.status_code == 405
    assert "_auth_user_id" in client.session


def test_logout_by_post_ends_the_session(client, nora):
    client.force_login(nora)

    answer = client.post(reverse("logout"))

    assert answer.headers["Location"] == reverse("login")
    assert "_auth_user_id" not in client.session


def test_page_behind_the_login_sends_a_stranger_to_sign_in(client):
    answer = client.get(reverse("home"))

    assert answer.headers["Location"] == f"{reverse('login')}?next=/"


def test_admin_site_sends_a_stranger_to_our_login(client):
    answer = client.get(reverse("admin:login"), {"next": "/admin/"})

    assert answer.headers["Location"] == reverse("login", query={"next": "/admin/"})


def test_admin_site_refuses_who_is_no_admin(client, nora):
    client.force_login(nora)

    answer = client.get(reverse("admin:index"), follow=True)

    assert answer.status_code == 403


def test_admin_site_opens_for_an_admin(client):
    client.force_login(UserFactory(role="admin"))

    assert client.get(reverse("admin:login")).headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_language_follows_the_browser(client):
    answer = client.get(reverse("login"), headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"})

    assert '<html lang="ru">' in answer.text


def test_language_that_was_chosen_wins_over_the_browser(client):
    chosen = client.post(reverse("set_language"), {"language": "ru", "next": reverse("login")})

    answer = client.get(reverse("login"), headers={"Accept-Language": "en"})

    assert chosen.headers["Location"] == reverse("login")
    assert chosen.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == settings.LANGUAGE_COOKIE_AGE
    assert '<html lang="ru">' in answer.text


def test_language_with_a_foreign_next_leads_home(client):
    answer = client.post(reverse("set_language"), {"language": "ru", "next": "//evil.example"})

    assert answer.headers["Location"] == "/"


def test_language_by_get_is_refused(client):
    assert client.get(reverse("set_language")).status_code == 405


def test_healthz_answers_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(reverse("healthz"))

    assert (answer.status_code, answer.text) == (200, "ok")
