"""Merging owners: what moves, what stays, that undoing brings every row back, and what is refused."""

import threading
import uuid

import pytest
from django.db import connection, connections

from billing.actions import issue_invoice
from billing.models import Invoice
from clinic import actions, custody
from clinic.merging import merge_owners, preview_merge, undo_merge
from clinic.models import OwnerMerge, Pet, PetOwner, PetOwnership
from tests.billing.bills import draft, issue
from tests.factories import AppointmentFactory, OwnerFactory, PetFactory, UserFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TABLES = ("pet_owner", "pet", "pet_ownership", "appointment", "medical_record", "treatment", "invoice", "invoice_line")


def everything() -> dict[str, list]:
    """Every row of the tables that a merge can touch, and of those that it must not."""
    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            rows[table] = cursor.fetchall()
    return rows


def manager():
    return UserFactory(role="manager")


def merge(source, target, **more) -> OwnerMerge:
    return merge_owners(source=source, target=target, by=manager(), **more)


def test_merge_moves_pets_and_closes_the_source():
    source, target = OwnerFactory(), OwnerFactory()
    pet = PetFactory(pet_owner=source)

    merge(source, target)

    pet.refresh_from_db()
    source.refresh_from_db()
    assert (pet.pet_owner, source.merged_into, source.is_active) == (target, target, False)


def test_merge_fills_what_the_target_lacks_and_changes_nothing_else():
    source = OwnerFactory(phone="+79161111111", email="old@example.org", address="Birch Street 1")
    target = OwnerFactory(phone="+79162222222", email="", address="Oak Street 2")

    merge(source, target)

    filled = PetOwner.objects.filter(pk=target.pk).values_list("phone", "secondary_phone", "email", "address").get()
    assert filled == ("+79162222222", "+79161111111", "old@example.org", "Oak Street 2")


@pytest.mark.parametrize(
    ("source", "target", "filled"),
    [
        (("+79161111111", ""), ("+79161111111", ""), {}),
        (("+79161111111", "+79162222222"), ("", ""), {"phone": "+79161111111", "secondary_phone": "+79162222222"}),
        (("", "+79161111111"), ("", "+79161111111"), {}),
        (("+79161111111", "+79161111111"), ("", ""), {"phone": "+79161111111"}),
        (("+79161111111", "+79162222222"), ("+79163333333", ""), {"secondary_phone": "+79161111111"}),
    ],
)
def test_numbers_of_the_source_fill_empty_places_once(source, target, filled):
    source = OwnerFactory(phone=source[0], secondary_phone=source[1])
    target = OwnerFactory(phone=target[0], secondary_phone=target[1])

    assert preview_merge(source, target).filled == filled


def test_number_without_a_place_is_said_to_be_left_out():
    source = OwnerFactory(phone="+79161111111", last_name="Лёвина", first_name="Ida")
    target = OwnerFactory(phone="+79162222222", secondary_phone="+79163333333", last_name="левина", first_name="Ada")

    left_out = [field.left_out for field in preview_merge(source, target).fields]

    # last name, first name, phone, second, e-mail, address, language, reminders
    assert left_out == [False, True, True, False, False, False, False, False]


def test_undone_merge_leaves_every_row_as_it_was():
    source = OwnerFactory(email="only@example.org")
    target = OwnerFactory()
    issue("100", pet=PetFactory(pet_owner=source))
    draft("50", pet=PetFactory(pet_owner=source))
    AppointmentFactory(pet=PetFactory(pet_owner=target))
    merge(OwnerFactory(), source)
    before = everything()

    done = merge(source, target)
    between = everything()
    undo_merge(merge=done, by=manager())

    assert everything() == before
    assert {table for table in TABLES if between[table] != before[table]} == {"pet_owner", "pet"}


def test_merge_undone_can_be_done_and_undone_again():
    source, target = OwnerFactory(), OwnerFactory()
    PetFactory(pet_owner=source)
    before = everything()

    for _time in range(2):
        undo_merge(merge=merge(source, target), by=manager())

    assert everything() == before


def test_issued_invoice_keeps_its_owner_and_a_draft_gets_the_one_who_stays():
    source, target = OwnerFactory(), OwnerFactory()
    issued = issue("100", pet=PetFactory(pet_owner=source))
    waiting = draft("50", pet=PetFactory(pet_owner=source))
    merge(source, target)

    issue_invoice(invoice=waiting, by=UserFactory(role="reception"))

    owners = dict(Invoice.objects.values_list("pk", "pet_owner"))
    assert owners == {issued.pk: source.pk, waiting.pk: target.pk}


def test_merge_is_no_change_of_owner_in_the_history_of_a_pet():
    source, target = OwnerFactory(), OwnerFactory()
    pet = PetFactory(pet_owner=source)

    merge(source, target)

    assert PetOwnership.objects.get().pet_owner == source
    pet.refresh_from_db()
    assert pet.pet_owner == target


def test_same_merge_twice_is_one():
    source, target = OwnerFactory(), OwnerFactory()

    merges = [merge(source, target, seen=preview_merge(source, target).seen) for _time in range(2)]

    assert merges[0] == merges[1]


def test_merge_of_an_owner_into_itself_is_refused():
    owner = OwnerFactory()

    with pytest.raises(RuleViolation) as refusal:
        merge(owner, owner)

    assert refusal.value.code == "pet_owner_not_merged_into_itself"


@pytest.mark.parametrize("way", ["from", "into"])
def test_merge_of_a_merged_owner_is_refused(way):
    gone, other = OwnerFactory(), OwnerFactory()
    merge(gone, OwnerFactory())
    pair = {"source": gone, "target": other} if way == "from" else {"source": other, "target": gone}

    with pytest.raises(RuleViolation) as refusal:
        merge_owners(**pair, by=manager())

    assert refusal.value.code == "pet_owner_merged_into_a_last_record"


def test_merge_of_one_who_has_merged_others_leads_them_on():
    first, second, third = OwnerFactory(), OwnerFactory(), OwnerFactory()
    merge(first, second)

    merge(second, third)

    assert set(PetOwner.objects.filter(merged_into=third)) == {first, second}


def test_earlier_merge_is_undone_only_after_the_later_one():
    first, second, third = OwnerFactory(), OwnerFactory(), OwnerFactory()
    PetFactory(pet_owner=first)
    before = everything()
    earlier, later = merge(first, second), merge(second, third)

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=earlier, by=manager())
    for each in (later, earlier):
        undo_merge(merge=each, by=manager())

    assert "undo that merge first" in str(refusal.value)
    assert everything() == before


def test_undo_is_refused_when_a_pet_was_given_away_and_changes_nothing():
    source, target, third = OwnerFactory(), OwnerFactory(), OwnerFactory()
    pet = PetFactory(pet_owner=source, name="Rex")
    PetFactory(pet_owner=source)
    done = merge(source, target)
    custody.hand_over_pet(pet=pet, to=third, was=target.pk, by=manager())
    before = everything()

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=done, by=manager())

    assert str(refusal.value) == "Rex has been given to another owner since: it cannot be given back."
    assert everything() == before


def test_undo_is_refused_when_a_filled_field_was_corrected():
    target = OwnerFactory(email="")
    done = merge(OwnerFactory(email="a@example.org"), target)
    actions.change_owner(owner=target, email="b@example.org", by=manager())

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=done, by=manager())

    assert refusal.value.code == "merge_changed_since"


def test_undo_keeps_what_came_after_the_merge():
    source, target = OwnerFactory(), OwnerFactory()
    done = merge(source, target)
    newcomer = PetFactory(pet_owner=target)

    undo_merge(merge=done, by=manager())

    assert Pet.objects.get().pet_owner == target == newcomer.pet_owner


def test_undo_twice_is_refused():
    done = merge(OwnerFactory(), OwnerFactory())
    undo_merge(merge=done, by=manager())

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=done, by=manager())

    assert refusal.value.code == "merge_is_undone"


def test_merge_after_an_old_preview_is_refused():
    source, target = OwnerFactory(), OwnerFactory()
    seen = preview_merge(source, target).seen
    PetFactory(pet_owner=source)

    with pytest.raises(RuleViolation) as refusal:
        merge(source, target, seen=seen)

    assert refusal.value.code == "merge_preview_is_old"
    assert OwnerMerge.objects.count() == 0


def test_pet_registered_for_a_merged_owner_is_refused():
    source = OwnerFactory()
    merge(source, OwnerFactory())

    with pytest.raises(RuleViolation) as refusal:
        actions.register_pet(pet_owner=source, name="Rex", request_key=uuid.uuid4(), by=manager())

    assert refusal.value.code == "pet_owner_is_not_merged"


def at_once(*jobs) -> list[str]:
    """Run jobs in threads that start together; the code of each refusal, "" where there was none."""
    codes, barrier = [""] * len(jobs), threading.Barrier(len(jobs))

    def run(number, job):
        barrier.wait()
        try:
            job()
        except RuleViolation as violation:
            codes[number] = violation.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_opposite_merges_at_once_are_one():
    by = manager()
    for _time in range(5):
        one, other = OwnerFactory(), OwnerFactory()

        codes = at_once(
            lambda one=one, other=other: merge_owners(source=one, target=other, by=by),
            lambda one=one, other=other: merge_owners(source=other, target=one, by=by),
        )

        assert sorted(codes) == ["", "pet_owner_merged_into_a_last_record"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_pet_added_while_its_owner_is_merged_is_moved_or_refused():
    by = manager()
    for number in range(10):
        source, target = OwnerFactory(), OwnerFactory()

        codes = at_once(
            lambda source=source, target=target: merge_owners(source=source, target=target, by=by),
            lambda source=source, number=number: actions.register_pet(pet_owner=source, name=f"Rex{number}", by=by),
        )

        assert codes[0] == ""
        owners = list(Pet.objects.filter(name=f"Rex{number}").values_list("pet_owner", flat=True))
        assert (codes[1], owners) in [("", [target.pk]), ("pet_owner_is_not_merged", [])]


@pytest.mark.parametrize(
    ("source", "target", "result"),
    [(False, True, False), (True, False, False), (False, False, False), (True, True, True)],
)
def test_who_refused_reminders_once_gets_none_after_a_merge(source, target, result):
    source = OwnerFactory(email_reminders=source, email="ida@example.org")
    target = OwnerFactory(email_reminders=target, email="")

    merge(source, target)

    target.refresh_from_db()
    assert (target.email, target.email_reminders) == ("ida@example.org", result)


@pytest.mark.parametrize(("source", "target", "result"), [("ru", "", "ru"), ("ru", "en", "en"), ("", "en", "en")])
def test_language_of_the_source_is_taken_when_the_target_has_none(source, target, result):
    source, target = OwnerFactory(language=source), OwnerFactory(language=target)

    merge(source, target)

    target.refresh_from_db()
    assert target.language == result


def test_refusal_keeps_the_day_on_which_it_was_said_through_a_merge_and_its_undoing():
    source, target = OwnerFactory(), OwnerFactory()
    actions.change_owner(owner=source, email_reminders=False, by=manager())
    source.refresh_from_db()
    before = everything()

    done = merge(source, target)
    target.refresh_from_db()
    undo_merge(merge=done, by=manager())

    assert target.email_reminders_since == source.email_reminders_since
    assert everything() == before


def test_refusal_that_was_changed_after_the_merge_is_not_undone():
    source, target = OwnerFactory(email_reminders=False), OwnerFactory()
    done = merge(source, target)
    actions.change_owner(owner=target, email_reminders=True, by=manager())

    with pytest.raises(RuleViolation) as refusal:
        undo_merge(merge=done, by=manager())

    assert refusal.value.code == "merge_changed_since"


@pytest.mark.parametrize("change", [{"email_reminders": False}, {"language": "ru"}])
def test_consent_or_language_changed_after_the_preview_stops_the_merge(change):
    source, target = OwnerFactory(), OwnerFactory()
    seen = preview_merge(source, target).seen
    PetOwner.objects.filter(pk=source.pk).update(**change)

    with pytest.raises(RuleViolation) as refusal:
        merge(source, target, seen=seen)

    assert refusal.value.code == "merge_preview_is_old"
