"""The end of a day: whose money it is, on whose clock, who counted it, and that no count ever changes."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from billing import till
from billing.actions import refund_payment, return_deposit, take_deposit, take_payment
from billing.models import TillCount
from clinic.models import Branch
from tests.billing.bills import issue
from tests.factories import BranchFactory, OwnerFactory, UserFactory, VetFactory
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
D = Decimal
DAY = dt.date(2026, 3, 10)


@pytest.fixture
def branch():
    return BranchFactory(time_zone="Europe/Moscow")


@pytest.fixture
def by():
    return UserFactory(role="manager")


@pytest.fixture
def reception(client):
    user = UserFactory(role="reception")
    client.force_login(user)
    return user


def at(branch, hour=12, minute=0, day=DAY) -> dt.datetime:
    """A moment on the branch's clock."""
    return dt.datetime.combine(day, dt.time(hour, minute), branch.zone)


def paid(branch, amount, when, method="cash"):
    """A payment of an invoice of a vet of this branch."""
    vet = VetFactory(branch=branch)
    reception = UserFactory(role="reception")
    invoice = issue("1000", vet=vet, date=when, ends_at=when + dt.timedelta(minutes=9), now=when)
    return take_payment(invoice=invoice, amount=D(amount), method=method, now=when, by=reception)


def count(branch, counted, **more) -> TillCount:
    row = {"day": DAY, "opening_float": D(0), "by": UserFactory(role="reception")} | more
    return till.count_till(branch=branch, counted=D(counted), **row)


# -- What a day's money is ----------------------------------------------------------------------------------


def test_day_is_payments_less_refunds_with_deposits(branch, by):
    noon = at(branch)
    payment = paid(branch, "300", noon)
    paid(branch, "50", noon, method="card")
    paid(branch, "7", noon, method="transfer")
    owner = OwnerFactory()
    refund_payment(invoice=payment.invoice, amount=D(40), method="cash", reason="x", now=noon, by=by)
    take_deposit(owner=owner, amount=D(500), method="cash", branch=branch, now=noon, by=by)
    return_deposit(owner=owner, amount=D(120), method="cash", reason="x", branch=branch, now=noon, by=by)
    take_deposit(owner=owner, amount=D(5), method="card", branch=branch, now=noon, by=by)

    money = till.day_money(branch, DAY)

    assert (money.cash, money.card, money.transfer) == (D(640), D(55), D(7))
    assert money.rows[0][1:] == ([D(300), D(40), D(500), D(120)], D(640))


def test_payment_from_a_deposit_is_no_money_of_the_day(branch, by):
    noon = at(branch)
    payment = paid(branch, "1", noon)
    take_deposit(owner=payment.invoice.pet_owner, amount=D(500), method="cash", branch=branch, now=noon, by=by)
    take_payment(invoice=payment.invoice, amount=D(200), method="deposit", now=noon, by=by)

    assert till.day_money(branch, DAY).cash == D(501)


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_day_begins_and_ends_at_the_branchs_midnight(zone):
    branch = BranchFactory(time_zone=zone)
    paid(branch, "1", at(branch, 0, 0))
    paid(branch, "2", at(branch, 23, 59))
    paid(branch, "4", at(branch, 23, 59, DAY - dt.timedelta(days=1)))
    paid(branch, "8", at(branch, 0, 0, DAY + dt.timedelta(days=1)))

    money = till.money_of(branch, DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1))

    assert [each.cash for each in money.values()] == [D(4), D(3), D(8)]


def test_day_of_a_clock_change_has_all_its_hours():
    branch = BranchFactory(time_zone="Europe/Berlin")
    autumn = dt.date(2026, 10, 25)
    paid(branch, "1", at(branch, 0, 0, autumn))
    paid(branch, "2", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC))
    paid(branch, "4", dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC))
    paid(branch, "8", at(branch, 23, 59, autumn))

    assert till.day_money(branch, autumn).cash == D(15)


def test_branch_has_its_own_money_and_the_first_one_what_names_none(branch, by):
    other = BranchFactory()
    noon = at(branch)
    paid(branch, "1", noon)
    paid(other, "2", noon)
    paid(None, "4", noon)
    take_deposit(owner=OwnerFactory(), amount=D(8), method="cash", now=noon, by=by)
    take_deposit(owner=OwnerFactory(), amount=D(16), method="cash", branch=other, now=noon, by=by)

    assert (till.day_money(branch, DAY).cash, till.day_money(other, DAY).cash) == (D(13), D(18))


def test_only_branch_has_all_the_money(branch, by):
    paid(None, "4", at(branch))
    take_deposit(owner=OwnerFactory(), amount=D(8), method="cash", now=at(branch), by=by)

    assert till.day_money(branch, DAY).cash == D(12)


@pytest.mark.parametrize("days", [1, 31])
def test_days_take_the_same_queries(branch, django_assert_num_queries, days):
    for day in range(days):
        paid(branch, "1", at(branch, day=DAY - dt.timedelta(days=day)))

    with django_assert_num_queries(2):
        money = till.money_of(branch, DAY - dt.timedelta(days=days - 1), DAY)

    assert [each.cash for each in money.values()] == [D(1)] * days


# -- Counting -----------------------------------------------------------------------------------------------


def test_count_keeps_what_was_expected_then(branch, by):
    paid(branch, "300", at(branch))

    row = count(branch, "1290", opening_float=D(1000), reason=" Gave change wrong ", now=at(branch, 19), by=by)

    row.refresh_from_db()
    assert (row.cash, row.expected, row.difference, row.reason) == (D(300), D(1300), D(-10), "Gave change wrong")
    assert (row.counted_at, row.counted_by) == (at(branch, 19), by)


def test_count_that_is_right_needs_no_reason(branch):
    paid(branch, "300", at(branch))

    assert count(branch, "300").difference == 0


@pytest.mark.parametrize("reason", ["", "  \n"])
@pytest.mark.parametrize("counted", ["299.99", "300.01", "0"])
def test_difference_without_a_reason_is_refused(branch, counted, reason):
    paid(branch, "300", at(branch))

    with pytest.raises(RuleViolation) as refused:
        count(branch, counted, reason=reason)

    assert (refused.value.code, refused.value.field) == ("till_count_difference_has_reason", "reason")


@pytest.mark.parametrize(
    ("counted", "code"),
    [
        ("-0.01", "till_count_not_negative"),
        ("NaN", "till_count_not_negative"),
        ("Infinity", "till_count_not_negative"),
        ("0.001", "till_count_is_a_sum"),
        ("1000000000", "till_count_is_a_sum"),
    ],
)
@pytest.mark.parametrize("field", ["counted", "opening_float"])
def test_what_no_till_holds_is_refused(branch, field, counted, code):
    with pytest.raises(RuleViolation) as refused:
        count(branch, **{"counted": "0", "reason": "x", field: D(counted)})

    assert (refused.value.code, refused.value.field) == (code, field)


def test_day_has_come_when_the_branchs_clock_says_so():
    far = BranchFactory(time_zone="Pacific/Kiritimati")
    just_before = at(far, 23, 59, DAY - dt.timedelta(days=1))

    with pytest.raises(RuleViolation) as refused:
        count(far, "0", now=just_before)
    row = count(far, "0", now=at(far, 0, 0))

    assert (refused.value.code, row.day) == ("till_count_not_of_a_future_day", DAY)


@pytest.mark.parametrize("role", ["vet", "admin"])
def test_only_reception_and_managers_count(branch, role):
    with pytest.raises(RuleViolation) as refused:
        count(branch, "0", by=UserFactory(role=role))

    assert refused.value.code == "till_is_counted_by_reception"


def test_recount_is_a_new_row_of_who_knows_the_last_one(branch):
    first = count(branch, "5", reason="x")
    second = count(branch, "0", seen=first.pk)

    with pytest.raises(RuleViolation) as refused:
        count(branch, "7", reason="x", seen=first.pk)

    assert refused.value.code == "till_counted_meanwhile"
    assert till.counts_of(branch, DAY, DAY) == {DAY: [second, first]}


def test_form_sent_twice_counts_once(branch):
    key = uuid.uuid4()

    assert count(branch, "0", request_key=key) == count(branch, "0", request_key=key)
    assert TillCount.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_count_at_once_the_second_is_told():
    branch = BranchFactory()
    people = [UserFactory(role="reception"), UserFactory(role="manager")]
    outcomes, ready = [], threading.Barrier(2)

    def work(person):
        ready.wait()
        try:
            outcomes.append(count(branch, "0", by=person).difference)
        except RuleViolation as violation:
            outcomes.append(violation.code)
        connections.close_all()

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes, key=str) == [D("0.00"), "till_counted_meanwhile"]
    assert TillCount.objects.count() == 1


# -- The pages ----------------------------------------------------------------------------------------------


def typed(branch, **more) -> dict:
    row = {"day": DAY.isoformat(), "opening_float": "0", "counted": "0", "reason": "", "request_key": str(uuid.uuid4())}
    return row | more


def send(client, branch, **more):
    return client.post(reverse("till_count", args=[branch.pk]), typed(branch, **more))


def test_page_shows_the_branch_and_day_that_it_is_asked_for(client, reception, branch):
    other = BranchFactory()
    paid(other, "250", at(other))

    response = client.get(reverse("till"), {"branch": other.pk, "day": DAY.isoformat()})

    assert (response.context["branch"], response.context["day"]) == (other, DAY)
    assert response.context["expected"] == D(250)


def test_page_begins_with_today_of_the_first_branch(client, reception):
    branch = BranchFactory(time_zone="Pacific/Kiritimati")

    response = client.get(reverse("till"))

    assert (response.context["branch"], response.context["day"]) == (branch, timezone.localdate(timezone=branch.zone))


def test_clinic_without_branches_is_told_what_lacks(client, reception):
    assert not Branch.objects.exists()
    assert client.get(reverse("till")).templates[0].name == "billing/till_none.html"


@pytest.mark.parametrize(
    "query",
    [
        {"day": "9999-12-31"},
        {"day": "2099-01-01"},
        {"day": "zz"},
        {"branch": "9" * 30},
        {"branch": "🐈"},
        {"branch": "-1"},
    ],
)
def test_odd_address_shows_today_and_says_why(client, reception, branch, query):
    response = client.get(reverse("till"), query)

    assert (response.status_code, response.context["branch"]) == (200, branch)
    assert response.context["day"] == timezone.localdate(timezone=branch.zone)
    assert set(response.context["asked"].errors) == set(query)


def test_count_is_saved_and_shown_with_who_and_why(client, reception, branch):
    response = send(client, branch, counted="5", reason="Found a coin")

    row = TillCount.objects.get()
    assert (response.status_code, row.difference, row.counted_by) == (302, D(5), reception)
    page = client.get(response.headers["Location"]).content.decode()
    assert page.count("Found a coin") == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"counted": ""}, "counted"),
        ({"counted": "-1"}, "counted"),
        ({"counted": "0.001"}, "counted"),
        ({"counted": "1000000000"}, "counted"),
        ({"counted": "много"}, "counted"),
        ({"counted": "NaN"}, "counted"),
        ({"opening_float": "1" * 400}, "opening_float"),
        ({"reason": "x" * 256}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": ""}, "day"),
        ({"seen": "zz"}, "seen"),
        ({"request_key": "x"}, "request_key"),
    ],
)
def test_what_is_typed_wrong_is_said_and_stays(client, reception, branch, wrong, field):
    response = send(client, branch, **({"counted": "12", "reason": "<b>Ёж</b> 🐈"} | wrong))

    form = response.context["form"]
    assert (response.status_code, list(form.errors)) == (422, [field])
    assert form["reason"].value() == wrong.get("reason", "<b>Ёж</b> 🐈")
    assert TillCount.objects.count() == 0


@pytest.mark.parametrize(("wrong", "field"), [({"counted": "5"}, "reason"), ({"day": "2100-01-01"}, "day")])
def test_what_the_rules_refuse_is_said_at_its_field(client, reception, branch, wrong, field):
    response = send(client, branch, **wrong)

    assert (response.status_code, list(response.context["form"].errors)) == (409, [field])


def test_count_over_anothers_is_told_and_saved_when_sent_again(client, reception, branch):
    first = count(branch, "5", reason="x")

    refused = send(client, branch, counted="7", reason="Mine")
    again = send(client, branch, counted="7", reason="Mine", seen=refused.context["form"]["seen"].value())

    assert (refused.status_code, refused.context["history"], again.status_code) == (409, [first], 302)
    assert TillCount.objects.latest("pk").counted == D(7)


def test_unknown_branch_is_not_found(client, reception):
    assert client.post(reverse("till_count", args=[99]), {}).status_code == 404


def test_next_day_begins_with_the_float_of_the_last_count(client, reception, branch):
    count(branch, "1000", opening_float=D(1000))

    response = client.get(reverse("till"), {"branch": branch.pk, "day": (DAY + dt.timedelta(days=3)).isoformat()})

    assert (response.context["opening"], response.context["form"]["opening_float"].value()) == (D(1000), D(1000))


def test_payment_after_the_count_shows_as_changed_since(client, reception, branch):
    paid(branch, "300", at(branch))
    count(branch, "300")
    paid(branch, "20", at(branch, 20))

    response = client.get(reverse("till"), {"branch": branch.pk, "day": DAY.isoformat()})

    assert response.context["row"]["since"] == D(20)
    assert response.content.decode().count("Changed since counted") == 1


def test_past_days_show_differences_and_what_nobody_counted(client, by, branch):
    client.force_login(by)
    paid(branch, "300", at(branch))
    paid(branch, "10", at(branch, day=DAY - dt.timedelta(days=1)))
    count(branch, "295", reason="x")

    response = client.get(reverse("till_days"), {"branch": branch.pk, "day": DAY.isoformat()})

    rows = [(row["day"], row["count"] and row["count"].difference, row["since"]) for row in response.context["days"]]
    assert rows == [(DAY, D(-5), D(0)), (DAY - dt.timedelta(days=1), None, D(0))]
    assert response.context["difference"] == D(-5)


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31", "zz", ""])
def test_past_days_answer_any_day(client, by, branch, day):
    client.force_login(by)

    assert client.get(reverse("till_days"), {"day": day}).status_code == 200


@pytest.mark.parametrize("days", [1, 31])
def test_past_days_take_the_same_queries(client, by, branch, django_assert_num_queries, days):
    client.force_login(by)
    for number in range(days):
        count(branch, "0", day=DAY - dt.timedelta(days=number))

    with django_assert_num_queries(9):
        response = client.get(reverse("till_days"), {"branch": branch.pk, "day": DAY.isoformat()})

    assert len(response.context["days"]) == days
