"""Vets and who waits, as a process keeps them: never what was read before a change that another request has found."""

import datetime as dt

import pytest
from django.db import connections

from clinic.actions import wait_for_time
from clinic.models import Branch, Specialization, Veterinarian
from tests.factories import PetFactory, UserFactory, VetFactory
from vetclinic.audit import kept
from vetclinic.audit.kept import _desks, look_into_log
from vetclinic.home.people import VETS, _vets, vets_of_clinic, waiting_on

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CHANGES = {
    "vet": lambda vet: Veterinarian.objects.filter(pk=vet.pk).update(last_name="Anew"),
    "branch": lambda vet: Branch.objects.filter(pk=vet.branch_id).update(name="Anew"),
    "specialization": lambda vet: Specialization.objects.filter(pk=vet.specialization_id).update(name="Anew"),
}


def names() -> list[list[str]]:
    return [[vet.last_name, vet.branch.name, vet.specialization.name] for vet in vets_of_clinic(look_into_log())]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_vets_are_as_they_were_called_last(change):
    vet = VetFactory()
    before = names()
    change(vet)

    assert "Anew" not in before[0]
    assert "Anew" in names()[0]


def test_vets_are_not_asked_again_while_nothing_has_changed(django_assert_num_queries):
    VetFactory()
    names()

    with django_assert_num_queries(1):  # the log
        names()


def test_who_waits_is_noticed_at_once():
    vet, reception, today = VetFactory(), UserFactory(role="reception"), dt.date(2031, 3, 4)
    before = list(waiting_on(look_into_log(), today))
    wait_for_time(pet=PetFactory(), vet=vet, minutes=30, since=today, until=today, by=reception)

    assert (before, len(waiting_on(look_into_log(), today))) == ([], 1)


def test_what_was_read_before_a_change_that_was_found_is_not_kept():
    """Two requests at once: one has read, the other finds out that it is not so any more, and the first one is done."""
    vet = VetFactory()
    slow = look_into_log()
    read = {VETS: list(Veterinarian.objects.all())}
    look_into_log()
    Veterinarian.objects.filter(pk=vet.pk).update(last_name="Anew")
    quick = look_into_log()
    _vets.keep(slow, read)

    assert _vets.found(quick, [VETS]) == {}


def test_what_was_looked_up_before_a_change_that_another_one_found_is_not_kept(monkeypatch):
    """The look itself saw no change; it ends after another request has seen one and let go of what was stale."""
    vet = VetFactory()
    names()
    ask = kept.changes_since

    def ask_and_be_slow(*args, **options):
        monkeypatch.setattr(kept, "changes_since", ask)
        seen = ask(*args, **options)
        Veterinarian.objects.filter(pk=vet.pk).update(last_name="Anew")
        look_into_log()
        return seen

    monkeypatch.setattr(kept, "changes_since", ask_and_be_slow)
    slow = look_into_log()
    _vets.keep(slow, {VETS: [vet]})

    assert _vets.found(look_into_log(), [VETS]) == {}


def test_nothing_is_taken_over_from_another_server(monkeypatch):
    """A failover: the one that is primary now may lack the last writes, and gives out their numbers again."""
    VetFactory()
    names()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time() - interval '1 hour'")
        (earlier,) = cursor.fetchone()
    desk = _desks["default"]
    monkeypatch.setattr(desk, "as_of", desk.as_of._replace(server=earlier))

    assert _vets.found(look_into_log(), [VETS]) == {}
