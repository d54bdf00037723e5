"""What a user wrote is waited for: on every page, on another device, after a failover; and no request lowers it."""

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import PetOwner
from tests.factories import OwnerFactory, UserFactory
from vetclinic.replication.positions import PREFIX, Position, signer, written_now

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


def signed_in(user=None) -> Client:
    client = Client()
    client.force_login(user or UserFactory(role="reception"))
    return client


def rename(client: Client, owner: PetOwner, name: str):
    form = {"first_name": owner.first_name, "last_name": name, "phone": owner.phone}
    answer = client.post(f"/owners/{owner.pk}/edit/", form)
    assert answer.status_code == 302
    return answer


def positions(cookies) -> dict[str, str]:
    """Those that a browser keeps, or that an answer sets: name → value, "" for one that is dropped."""
    return {name: morsel.value for name, morsel in cookies.items() if name.startswith(PREFIX)}


def carry(client: Client, position: Position) -> str:
    name = f"{PREFIX}-{position}"
    client.cookies[name] = signer.sign(str(position))
    return name


def test_position_is_signed_and_no_script_reads_it(catch_up):
    answer = rename(signed_in(), OwnerFactory(), "Afterwards")

    (name,) = positions(answer.cookies)
    morsel = answer.cookies[name]
    assert name == f"{PREFIX}-{signer.unsign(morsel.value)}"
    assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")


def test_position_travels_over_https_alone_where_the_site_does(settings, catch_up):
    settings.SESSION_COOKIE_SECURE = True

    answer = rename(signed_in(), OwnerFactory(), "Afterwards")

    assert [answer.cookies[name]["secure"] for name in positions(answer.cookies)] == [True]


def test_page_drops_only_the_position_that_it_came_with(catch_up):
    """Its answer may arrive after that of a later write."""
    owner, client = OwnerFactory(), signed_in()
    rename(client, owner, "First")
    (first,) = positions(client.cookies)
    browser = Client()
    browser.cookies.load(client.cookies.output(header="", sep=";"))
    catch_up()

    answer = browser.get(f"/owners/{owner.pk}/")
    rename(client, owner, "Second")
    (second,) = [name for name, value in positions(client.cookies).items() if value]

    assert positions(answer.cookies) == {first: ""}
    assert second != first


def test_overlapping_writes_keep_the_later_position_in_whatever_order_they_answer(catch_up, late):
    owner, client = OwnerFactory(last_name="Before"), signed_in()
    catch_up()
    late()
    earlier = rename(client, owner, "First")
    client.cookies.clear()
    client.force_login(UserFactory(role="reception"))  # a browser that knew of neither when it sent them
    later = rename(client, owner, "Second")

    client.cookies.load(later.cookies.output(header="", sep=";"))
    client.cookies.load(earlier.cookies.output(header="", sep=";"))

    assert len(positions(client.cookies)) == 2
    assert "Second" in client.get(f"/owners/{owner.pk}/").text


def test_later_write_takes_the_place_of_an_earlier_one(catch_up, late):
    owner, client = OwnerFactory(), signed_in()
    catch_up()
    late()
    rename(client, owner, "First")
    (first,) = positions(client.cookies)

    answer = rename(client, owner, "Second")

    assert positions(answer.cookies)[first] == ""
    assert len(positions(answer.cookies)) == 2


def test_refused_form_does_not_lower_the_position(catch_up, late):
    owner, client = OwnerFactory(last_name="Before"), signed_in()
    catch_up()
    late()
    rename(client, owner, "Afterwards")

    refused = client.post(f"/owners/{owner.pk}/edit/", {"first_name": "", "last_name": ""})

    assert refused.status_code == 422
    assert "Afterwards" in client.get(f"/owners/{owner.pk}/").text


def test_request_that_wrote_nothing_gets_no_position(catch_up):
    refused = Client().post("/login/", {"username": "", "password": ""})

    assert (refused.status_code, positions(refused.cookies)) == (422, {})


def test_second_device_sees_what_was_written_on_the_first(catch_up, late):
    owner, user = OwnerFactory(last_name="Before"), UserFactory(role="reception")
    phone, desk, colleague = signed_in(user), signed_in(user), signed_in()
    catch_up()
    late()

    rename(phone, owner, "Afterwards")

    assert "Afterwards" in desk.get(f"/owners/{owner.pk}/").text
    assert "Before" in colleague.get(f"/owners/{owner.pk}/").text


def test_right_that_is_taken_away_is_gone_before_the_standby_knows(catch_up, late):
    person, admin = UserFactory(role="reception"), Client()
    client = signed_in(person)
    admin.force_login(UserFactory(role="admin"))
    catch_up()
    late()
    assert client.get("/owners/").status_code == 200

    saved = admin.post(f"/admin/access/user/{person.pk}/change/", {"username": person.username, "role": "admin"})

    assert saved.status_code == 302
    assert client.get("/owners/").status_code == 302  # is_active was not ticked


@pytest.mark.parametrize("cookie", [PREFIX, f"{PREFIX}-1-FF"])
def test_forged_position_means_the_primary_and_is_replaced(catch_up, late, cookie):
    owner, reader = OwnerFactory(last_name="Before"), signed_in()
    catch_up()
    late()
    PetOwner.objects.filter(pk=owner.pk).update(last_name="Afterwards")
    reader.cookies[cookie] = "1-FF:forged"

    answer = reader.get(f"/owners/{owner.pk}/")

    assert "Afterwards" in answer.text
    assert sorted(positions(answer.cookies).values(), key=bool)[0] == ""
    assert "Afterwards" in reader.get(f"/owners/{owner.pk}/").text


def test_position_of_a_timeline_that_ended_means_the_primary_once(catch_up, late):
    """After a failover the bytes of the log up to a position may be others than those that the user wrote."""
    owner, client = OwnerFactory(last_name="Before"), signed_in()
    catch_up()
    late()
    PetOwner.objects.filter(pk=owner.pk).update(last_name="Afterwards")
    old = carry(client, Position(0, written_now().lsn - 1_000_000))

    answer = client.get(f"/owners/{owner.pk}/")
    now = [name for name, value in positions(answer.cookies).items() if value]

    assert "Afterwards" in answer.text
    assert (positions(answer.cookies)[old], len(now)) == ("", 1)
    assert now[0].startswith(f"{PREFIX}-1-")


def test_position_of_a_timeline_that_the_standby_has_not_reached_means_the_primary(catch_up):
    owner, client = OwnerFactory(), signed_in()
    catch_up()
    name = carry(client, Position(2, 0))

    with CaptureQueriesContext(connections["default"]) as on_primary:
        answer = client.get(f"/owners/{owner.pk}/")

    assert any("pet_owner" in query["sql"] for query in on_primary)
    assert name not in answer.cookies
