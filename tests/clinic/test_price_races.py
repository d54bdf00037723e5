"""Two change prices at once, or one while a visit takes the price: one of them gives way, and is told."""

import pytest
from django.db import transaction
from django.utils import timezone

from clinic.models import PriceChange, Service
from clinic.pricing import change_prices, undo_price_change
from records.actions import add_treatment, start_visit
from records.models import Treatment
from tests.aside import Aside, wait_until_somebody_waits_for_a_lock
from tests.clinic.pricing import bulk, curve, in_days
from tests.clinic.test_booking_race import at_once
from tests.clinic.test_price_pages import BULK, rule
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def going_on():
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    return visit


def test_two_bulk_changes_at_once_are_one_and_a_new_preview():
    ServiceFactory(code="cut", cost=1000)
    user, forms = UserFactory(role="admin"), [rule(by=by, step="1") for by in ("7", "8", "9")]
    for form in forms:
        planner = bulk(in_days(8), by=int(form["by"]), step=1)
        form |= {"apply": "1", "shown": planner().digest}

    answers = at_once(user, [(BULK, form) for form in forms])

    assert sorted(answer.status_code for answer in answers) == [302, 409, 409]
    assert (PriceChange.objects.count(), len(curve("cut"))) == (1, 2)


def test_change_waits_for_a_treatment_that_takes_the_price_and_sees_it():
    service, visit, admin = ServiceFactory(cost=1000), going_on(), UserFactory(role="admin")
    planner = bulk(in_days(0))
    shown = planner().digest
    with transaction.atomic():
        add_treatment(appointment=visit, service=service, by=visit.vet.user)
        changing = Aside(lambda: change_prices(planner=planner, shown=shown, reason="x", by=admin))
        wait_until_somebody_waits_for_a_lock()
    changing.join(20)

    assert changing.told == "prices_have_changed"
    assert Service.objects.count() == 1


def test_treatment_waits_for_a_change_of_its_price_and_is_refused():
    service, visit, admin = ServiceFactory(cost=1000), going_on(), UserFactory(role="admin")
    planner = bulk(in_days(0))
    with transaction.atomic():
        change_prices(planner=planner, shown=planner().digest, reason="x", by=admin)
        treating = Aside(lambda: add_treatment(appointment=visit, service=service, by=visit.vet.user))
        wait_until_somebody_waits_for_a_lock()
    treating.join(20)

    assert treating.told == "treatment_price_holds_on_its_day"
    assert (Treatment.objects.count(), len(curve(service.code))) == (0, 2)


def test_undoing_waits_for_a_treatment_that_takes_a_new_price_and_is_refused():
    service, admin = ServiceFactory(cost=1000), UserFactory(role="admin")
    visit = AppointmentFactory(vet__branch__time_zone="Asia/Kamchatka")
    start_visit(appointment=visit, by=visit.vet.user)
    change = change_prices(planner=bulk(in_days(1)), shown=bulk(in_days(1))().digest, reason="x", by=admin)
    new = Service.objects.filter(code=service.code).latest("valid_from")
    early, evening = (timezone.localtime().replace(hour=hour, minute=0) for hour in (1, 20))
    with transaction.atomic():
        add_treatment(appointment=visit, service=new, now=evening, by=visit.vet.user)
        undoing = Aside(lambda: undo_price_change(change=change, now=early, by=admin))
        wait_until_somebody_waits_for_a_lock()
    undoing.join(20)

    assert undoing.told == "price_change_has_begun"
