"""Income of a period: exact sums, days of the clinic's clock, the page and its CSV."""

import datetime as dt
import io
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from billing.actions import credit_invoice, issue_invoice, void_invoice
from billing.charts import BELOW, TOP, Stretch, chart
from billing.closing import close_income
from billing.income import add_up
from billing.income_cells import chart_svg
from billing.income_figures import total
from billing.income_forms import BY
from billing.income_report import report
from billing.income_wishes import Only, Wish
from billing.models import Invoice, InvoiceLine
from billing.periods import Period
from tests.billing.bills import draft, issue, pay
from tests.factories import BranchFactory, ServiceFactory, UserFactory, VetFactory
from tests.spreadsheets import cells
from vetclinic.audit.kept import look_into_log
from vetclinic.ui import context

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
DAY = dt.date(2026, 3, 10)
NEXT = dt.date(2026, 3, 11)
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
TODAY = timezone.localdate()
ADDRESS = "/income/?from=2026-03-01&to=2026-03-31"


def at(day, hour=12, minute=0, second=0, zone=MOSCOW, microsecond=0):
    return dt.datetime(day.year, day.month, day.day, hour, minute, second, microsecond, tzinfo=zone)


def bill(*prices, day=DAY, **details) -> Invoice:
    """An invoice issued at noon of a day, Moscow time."""
    return issue(*prices, now=at(day), **details)


def bill_for(service, price, *, name=None, day=DAY) -> Invoice:
    """An invoice of one line for this service, under this name."""
    invoice = draft(price)
    copied = {"service": service, "category": service.category, "cost_price": service.cost_price}
    InvoiceLine.objects.filter(invoice=invoice).update(**copied, name=name or service.name)
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


def stretches_of(period, *, billed, received=Decimal(0)) -> list[Stretch]:
    return [Stretch(day, day, billed, received) for day in period]


def by_day(period) -> dict[dt.date, tuple]:
    """Day → billed, received and invoices, of days with any of them."""
    (sums,) = add_up(look_into_log(), [Wish(period, "day")])
    return {day: (each.billed, each.received, each.invoices) for (day, _key), each in sums.items()}


def whole(period) -> tuple:
    (sums,) = add_up(look_into_log(), [Wish(period)])
    figures = total(sums)
    return figures.billed, figures.credited, figures.received, figures.invoices


def received_on() -> list[dt.date]:
    return [day for day, (_billed, received, _invoices) in sorted(by_day(MARCH).items()) if received]


def xlsx_file(response) -> io.BytesIO:
    return io.BytesIO(response.content)


def sheet(response) -> list[tuple]:
    return list(load_workbook(xlsx_file(response)).active.iter_rows(values_only=True))


def kopecks(number) -> Decimal:
    """What a spreadsheet keeps as a float, to the kopeck."""
    return Decimal(str(number)).quantize(Decimal("0.01"))


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="manager"))
    return client


def test_totals_of_a_month_are_exact():
    a_busy_march()

    # 0.5 × 999.99 is 499.995, half up 500.00; 0.5 × 0.01 is 0.005, half up 0.01; the void one was billed too
    assert whole(MARCH) == (Decimal("8850.31"), Decimal("0.00"), Decimal("400.30"), 4)


def test_void_is_credited_on_its_own_day():
    a_busy_march()

    assert whole(Period(TODAY, TODAY)) == (0, Decimal(8000), 0, 0)


def test_by_day_has_each_days_own_sums():
    a_busy_march()

    assert by_day(MARCH) == {
        DAY: (Decimal("8300.30"), Decimal("300.30"), 2),
        NEXT: (Decimal("500.01"), Decimal("100.00"), 1),
        MARCH.last: (Decimal("50.00"), Decimal("0.00"), 1),
    }


def test_prices_of_a_code_are_one_service_under_its_newest_name():
    today = timezone.localdate()
    old = ServiceFactory(code="scan", name="Scan", valid_from=today - dt.timedelta(days=60), valid_to=today)
    new = ServiceFactory(code="scan", name="Ultrasound", valid_from=today)
    bill_for(old, "300")
    bill_for(new, "100", day=NEXT)
    bill_for(ServiceFactory(code="nails", name="Nails"), "100")

    keys = report(look_into_log(), MARCH, "month", "service", Only()).keys

    assert [(row.key, row.name, row.sums.quantity, row.sums.billed, row.share) for row in keys] == [
        ("scan", "Ultrasound", Decimal(2), Decimal(400), Decimal("80.0")),
        ("nails", "Nails", Decimal(1), Decimal(100), Decimal("20.0")),
    ]


def test_profit_is_known_where_the_cost_price_is():
    bill_for(ServiceFactory(code="known", cost_price=Decimal("30.50")), "100")
    bill_for(ServiceFactory(code="unknown"), "100")

    keys = report(look_into_log(), MARCH, "month", "service", Only()).keys

    assert {row.key: row.sums.profit for row in keys} == {"known": Decimal("69.50"), "unknown": None}


def test_report_of_a_vet_is_that_vets_alone():
    vet = VetFactory()
    bill("100", vet=vet)
    bill("500")

    shown = report(look_into_log(), MARCH, "month", "vet", Only(vet=str(vet.pk)))

    assert (shown.total.billed, [row.key for row in shown.keys]) == (100, [str(vet.pk)])


@pytest.mark.parametrize("closed", [False, True])
def test_report_of_a_branch_is_that_branchs_alone(closed):
    branch = BranchFactory()
    bill("100", vet=VetFactory(branch=branch))
    bill("500")
    if closed:
        close_income()

    shown = report(look_into_log(), MARCH, "month", "branch", Only(branch=branch.pk))

    assert (shown.total.billed, [row.key for row in shown.keys]) == (100, [str(branch.pk)])


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
        received = received_on()

    assert received == [day]


@pytest.mark.parametrize("zone", ["Asia/Vladivostok", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("time", [(0, 0, 0), (23, 59, 59)])
def test_payment_at_a_branch_belongs_to_the_day_of_its_clock(zone, time):
    vet = VetFactory(branch=BranchFactory(time_zone=zone))
    pay(bill("100", vet=vet), "100", now=at(DAY, *time, zone=ZoneInfo(zone)))

    received = [whole(Period(day, day))[2] for day in (DAY, NEXT)]

    assert received == [100, 0]


def test_payment_for_a_vet_without_branch_belongs_to_the_day_of_the_first_branch():
    BranchFactory(time_zone="Asia/Vladivostok")
    pay(bill("100", vet=VetFactory(branch=None)), "100", now=at(DAY, 23, 59, 59))

    assert received_on() == [NEXT]


def test_page_compares_with_the_period_and_the_year_before(manager):
    a_busy_march()
    bill("8850.31", day=dt.date(2025, 3, 31))

    context = manager.get(ADDRESS).context

    assert context["changes"]["received"] == Decimal("0.1")
    assert context["year_changes"]["billed"] == Decimal("0.0")


def test_page_of_a_period_after_an_empty_one_compares_with_nothing(manager):
    bill("100")

    answer = manager.get("/income/?from=2026-03-10&to=2026-03-10")

    assert answer.context["changes"] == {"billed": None, "credited": None, "received": None}


@pytest.mark.parametrize(("role", "code"), [("manager", 200), ("reception", 403), ("vet", 403), ("admin", 403)])
@pytest.mark.parametrize("more", ["", "&format=csv&table=time", "&format=xlsx&table=key"])
def test_income_is_for_managers_alone(client, role, code, more):
    client.force_login(UserFactory(role=role))

    answer = client.get(ADDRESS + more)

    assert answer.status_code == code


def test_page_without_a_period_shows_this_month_until_today(manager):
    today = timezone.localdate()

    answer = manager.get("/income/")

    assert answer.context["period"] == Period(today.replace(day=1), today)
    assert answer.context["form"].errors == {}


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("9999-12-31", "9999-12-31", "since"),
        ("0001-01-01", "0001-01-02", "since"),
        ("1899-12-31", "1900-01-01", "since"),
        ("2100-12-31", "2101-01-01", "until"),
        ("2026-03-02", "2026-03-01", "until"),
        ("1970-01-01", "2026-01-02", "until"),
        ("zz", "2026-03-01", "since"),
        ("2026-03-01", "первое апреля", "until"),
        ("2026-02-30", "2026-03-01", "since"),
        ("2026-03-01", "", "until"),
    ],
)
def test_page_of_a_bad_period_explains_it_and_keeps_what_was_typed(manager, since, until, field):
    today = timezone.localdate()

    answer = manager.get("/income/", {"from": since, "to": until})

    assert (answer.status_code, answer.context["period"]) == (200, Period(today.replace(day=1), today))
    assert field in answer.context["form"].errors
    assert [answer.context["form"][name].value() for name in ("since", "until")] == [since, until]


@pytest.mark.parametrize(
    ("since", "until", "unit", "rows"),
    [
        ("1900-01-01", "1919-12-31", "month", 240),
        ("2099-01-01", "2100-12-31", "month", 24),
        ("2026-01-01", "2026-12-31", "day", 365),
        ("2024-01-01", "2025-12-31", "day", 105),
        ("2026-01-01", "2026-12-31", "", 12),
        ("2026-03-01", "2026-03-31", "", 31),
    ],
)
def test_page_of_a_long_period_stays_readable(manager, since, until, unit, rows):
    answer = manager.get("/income/", {"from": since, "to": until, "unit": unit})

    assert answer.context["form"].errors == {}
    assert len(answer.context["report"].times) == rows
    assert answer.context["charts"]["wide"].count('class="b1"') <= 62


@pytest.mark.parametrize("more", ["unit=zz", "branch=10000000000", "branch=x", "vet=-1"])
def test_page_of_a_bad_choice_explains_it(manager, more):
    answer = manager.get(f"{ADDRESS}&{more}")

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [more.split("=")[0]])


def test_csv_of_a_bad_period_is_the_page_with_its_fault(manager):
    answer = manager.get("/income/?from=zz&to=2026-03-01&format=csv&table=time")

    assert "text/html" in answer.headers["Content-Type"]
    assert "since" in answer.context["form"].errors


@pytest.mark.parametrize("by", BY)
def test_csv_and_xlsx_equal_the_page(manager, by):
    a_busy_march()

    shown = manager.get(f"{ADDRESS}&by={by}").context["report"]
    by_csv = [cells(manager.get(f"{ADDRESS}&by={by}&format=csv&table={table}"))[1:] for table in ("time", "key")]
    by_xlsx = [sheet(manager.get(f"{ADDRESS}&by={by}&format=xlsx&table={table}"))[1:] for table in ("time", "key")]

    times = [(row.first, row.sums.billed, row.sums.credited, row.sums.received) for row in shown.times]
    keys = [(row.key, row.sums.billed, row.sums.credited) for row in shown.keys]
    assert [(dt.date.fromisoformat(a), *map(Decimal, rest)) for a, _until, _n, *rest in by_csv[0]] == times
    assert [(row[0].date(), *map(kopecks, row[3:])) for row in by_xlsx[0]] == times
    assert [(row[0], Decimal(row[3]), Decimal(row[6])) for row in by_csv[1]] == keys
    assert [(row[0] or "", kopecks(row[3]), kopecks(row[6])) for row in by_xlsx[1]] == keys


@pytest.mark.parametrize("by", BY)
def test_received_is_shown_by_whatever_money_belongs_to(manager, by):
    """On the page, in the CSV and in the XLSX; of a service nobody knows what was paid."""
    pay(bill("1000", "50"), "333.33", now=at(DAY))

    page = manager.get(f"{ADDRESS}&by={by}").text
    head, row = cells(manager.get(f"{ADDRESS}&by={by}&format=csv&table=key"))[:2]
    book = dict(zip(*sheet(manager.get(f"{ADDRESS}&by={by}&format=xlsx&table=key"))[:2], strict=True))

    received = dict(zip(head, row, strict=True)).get("Received")
    in_page = "333.33" in page[page.index('id="keys"') :]
    wanted = (None, None, False) if by in ("service", "category") else ("333.33", 333.33, True)
    assert (received, book.get("Received"), in_page) == wanted


def test_table_of_services_tells_the_trend_of_prices_and_sums_as_the_page_does(manager):
    service = ServiceFactory(cost=100)
    bill_for(service, "100", day=dt.date(2026, 2, 20))
    bill_for(service, "150")

    head, row = cells(manager.get(f"{ADDRESS}&format=csv&table=key"))

    told = dict(zip(head, row, strict=True))
    names = ("Billed before", "Change, %", "Average price", "Change of the price, %")
    assert [told[name] for name in names] == ["100.00", "50.0", "150.00", "50.0"]


@pytest.mark.parametrize(
    ("unit", "until", "note"),
    [
        ("day", "2027-06-01", "Shown by week: a table has at most 400 rows."),
        ("day", "2026-03-31", ""),
        ("", "2027-06-01", ""),
    ],
)
def test_form_says_that_another_unit_is_shown_than_was_asked_for(manager, unit, until, note):
    answer = manager.get(f"/income/?from=2026-03-01&to={until}&unit={unit}")

    assert ("Shown by" in answer.text, note in answer.text) == (bool(note), True)


def test_more_credited_is_no_growth(manager):
    for day, credited in ((dt.date(2026, 2, 20), "10"), (DAY, "30")):
        invoice = bill("100", day=day)
        taken = {invoice.lines.get().pk: Decimal(credited)}
        credit_invoice(invoice=invoice, amounts=taken, reason="x", now=at(day), by=UserFactory(role="manager"))

    page = manager.get(ADDRESS).text

    figure = page[page.index('<p class="k">Credited</p>') : page.index('<p class="k">Received</p>')]
    assert ("+200" in figure, 'class="up"' in figure) == (True, False)


def test_csv_begins_with_a_mark_that_spreadsheets_read_as_utf8(manager):
    answer = manager.get(ADDRESS + "&format=csv&table=time")

    assert b"".join(answer.streaming_content).startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="income-by-day-2026-03-01-2026-03-31.csv"'


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1+1", "=HYPERLINK(1)"])
def test_csv_cell_that_looks_like_a_formula_is_text(manager, name):
    bill_for(ServiceFactory(name=name), "100")

    file = b"".join(manager.get(ADDRESS + "&format=csv&table=key").streaming_content).decode()
    cell = load_workbook(xlsx_file(manager.get(ADDRESS + "&format=xlsx&table=key"))).active.cell(2, 2)

    assert (f'"\'{name}"' in file, cell.data_type) == (True, "s")


def test_page_escapes_the_name_of_a_service(manager):
    bill_for(ServiceFactory(name="<b>bold</b>"), "100")

    page = manager.get(ADDRESS).content.decode()

    assert ("<b>bold</b>" in page, "&lt;b&gt;bold&lt;/b&gt;" in page) == (False, True)


def test_page_that_was_drawn_once_is_drawn_for_others_in_their_language_and_currency(manager, settings):
    bill_for(ServiceFactory(name="Scan"), "1500")
    looks = [("ru", "RUB"), ("en", "RUB"), ("ru", "RUB"), ("en", "EUR")]
    shown = []
    for language, settings.CLINIC_CURRENCY in looks:
        page = manager.get(f"{ADDRESS}&unit=month", headers={"accept-language": language}).text
        row = re.search(r'<tr><th scope="row" class="nw">(.+?)</th>.+?<td class="r nw">(.+?)</td>', page)
        shown.append((*row.groups(), row[2] in page[page.index('id="keys"') :]))

    russian = ("01.03.2026 – 31.03.2026", "1\xa0500\xa0₽", True)
    english = "1 Mar 2026 – 31 Mar 2026"
    assert shown == [russian, (english, "₽1,500", True), russian, (english, "€1,500.00", True)]


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok"])
@pytest.mark.parametrize("closed", [False, True])
def test_page_takes_as_many_queries_for_one_bill_as_for_five(manager, django_assert_num_queries, count, zone, closed):
    vets = [VetFactory(branch=BranchFactory(time_zone=zone)) for _ in range(count)]
    for vet in vets:
        pay(bill("100", "50", vet=vet), "10", now=at(DAY))
    if closed:
        close_income()
    manager.get(ADDRESS)

    # who is signed in; what is new; branches, and vets, to choose from; closings; kept sums, if any; open days: branches,
    # and their sums; names
    with django_assert_num_queries(10 if closed else 9):
        answer = manager.get(ADDRESS + "&by=vet")

    assert len(answer.context["report"].keys) == count


@pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"])
def test_page_seen_again_adds_nothing_up_until_something_changes(manager, django_assert_num_queries):
    def see():
        manager.cookies["written"] = "forged"  # reads the primary, where the changes are at once
        return manager.get(ADDRESS)

    invoice = bill("100")
    see()

    # who is signed in; where the log is now; what is new
    with django_assert_num_queries(3):
        again = see()
    pay(invoice, "30", now=at(DAY))
    after = see()

    assert (again.context["report"].total.received, after.context["report"].total.received) == (0, 30)


@pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"])
def test_service_and_vet_that_get_another_name_are_called_by_it(manager):
    vet, service = VetFactory(last_name="Aronova"), ServiceFactory(name="Scan")
    bill_for(service, "100")

    def shown(names):
        manager.cookies["written"] = "forged"  # reads the primary, where the changes are at once
        page = manager.get(ADDRESS).content.decode()
        return [name in page for name in names]

    before = shown(["Aronova", "Scan"])
    type(vet).objects.filter(pk=vet.pk).update(last_name="Borisova")
    type(service).objects.filter(pk=service.pk).update(name="Tomography")

    assert (before, shown(["Borisova", "Tomography"])) == ([True, True], [True, True])


@pytest.mark.parametrize("highest", ["0", "0.01", "1", "99.99", "100", "73281.55", "99999999.99"])
def test_chart_of_any_sum_stays_inside_its_frame(highest):
    days = stretches_of(MARCH, billed=Decimal(highest), received=Decimal(highest) / 3)

    drawn = chart(days, "day", width=350, height=220, most=31)

    assert min(bar.billed.y for bar in drawn.bars) >= TOP
    assert max(bar.middle + bar.width for bar in drawn.bars) <= 350
    assert 1 <= len(drawn.ticks) <= 6


@pytest.mark.parametrize(("billed", "received"), [("0", "-1086"), ("500.50", "-0.01"), ("0", "-99999999.99")])
def test_day_that_gave_back_more_than_it_received_hangs_below_zero(billed, received):
    days = stretches_of(MARCH, billed=Decimal(billed), received=Decimal(received))

    drawn = chart(days, "day", width=350, height=220, most=31)

    zero = dict(drawn.ticks)[Decimal(0)]
    assert {(bar.billed.y + bar.billed.height, bar.received.y) for bar in drawn.bars} == {(zero, zero)}
    assert all(0 < bar.received.height <= 220 - BELOW - zero for bar in drawn.bars if Decimal(received) < -1)
    assert min(height for bar in drawn.bars for height in (bar.billed.height, bar.received.height)) >= 0
    assert re.findall(r'height="-|y="-', str(chart_svg(drawn))) == []


@pytest.mark.parametrize(
    ("last", "unit", "count"),
    [
        (dt.date(2026, 1, 1), "day", 1),
        (dt.date(2026, 3, 3), "day", 62),
        (dt.date(2026, 3, 4), "week", 10),
        (dt.date(2027, 12, 31), "month", 24),
        (dt.date(2035, 12, 31), "year", 10),
    ],
)
def test_chart_of_many_days_puts_them_together_without_losing_money(last, unit, count):
    days = stretches_of(Period(dt.date(2026, 1, 1), last), billed=Decimal("0.10"))

    drawn = chart(days, "day", width=1130, height=270, most=62)

    assert (drawn.unit, len(drawn.bars)) == (unit, count)
    assert sum(bar.stretch.billed for bar in drawn.bars) == Decimal("0.10") * len(days)


@pytest.mark.parametrize(
    ("order", "names"), [("", ["Dear", "Cheap"]), ("&order=cost", ["Cheap", "Dear"]), ("&order=x", ["Dear", "Cheap"])]
)
def test_services_are_shown_by_what_they_earn_or_by_what_they_cost(manager, order, names):
    dear, cheap = ServiceFactory(cost=500, cost_price=10), ServiceFactory(cost=300, cost_price=200)
    bill_for(dear, "500", name="Dear")
    bill_for(cheap, "300", name="Cheap")
    type(dear).objects.filter(pk=dear.pk).update(name="Dear")
    type(cheap).objects.filter(pk=cheap.pk).update(name="Cheap")

    page = manager.get(ADDRESS + order)
    table = cells(manager.get(f"{ADDRESS}{order}&format=csv&table=key"))

    shown = re.findall(r'<th scope="row">(Dear|Cheap)</th>', page.content.decode())
    assert shown == [row[1] for row in table[1:]] == names
    costs, profits = table[0].index("Cost price"), table[0].index("Profit")
    assert {row[1]: row[costs] for row in table[1:]} == {"Dear": "10.00", "Cheap": "200.00"}
    assert {row[1]: row[profits] for row in table[1:]} == {"Dear": "490.00", "Cheap": "100.00"}


def test_page_says_from_when_its_data_is(manager, monkeypatch):
    """A standby that hears no more of a frozen primary has nothing newer."""
    half_past_nine = dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(context, "_as_of", lambda: {"data_as_of": half_past_nine})

    assert "data as of 12:30" in manager.get(ADDRESS).text
