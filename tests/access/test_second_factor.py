"""Signing in with a password and a code: from a telephone, or from paper."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from tests.factories import PASSWORD, UserFactory
from vetclinic.access.actions import make_recovery_codes
from vetclinic.access.models import RecoveryCode, SecondFactor, SignInFailure
from vetclinic.access.second_factor import key_of, step_of

pytestmark = pytest.mark.django_db

SECRET = "3132333435363738393031323334353637383930"  # of RFC 6238, appendix B
NOW = 1_900_000_005


@pytest.fixture
def clock(monkeypatch):
    passed = [NOW]
    monkeypatch.setattr(time, "time", lambda: sum(passed))
    return passed.append


@pytest.fixture
def boss():
    return UserFactory(username="boss", role="manager")


@pytest.fixture
def guarded(boss):
    SecondFactor.objects.create(user=boss, secret=SECRET)
    return boss


def code_of(secret=SECRET, steps=0) -> str:
    clock = TOTP(bytes.fromhex(secret))
    clock.time = time.time() + 30 * steps
    return f"{clock.token():06}"


def sign_in(client, **more):
    return client.post(reverse("login"), {"username": "boss", "password": PASSWORD, **more})


def enter(client, code, **more):
    return client.post(reverse("code_ask"), {"code": code, **more})


def is_in(client) -> bool:
    return client.get("/income/").status_code == 200


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_code_is_that_of_the_standard(monkeypatch, at, code):
    monkeypatch.setattr(time, "time", lambda: at)

    assert step_of(SECRET, code, after=0) == at // 30


@pytest.mark.parametrize("path", ["/", "/income/", "/account/", "/account/code/remove/", "/admin/"])
def test_password_alone_opens_no_page_of_who_has_a_telephone(client, clock, guarded, path):
    sign_in(client)

    assert client.get(path).headers["Location"] == reverse("code_ask", query={"next": path})


def test_code_opens_and_leads_where_the_person_was_going(client, clock, guarded):
    sign_in(client)

    answer = enter(client, code_of(), next="/income/")

    assert (answer.headers["Location"], is_in(client)) == ("/income/", True)


@pytest.mark.parametrize("steps", [-1, 1])
def test_clock_of_the_telephone_may_be_half_a_minute_off(client, clock, guarded, steps):
    sign_in(client)
    enter(client, code_of(steps=steps))

    assert is_in(client)


@pytest.mark.parametrize("steps", [-2, 2])
def test_code_of_another_minute_is_refused(client, clock, guarded, steps):
    sign_in(client)

    assert (enter(client, code_of(steps=steps)).status_code, is_in(client)) == (422, False)


def test_code_works_once(client, clock, guarded):
    code, second = code_of(), Client()
    sign_in(client)
    enter(client, code)
    sign_in(second)

    assert (enter(second, code).status_code, is_in(second)) == (422, False)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٠٨١٨٠٤", "\x00", "x" * 41])
def test_what_is_no_code_is_refused_by_its_field(client, clock, guarded, typed):
    sign_in(client)

    answer = enter(client, typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["code"])


def test_codes_are_not_guessed(client, clock, guarded):
    sign_in(client)
    for number in range(10):
        enter(client, f"{number:06}")

    assert (enter(client, code_of()).status_code, is_in(client)) == (422, False)
    assert SignInFailure.objects.count() == 10


@pytest.mark.parametrize("written", [str, str.upper, lambda code: code.replace("-", " ")])
def test_code_from_paper_opens_once_however_it_is_typed(client, clock, guarded, written):
    code, second = make_recovery_codes(by=guarded)[3], Client()
    sign_in(client)
    enter(client, written(code))
    sign_in(second)
    enter(second, code)

    assert (is_in(client), is_in(second)) == (True, False)


def test_codes_from_paper_are_ten_and_not_kept_as_they_are(clock, guarded):
    codes = make_recovery_codes(by=guarded)

    assert len(set(codes)) == 10
    assert {row.digest for row in RecoveryCode.objects.all()} & {code.replace("-", "") for code in codes} == set()


# -- Setting it up ----------------------------------------------------------------------------------------------------


def set_up(client, **typed):
    secret = client.get(reverse("second_factor")).context["form"]["secret"].value()
    form = {"secret": secret, "code": code_of(secret), "password": PASSWORD} | typed
    return client.post(reverse("second_factor"), form)


def test_telephone_is_set_up_with_a_picture_or_a_key_and_gives_codes_for_paper(client, clock, boss):
    client.force_login(boss)
    page = client.get(reverse("second_factor"))

    answer = set_up(client)

    assert page.context["key"] == key_of(page.context["form"]["secret"].value())
    assert re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1"', page.text)
    assert len(answer.context["codes"]) == 10
    assert (SecondFactor.objects.get().user, is_in(client)) == (boss, True)


@pytest.mark.parametrize(("typed", "field"), [({"code": "000000"}, "code"), ({"password": "wrong"}, "password")])
def test_telephone_is_not_set_up_without_its_code_and_the_password(client, clock, boss, typed, field):
    client.force_login(boss)

    answer = set_up(client, **typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not SecondFactor.objects.exists()


def test_code_that_set_it_up_does_not_sign_in(client, clock, boss):
    client.force_login(boss)
    set_up(client)
    second = Client()
    sign_in(second)

    answer = enter(second, code_of(SecondFactor.objects.get().secret))

    assert (answer.status_code, is_in(second)) == (422, False)


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_role_that_needs_a_code_sets_it_up_before_anything_opens(client, clock, settings, role):
    settings.SECOND_FACTOR_FOR = ["manager", "admin"]
    client.force_login(UserFactory(role=role))

    before = client.get("/account/").headers["Location"]
    set_up(client)

    assert before == reverse("second_factor", query={"next": "/account/"})
    assert client.get("/account/").status_code == 200


def test_role_that_needs_none_signs_in_with_the_password(client, settings):
    settings.SECOND_FACTOR_FOR = ["manager", "admin"]
    client.force_login(UserFactory(role="vet"))

    assert client.get("/account/").status_code == 200


def test_person_who_is_made_a_manager_is_asked_with_the_next_page(client, settings):
    settings.SECOND_FACTOR_FOR = ["manager"]
    person = UserFactory(role="vet")
    client.force_login(person)
    person.role = "manager"
    person.save()

    assert client.get("/account/").headers["Location"].startswith(reverse("second_factor"))


def test_telephone_that_was_set_up_elsewhere_meanwhile_is_not_replaced_by_a_password(client, clock, guarded):
    """Whoever has stolen a password and kept a page open would else set up a telephone of their own."""
    SecondFactor.objects.all().delete()
    client.force_login(guarded)
    SecondFactor.objects.create(user=guarded, secret=SECRET)

    answer = set_up(client)

    assert (answer.status_code, SecondFactor.objects.get().secret) == (422, SECRET)


def test_new_codes_for_paper_need_the_password_and_replace_the_old(client, clock, guarded):
    old = make_recovery_codes(by=guarded)
    sign_in(client)
    enter(client, code_of())

    refused = client.post(reverse("recovery_codes"), {"password": "wrong"})
    new = client.post(reverse("recovery_codes"), {"password": PASSWORD}).context["codes"]

    assert refused.status_code == 422
    assert (len(new), set(new) & set(old), RecoveryCode.objects.count()) == (10, set(), 10)


def test_code_is_asked_no_more_after_the_password(client, clock, guarded):
    sign_in(client)
    enter(client, code_of())
    client.post(reverse("second_factor_remove"), {"password": PASSWORD})
    second = Client()
    sign_in(second)

    assert (is_in(client), is_in(second)) == (True, True)


def test_role_that_needs_a_code_sets_one_up_at_once_after_taking_it_away(client, clock, guarded, settings):
    settings.SECOND_FACTOR_FOR = ["manager"]
    sign_in(client)
    enter(client, code_of())

    client.post(reverse("second_factor_remove"), {"password": PASSWORD})

    assert client.get("/income/").headers["Location"].startswith(reverse("second_factor"))


def test_secret_that_our_page_did_not_make_leads_back_to_it(client, clock, boss):
    client.force_login(boss)

    answer = set_up(client, secret="no secret")

    assert answer.headers["Location"] == reverse("second_factor")
