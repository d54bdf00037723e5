"""A form that was sent comes back: the same again changes nothing, one with something else in it is refused in words."""

import ast
import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import actions as money
from billing.till import count_till
from clinic import actions
from clinic.alerts import note_alert
from clinic.hours import add_exception
from clinic.pricing import change_prices
from records.actions import add_treatment, sign_record, start_visit
from records.addenda import append_addendum
from records.measuring import add_weight
from records.vaccinating import give_dose, note_dose
from tests.billing.bills import issue, pay
from tests.clinic.pricing import bulk, in_days
from tests.clinic.times import next_morning
from tests.factories import (
    AppointmentFactory,
    BranchFactory,
    OwnerFactory,
    PetFactory,
    ServiceFactory,
    UserFactory,
    VaccineKindFactory,
    VetFactory,
)
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def manager():
    return UserFactory(role="manager")


def visit_going_on():
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    return visit


def a_payment():
    invoice, by = issue("1000"), UserFactory()
    return (
        money.take_payment,
        {"invoice": invoice, "amount": Decimal(300), "method": "cash", "by": by},
        {"amount": Decimal(200)},
    )


def a_payment_into_another_till():
    act, sent, _other = a_payment()
    return act, sent | {"branch": BranchFactory()}, {"branch": BranchFactory()}


def a_refund():
    invoice = issue("1000")
    pay(invoice, "1000")
    sent = {"invoice": invoice, "amount": Decimal(30), "method": "cash", "reason": "Twice", "by": manager()}
    return money.refund_payment, sent, {"amount": Decimal(20)}


def a_credit_note():
    invoice = issue("1000")
    line = invoice.lines.get().pk
    sent = {"invoice": invoice, "amounts": {line: Decimal(30)}, "reason": "Old", "by": manager()}
    return money.credit_invoice, sent, {"amounts": {line: Decimal(20)}}


def a_deposit():
    sent = {"owner": OwnerFactory(), "amount": Decimal(30), "method": "cash", "by": UserFactory()}
    return money.take_deposit, sent, {"method": "card"}


def a_deposit_given_back():
    owner, by = OwnerFactory(), manager()
    money.take_deposit(owner=owner, amount=Decimal(100), method="cash", by=by)
    sent = {"owner": owner, "amount": Decimal(30), "method": "cash", "reason": "Asked", "by": by}
    return money.return_deposit, sent, {"amount": Decimal(40)}


def a_count_of_the_till():
    nothing = {"opening_float": Decimal(0), "counted": Decimal(0)}
    sent = {"branch": BranchFactory(), "day": TODAY - dt.timedelta(days=1), **nothing, "by": UserFactory()}
    return count_till, sent, {"counted": Decimal(5), "reason": "Found"}


def a_treatment():
    visit = visit_going_on()
    sent = {"appointment": visit, "service": ServiceFactory(), "by": visit.vet.user}
    return add_treatment, sent, {"quantity": Decimal(2)}


def a_weight():
    return add_weight, {"pet": PetFactory(), "weight": Decimal("4.2"), "by": UserFactory()}, {"weight": Decimal("4.3")}


def an_addendum():
    visit = visit_going_on()
    record = sign_record(record=visit.medical_record, by=visit.vet.user)
    return append_addendum, {"record": record, "text": "Came back", "by": visit.vet.user}, {"text": "Did not"}


def a_dose():
    visit = visit_going_on()
    sent = {"appointment": visit, "kind": VaccineKindFactory(), "by": visit.vet.user}
    return give_dose, sent, {"kind": VaccineKindFactory()}


def a_dose_from_elsewhere():
    sent = {"pet": PetFactory(), "kind": VaccineKindFactory(), "given_on": TODAY, "by": UserFactory()}
    return note_dose, sent, {"given_on": TODAY - dt.timedelta(days=1)}


def a_booking():
    start = next_morning()
    sent = {"vet": VetFactory(), "pet": PetFactory(), "start": start, "minutes": 30, "reason": "x", "by": UserFactory()}
    return actions.book_appointment, sent, {"start": start + dt.timedelta(hours=1)}


def an_entry_of_the_waiting_list():
    days = {"since": TODAY, "until": TODAY + dt.timedelta(days=7)}
    sent = {"pet": PetFactory(), "vet": VetFactory(), "minutes": 30, **days, "by": UserFactory()}
    return actions.wait_for_time, sent, {"vet": VetFactory()}


def an_owner():
    sent = {"first_name": "Ann", "last_name": "Lane", "phone": "8 (916) 123-45-67", "by": UserFactory()}
    return actions.register_owner, sent, {"first_name": "Anna"}


def a_pet():
    sent = {"pet_owner": OwnerFactory(), "name": "Leo", "species": "cat", "by": UserFactory()}
    return actions.register_pet, sent, {"species": "dog"}


def a_leave():
    start = next_morning()
    hours = {"starts_at": start, "ends_at": start + dt.timedelta(hours=5)}
    sent = {"vet": VetFactory(), "branch": None, "kind": "leave", "note": "", **hours, "by": manager()}
    return add_exception, sent, {"note": "ill"}


def an_alert():
    return note_alert, {"pet": PetFactory(), "kind": "bites", "text": "", "by": UserFactory()}, {"text": "strangers"}


def a_change_of_prices():
    ServiceFactory()
    planner = bulk(in_days(8))
    sent = {"planner": planner, "shown": planner().digest, "reason": "Rent", "by": UserFactory(role="admin")}
    return change_prices, sent, {"planner": bulk(in_days(9))}


CREATING: list[Callable] = [
    a_booking, a_change_of_prices, a_count_of_the_till, a_credit_note, a_deposit, a_deposit_given_back, a_dose,
    a_dose_from_elsewhere, a_leave, a_payment, a_payment_into_another_till, a_pet, a_refund, a_treatment, a_weight,
    an_addendum, an_alert, an_entry_of_the_waiting_list, an_owner,
]  # fmt: skip


@pytest.mark.parametrize("given", CREATING)
def test_form_sent_again_with_something_else_in_it_is_refused(given):
    act, sent, other = given()
    key = uuid.uuid4()
    made = act(**sent, request_key=key)

    again = act(**sent, request_key=key)
    with pytest.raises(RuleViolation) as refusal:
        act(**sent | other, request_key=key)

    assert (again, refusal.value.code) == (made, "form_sent_before")


def test_whoever_asks_for_an_earlier_copy_says_what_was_sent(request):
    modules = [
        path for app in ("billing", "clinic", "records") for path in (request.config.rootpath / app).glob("*.py")
    ]
    calls = [
        node
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "already_done"
    ]

    assert [ast.unparse(call) for call in calls if not call.keywords] == []
    assert len(calls) > 10


def test_page_that_refused_it_takes_it_when_it_is_sent_again(client):
    """Pay 300; back, 200: the page says that 300 was taken, and 200 only when that is meant."""
    invoice, key = issue("1000"), uuid.uuid4()
    client.force_login(UserFactory(role="reception"))
    address = f"/invoices/{invoice.pk}/payments/"

    first = client.post(address, {"amount": "300", "method": "cash", "request_key": key})
    second = client.post(address, {"amount": "200", "method": "cash", "request_key": key})
    meant = second.context["form"]["request_key"].value()
    third = client.post(address, {"amount": "200", "method": "cash", "request_key": meant})

    amounts = invoice.payments.order_by("pk").values_list("amount", flat=True)
    assert [answer.status_code for answer in (first, second, third)] == [302, 409, 302]
    assert ("was sent before" in second.text, list(amounts)) == (True, [300, 200])
