"""Income of a period: exact sums, days of the clinic's clock, the page and its CSV."""

import csv
import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from billing import income
from billing.actions import issue_invoice, void_invoice
from billing.charts import TOP, chart
from billing.models import Invoice, InvoiceLine
from clinic.models import Service
from tests.billing.bills import draft, issue, pay
from tests.factories import BranchFactory, ServiceFactory, UserFactory, VetFactory

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
DAY = dt.date(2026, 3, 10)
NEXT = dt.date(2026, 3, 11)
MARCH = income.Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
ADDRESS = "/income/?from=2026-03-01&to=2026-03-31"


def at(day, hour=12, minute=0, second=0, zone=MOSCOW, microsecond=0):
    return dt.datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=zone)


def bill(*prices, day=DAY, **details) -> Invoice:
    """An invoice issued at noon of a day, Moscow time."""
    return issue(*prices, now=at(day), **details)


def bill_for(service, price, *, name=None, day=DAY) -> Invoice:
    """An invoice of one line for this service, under this name."""
    invoice = draft(price)
    InvoiceLine.objects.filter(invoice=invoice).update(service=service, name=name or service.name)
    return issue_invoice(invoice=invoice, now=at(day), by=UserFactory())


def void(invoice):
    void_invoice(invoice=invoice, reason="Typed for the wrong animal", by=UserFactory(role="manager"))


def a_busy_march():
    """Three days of bills and payments beside a draft, a void bill, and bills of February and April."""
    pay(bill("100.10", "200.20"), "300.30", now=at(DAY, 15))
    pay(bill("999.99", "0.01", quantity=Decimal("0.5"), day=NEXT), "100", now=at(NEXT))
    bill("50", day=MARCH.last)
    draft("7000")
    void(bill("8000"))
    for day in (dt.date(2026, 2, 28), dt.date(2026, 4, 1)):
        pay(bill("400", day=day), "400", now=at(day))


def days_of(period, *, billed, received=Decimal(0)) -> list[income.DayIncome]:
    return [income.DayIncome(day, billed, received, 1) for day in period]


def cells(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager"))
    return client


def test_totals_of_a_month_are_exact():
    a_busy_march()

    days = income.by_day(MARCH)

    # 0.5 × 999.99 is 499.995, half up 500.00; 0.5 × 0.01 is 0.005, half up 0.01
    assert income.total(days) == income.Total(Decimal("850.31"), Decimal("400.30"), 3)


def test_by_day_lists_every_day_with_its_own_sums():
    a_busy_march()

    days = {day.day: (day.billed, day.received, day.invoices) for day in income.by_day(MARCH)}

    assert list(days) == list(MARCH)
    assert {day: row for day, row in days.items() if row != (0, 0, 0)} == {
        DAY: (Decimal("300.30"), Decimal("300.30"), 1),
        NEXT: (Decimal("500.01"), Decimal("100.00"), 1),
        MARCH.last: (Decimal("50.00"), Decimal("0.00"), 1),
    }


def test_period_equals_the_sum_of_its_days_asked_one_by_one():
    a_busy_march()

    one_by_one = [income.total(income.by_day(income.Period(day, day))) for day in MARCH]

    whole = income.total(income.by_day(MARCH))
    assert (sum(day.billed for day in one_by_one), sum(day.received for day in one_by_one)) == (
        whole.billed,
        whole.received,
    )


def test_by_service_adds_up_to_what_was_billed():
    a_busy_march()

    services = income.by_service(MARCH)

    assert sum(service.billed for service in services) == income.total(income.by_day(MARCH)).billed


def test_by_service_puts_the_prices_of_a_code_together_under_the_newest_name():
    today = timezone.localdate()
    old = ServiceFactory(code="scan", name="Scan", valid_from=today - dt.timedelta(days=60), valid_to=today)
    new = ServiceFactory(code="scan", name="Ultrasound", valid_from=today)
    bill_for(old, "300")
    bill_for(new, "100", day=NEXT)
    bill_for(ServiceFactory(code="nails", name="Nails"), "100")

    services = income.by_service(MARCH)

    assert services == [
        income.ServiceIncome("scan", "Ultrasound", Decimal(2), Decimal(400), Decimal("80.0")),
        income.ServiceIncome("nails", "Nails", Decimal(1), Decimal(100), Decimal("20.0")),
    ]


def test_by_vet_adds_the_bills_of_each_vets_visits():
    vet = VetFactory()
    for prices, date in ((["100"], at(DAY)), (["50", "25"], at(NEXT))):
        bill(*prices, vet=vet, date=date)
    other = bill("500").record.appointment.vet

    vets = income.by_vet(MARCH)

    assert vets == [income.VetIncome(other, 1, Decimal(500)), income.VetIncome(vet, 2, Decimal(175))]


def test_still_open_is_what_the_bills_of_the_period_lack():
    a_busy_march()

    assert income.still_open(MARCH) == Decimal("450.01")


def test_bill_paid_after_the_period_is_received_on_the_day_of_its_payment():
    pay(bill("100"), "100", now=at(dt.date(2026, 4, 2)))

    days = income.by_day(MARCH)

    assert income.total(days) == income.Total(Decimal(100), Decimal(0), 1)
    assert income.still_open(MARCH) == 0


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(DAY, 23, 59, 59, microsecond=999_999), DAY),
        (at(NEXT, 0), NEXT),
        (at(NEXT, 2, 59, 59), NEXT),
        (at(DAY, 0), DAY),
    ],
)
@pytest.mark.parametrize("activated", ["UTC", "Asia/Vladivostok"])
def test_payment_near_midnight_belongs_to_the_local_day(moment, day, activated):
    pay(bill("100"), "100", now=moment)

    with timezone.override(activated):
        received = [each.day for each in income.by_day(MARCH) if each.received]

    assert received == [day]


@pytest.mark.parametrize("zone", ["Asia/Vladivostok", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("time", [(0, 0, 0), (23, 59, 59)])
def test_payment_at_a_branch_belongs_to_the_day_of_its_clock(zone, time):
    vet = VetFactory(branch=BranchFactory(time_zone=zone))
    pay(bill("100", vet=vet), "100", now=at(DAY, *time, zone=ZoneInfo(zone)))

    received = [income.total(income.by_day(income.Period(day, day))).received for day in (DAY, NEXT)]

    assert received == [100, 0]


def test_payment_of_a_vet_without_branch_beside_another_clock_belongs_to_the_clinics_day():
    BranchFactory(time_zone="Asia/Vladivostok")
    pay(bill("100", vet=VetFactory(branch=None)), "100", now=at(DAY, 23, 59, 59))

    received = [each.day for each in income.by_day(MARCH) if each.received]

    assert received == [DAY]


def test_days_before_are_those_of_the_period_before():
    a_busy_march()

    days, before = income.with_days_before(MARCH)

    assert days == income.by_day(MARCH)
    assert before == income.by_day(income.Period(dt.date(2026, 1, 29), dt.date(2026, 2, 28)))


def test_page_compares_with_the_period_before(manager):
    a_busy_march()

    changes = manager.get(ADDRESS).context["changes"]

    assert {name: round(change, 1) for name, change in changes.items()} == {
        "billed": Decimal("112.6"),
        "received": Decimal("0.1"),
    }


def test_page_of_a_period_after_an_empty_one_compares_with_nothing(manager):
    bill("100")

    answer = manager.get("/income/?from=2026-03-10&to=2026-03-10")

    assert answer.context["changes"] == {"billed": None, "received": None}


@pytest.mark.parametrize(("role", "code"), [("manager", 200), ("reception", 403), ("vet", 403), ("admin", 403)])
@pytest.mark.parametrize("more", ["", "&format=csv&table=day", "&format=csv&table=service"])
def test_income_is_for_managers_alone(client, role, code, more):
    client.force_login(UserFactory(role=role))

    answer = client.get(ADDRESS + more)

    assert answer.status_code == code


def test_page_without_a_period_shows_this_month_until_today(manager):
    today = timezone.localdate()

    answer = manager.get("/income/")

    assert answer.context["period"] == income.Period(today.replace(day=1), today)
    assert answer.context["form"].errors == {}


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("9999-12-31", "9999-12-31", "since"),
        ("0001-01-01", "0001-01-02", "since"),
        ("1899-12-31", "1900-01-01", "since"),
        ("2100-12-31", "2101-01-01", "until"),
        ("2026-03-02", "2026-03-01", "until"),
        ("2024-01-01", "2026-01-02", "until"),
        ("zz", "2026-03-01", "since"),
        ("2026-03-01", "первое апреля", "until"),
        ("2026-02-30", "2026-03-01", "since"),
        ("2026-03-01", "", "until"),
    ],
)
def test_page_of_a_bad_period_explains_it_and_keeps_what_was_typed(manager, since, until, field):
    today = timezone.localdate()

    answer = manager.get("/income/", {"from": since, "to": until})

    assert (answer.status_code, answer.context["period"]) == (200, income.Period(today.replace(day=1), today))
    assert field in answer.context["form"].errors
    assert [answer.context["form"][name].value() for name in ("since", "until")] == [since, until]


@pytest.mark.parametrize(
    ("since", "until"), [("1900-01-01", "1901-12-31"), ("2024-01-01", "2026-01-01"), ("2099-01-01", "2100-12-31")]
)
def test_page_of_two_years_at_the_edge_is_shown(manager, since, until):
    answer = manager.get("/income/", {"from": since, "to": until})

    assert answer.context["form"].errors == {}
    assert str(answer.context["period"].last) == until


def test_csv_of_a_bad_period_is_the_page_with_its_fault(manager):
    answer = manager.get("/income/?from=zz&to=2026-03-01&format=csv&table=day")

    assert "text/html" in answer.headers["Content-Type"]
    assert "since" in answer.context["form"].errors


def test_csv_by_day_equals_the_page(manager):
    a_busy_march()

    days = manager.get(ADDRESS).context["days"]
    rows = cells(manager.get(ADDRESS + "&format=csv&table=day"))

    assert rows[1:] == [[str(day.day), str(day.invoices), str(day.billed), str(day.received)] for day in days]


def test_csv_by_service_equals_the_page(manager):
    a_busy_march()

    services = manager.get(ADDRESS).context["services"]
    rows = cells(manager.get(ADDRESS + "&format=csv&table=service"))

    assert rows[1:] == [
        [each.code, each.name, str(each.quantity), str(each.billed), str(each.share)] for each in services
    ]


def test_csv_begins_with_a_mark_that_spreadsheets_read_as_utf8(manager):
    answer = manager.get(ADDRESS + "&format=csv&table=day")

    assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="income-by-day-2026-03-01-2026-03-31.csv"'


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x")'])
def test_csv_cell_that_looks_like_a_formula_is_text(manager, name):
    bill_for(ServiceFactory(), "100", name=name)

    rows = cells(manager.get(ADDRESS + "&format=csv&table=service"))

    assert rows[1][1] == f"'{name}"


def test_page_escapes_the_name_of_a_service(manager):
    bill_for(ServiceFactory(), "100", name="<b>bold</b>")

    page = manager.get(ADDRESS).content.decode()

    assert ("<b>bold</b>" in page, "&lt;b&gt;bold&lt;/b&gt;" in page) == (False, True)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok"])
def test_page_takes_six_queries_for_one_bill_and_for_five(manager, django_assert_num_queries, count, zone):
    vets = [VetFactory(branch=BranchFactory(time_zone=zone)) for _ in range(count)]
    for vet in vets:
        pay(bill("100", "50", vet=vet), "10", now=at(DAY))
    manager.get(ADDRESS)

    with django_assert_num_queries(7):  # six of the page, and who is signed in
        answer = manager.get(ADDRESS)

    assert len(answer.context["vets"]) == count
    assert Service.objects.count() == 2 * count


@pytest.mark.parametrize("highest", ["0", "0.01", "1", "99.99", "100", "73281.55", "99999999.99"])
def test_chart_of_any_sum_stays_inside_its_frame(highest):
    days = days_of(MARCH, billed=Decimal(highest), received=Decimal(highest) / 3)

    drawn = chart(days, width=350, height=220, most=31)

    assert min(bar.billed_y for bar in drawn.bars) >= TOP
    assert max(bar.middle + bar.width for bar in drawn.bars) <= 350
    assert 1 <= len(drawn.ticks) <= 6


@pytest.mark.parametrize(
    ("last", "unit", "count"),
    [
        (dt.date(2026, 1, 1), "day", 1),
        (dt.date(2026, 3, 3), "day", 62),
        (dt.date(2026, 3, 4), "week", 10),
        (dt.date(2027, 12, 31), "month", 24),
    ],
)
def test_chart_of_many_days_puts_them_together_without_losing_money(last, unit, count):
    days = days_of(income.Period(dt.date(2026, 1, 1), last), billed=Decimal("0.10"))

    drawn = chart(days, width=1130, height=270, most=62)

    assert (drawn.unit, len(drawn.bars)) == (unit, count)
    assert sum(bar.stretch.billed for bar in drawn.bars) == Decimal("0.10") * len(days)
