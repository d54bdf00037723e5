"""The pages of a merge: preview, merging, undoing, and every wrong way of asking for them."""

import pytest

from clinic.merging import merge_owners, preview_merge
from clinic.models import OwnerMerge
from tests.billing.bills import issue
from tests.factories import AppointmentFactory, OwnerFactory, PetFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager"))
    return client


def path(target, source) -> str:
    return f"/owners/{target.pk}/merge/{source.pk}/"


def test_preview_shows_both_owners_and_what_will_happen_and_writes_nothing(manager):
    source = OwnerFactory(email="only@example.org")
    target = OwnerFactory()
    AppointmentFactory(pet=PetFactory(pet_owner=source, name="Rex"))

    answer = manager.get(path(target, source))

    assert answer.status_code == 200
    assert [text in answer.text for text in ("only@example.org", "Rex", "1 pet moves", path(source, target))] == [
        True
    ] * 4
    assert answer.context["visits"] == {"source": 1, "target": 0}
    assert OwnerMerge.objects.count() == 0


def test_merge_leads_to_the_one_who_stays_with_undo_at_hand(manager):
    source, target = OwnerFactory(), OwnerFactory()
    seen = manager.get(path(target, source)).context["preview"].seen

    answer = manager.post(path(target, source), {"seen": seen}, follow=True)

    merge = OwnerMerge.objects.get()
    assert answer.redirect_chain == [(f"/owners/{target.pk}/?merged={merge.pk}", 302)]
    assert answer.context["just_merged"] == merge
    assert answer.text.count(f"/merges/{merge.pk}/undo/") == 2


def test_undo_brings_both_pages_back(manager):
    source, target = OwnerFactory(), OwnerFactory()
    merge = merge_owners(source=source, target=target, by=UserFactory())

    answer = manager.post(f"/merges/{merge.pk}/undo/", follow=True)

    assert "Parted again" in answer.text
    assert manager.get(f"/owners/{source.pk}/").status_code == 200
    assert answer.context["merges"] == []


def test_undo_sent_twice_is_told_so(manager):
    merge = merge_owners(source=OwnerFactory(), target=OwnerFactory(), by=UserFactory())

    answers = [manager.post(f"/merges/{merge.pk}/undo/", follow=True) for _time in range(2)]

    assert "This merge has been undone already." in answers[1].text


def test_merge_sent_twice_is_one(manager):
    source, target = OwnerFactory(), OwnerFactory()
    seen = preview_merge(source, target).seen

    codes = [manager.post(path(target, source), {"seen": seen}).status_code for _time in range(2)]

    assert (codes, OwnerMerge.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize("seen", ["", "zz", "😀", "<b>", "x" * 5000])
def test_merge_without_the_preview_that_is_true_shows_it_again(manager, seen):
    source, target = OwnerFactory(), OwnerFactory()

    answer = manager.post(path(target, source), {"seen": seen})

    assert answer.status_code == 409
    assert "Look again at what will be merged." in answer.text
    assert answer.context["preview"].seen in answer.text
    assert OwnerMerge.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_merge_with_oneself_or_a_merged_owner_is_refused_in_words(manager, method):
    gone, owner = OwnerFactory(), OwnerFactory()
    merge_owners(source=gone, target=OwnerFactory(), by=UserFactory())

    answers = [getattr(manager, method)(path(owner, other)) for other in (owner, gone)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert ["Choose two different owners." in answers[0].text, "already." in answers[1].text] == [True, True]
    assert [answer.context["can_merge"] for answer in answers] == [False, False]


@pytest.mark.parametrize("pk", ["0", "2147483648", "9" * 30])
def test_merge_with_nobody_is_not_found(manager, pk):
    owner = OwnerFactory()
    paths = [f"/owners/{pk}/merge/{owner.pk}/", f"/owners/{owner.pk}/merge/{pk}/", f"/owners/{pk}/merge/"]

    codes = [manager.get(each).status_code for each in paths] + [manager.post(f"/merges/{pk}/undo/").status_code]

    assert codes == [404] * 4


@pytest.mark.parametrize("role", ["reception", "vet"])
def test_others_than_managers_neither_merge_nor_are_offered_to(client, role):
    source, target = OwnerFactory(phone="+79165550123"), OwnerFactory(phone="+79165550123")
    client.force_login(UserFactory(role=role))

    page = client.get(f"/owners/{target.pk}/").text

    assert client.post(path(target, source)).status_code == 403
    assert "/merge/" not in page


def test_closed_record_leads_to_the_one_who_stays(manager):
    source, target = OwnerFactory(phone="+79165550123"), OwnerFactory(secondary_phone="+79160000001")
    PetFactory(pet_owner=target)
    merge_owners(source=source, target=target, by=UserFactory())

    assert manager.get(f"/owners/{source.pk}/").url == f"/owners/{target.pk}/"
    assert manager.get(f"/owners/{source.pk}/edit/").status_code == 404
    assert manager.get("/search/", {"q": "5550123"}).context["found"].people == [target]


def test_balance_counts_invoices_of_the_closed_record(manager):
    source, target = OwnerFactory(), OwnerFactory()
    bills = [issue(price, pet=PetFactory(pet_owner=owner)) for price, owner in (("100", source), ("20.50", target))]
    merge_owners(source=source, target=target, by=UserFactory())

    context = manager.get(f"/owners/{target.pk}/").context

    assert (str(context["owed"]), set(context["invoices"])) == ("120.50", set(bills))


def test_choice_offers_who_was_found_and_not_the_owner(manager):
    owner, other = OwnerFactory(last_name="Nilsson"), OwnerFactory(last_name="Nilsson")

    answer = manager.get(f"/owners/{owner.pk}/merge/", {"q": "nilss"})

    assert answer.context["found"] == [other]
    assert path(owner, other) in answer.text


@pytest.mark.parametrize("query", ["q=%F0%9F%98%80", "q=" + "x" * 3000, "q=%3Cb%3E", "q=%25", "q="])
def test_choice_is_a_page_whatever_is_asked(manager, query):
    assert manager.get(f"/owners/{OwnerFactory().pk}/merge/?{query}").status_code == 200


def test_preview_says_that_a_refusal_of_reminders_holds(manager):
    source, target = OwnerFactory(email_reminders=False, language="ru"), OwnerFactory()

    page = manager.get(path(target, source)).text

    assert ("the refusal holds" in page, "Russian" in page) == (True, True)
