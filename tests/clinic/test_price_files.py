"""The price list goes out as a file and comes back; what differs is shown, faults are told by row, all or nothing."""

import csv
import io
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from clinic import price_files
from clinic.models import PriceChange, Service
from clinic.price_files import COLUMNS, FileFault, read
from clinic.pricing import undo_price_change
from tests.clinic.pricing import curve, in_days, rows
from tests.clinic.test_price_pages import LIST, lines, pressed
from tests.factories import ServiceFactory, UserFactory
from tests.spreadsheets import cells

pytestmark = pytest.mark.django_db

IMPORT = f"{LIST}import/"
HEAD = "code,name,cost\n"
NASTY = [
    "=1+1",
    "+7",
    "-5",
    "@SUM(A1)",
    "\tx",
    "'quoted",
    "'=1",
    "＝1",
    'a "b", c;d',
    "кот 🐈",
    "<b>x</b>",
    "two\nlines",
]


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="admin"))
    return client


def sent(admin, content: bytes | str, *, name="prices.csv", **form):
    content = content.encode() if isinstance(content, str) else content
    plain = {"since": in_days(8), "reason": "Rent", "request_key": uuid.uuid4()}
    return admin.post(IMPORT, plain | form | {"file": SimpleUploadedFile(name, content)})


def confirmed(admin, answer, **form):
    plain = {"since": in_days(8), "reason": "Rent", "token": answer.context["form"]["token"].value()}
    return admin.post(IMPORT, pressed(answer, plain | form))


def taken(admin, kind: str) -> bytes:
    answer = admin.get(f"{LIST}prices.{kind}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def sheet(*table) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


# -- Out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_read_back_equals_the_price_list(admin, kind, language):
    admin.cookies["django_language"] = language
    for text in NASTY:
        ServiceFactory(name=text, unit=text[:5], description=text, category="lab", cost=Decimal("1250.05"))
    ServiceFactory(name="Cheap", cost=0, cost_price=Decimal("0.01"))
    stored = {row["code"]: {name: row[name] for name in COLUMNS} for row in Service.objects.values(*COLUMNS)}
    stripped = {
        code: {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
        for code, row in stored.items()
    }

    found, faults = read(taken(admin, kind))

    assert faults == []
    assert {row["code"]: row for row in found} == stripped


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_sent_back_as_it_was_taken_changes_nothing(admin, kind):
    ServiceFactory.create_batch(3, cost=Decimal("99.90"), cost_price=Decimal("1.5"), description="'=x")

    answer = sent(admin, taken(admin, kind), name=f"prices.{kind}")

    assert (answer.status_code, lines(answer), 'name="apply"' in answer.text) == (200, [], False)


def test_no_cell_of_the_csv_is_a_formula(admin):
    for text in NASTY:
        ServiceFactory(name=text)

    table = list(csv.reader(io.StringIO(taken(admin, "csv").decode("utf-8-sig"), newline="")))

    assert len(table) == len(NASTY) + 1
    assert {cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "＝"))} == {"+7", "-5"}


def test_cells_of_the_xlsx_are_texts_numbers_and_days(admin):
    ServiceFactory(name="=1+1", cost=Decimal("1250.50"))

    head, row = load_workbook(io.BytesIO(taken(admin, "xlsx"))).active.iter_rows()

    cells = dict(zip([cell.value for cell in head], row, strict=True))
    assert (cells["name"].data_type, cells["name"].value) == ("s", "=1+1")
    assert (cells["cost"].data_type, cells["cost"].value, cells["valid_from"].is_date) == ("n", 1250.5, True)


def test_file_of_a_past_day_has_the_prices_of_that_day(admin):
    ServiceFactory(code="a", cost=90, valid_to=in_days(-5))
    ServiceFactory(code="a", cost=100, valid_from=in_days(-5))

    answer = admin.get(f"{LIST}prices.csv", {"day": in_days(-6)})

    assert cells(answer)[1][:5] == ["a", *_named("a", "other"), "90.00"]
    assert f"prices-{in_days(-6)}.csv" in answer["Content-Disposition"]


def _named(code: str, category: str) -> list[str]:
    return [Service.objects.filter(code=code).earliest("valid_from").name, category, ""]


# -- In -----------------------------------------------------------------------------------------------------


def test_difference_is_shown_and_writes_nothing(admin):
    ServiceFactory(name="Cut", code="cut", cost=1000)
    ServiceFactory(name="Sew", code="sew", cost=50)
    ServiceFactory(name="Wash", code="wash", cost=70)
    before = rows()

    answer = sent(admin, HEAD + "cut,Cut,1100\nsew,Stitch,50\nwash,Wash,70.00\nnew,New one,5\n")

    assert lines(answer) == [
        "Cut cut ₽1,000 ₽1,100 +₽100",
        "New one new new service category: other — ₽5 —",
        "Stitch sew name: Sew → Stitch ₽50 ₽50 ₽0",
    ]
    assert (answer.status_code, rows()) == (200, before)


def test_difference_shows_each_field_as_it_was_and_as_it_would_be(admin):
    ServiceFactory(name="Cut", code="cut", cost=50, category="surgery", cost_price=20, description="x" * 200)
    head = "code,name,cost,category,cost_price,unit,description\n"

    answer = sent(admin, head + "cut,Clip,50,grooming,,h,Short\nnew,New,5,lab,2.50,,\n")

    assert lines(answer) == [
        "Clip cut name: Cut → Clip category: surgery → grooming unit: — → h cost price: ₽20 → —"
        f" description: {'x' * 119}… → Short ₽50 ₽50 ₽0",
        "New new new service category: laboratory cost price: ₽2.50 — ₽5 —",
    ]


def test_file_that_equals_the_price_list_says_so(admin):
    ServiceFactory(name="Cut", code="cut", cost=50)

    answer = sent(admin, HEAD + "cut,Cut,50\n")

    assert ("Nothing: this is what the price list says for" in answer.text, "0 new prices" in answer.text) == (
        True,
        False,
    )


def test_confirmed_file_makes_new_prices_and_services_from_its_day(admin):
    ServiceFactory(name="Cut", code="cut", cost=1000, category="surgery", unit="h")
    before = rows()

    answer = confirmed(admin, sent(admin, HEAD + "cut,Cutting,1100\nnew,New one,5\n"))

    change = PriceChange.objects.get()
    assert (answer.status_code, change.terms) == (302, {"file": "prices.csv"})
    assert [(row[0], row[1]) for row in curve("cut")][1:] == [(1100, in_days(8))]
    assert [(row[0], row[1]) for row in curve("new")] == [(5, in_days(8))]
    new = Service.objects.get(code="cut", valid_from=in_days(8))
    assert (new.name, new.category, new.unit) == ("Cutting", "surgery", "h")
    undo_price_change(change=change, by=change.made_by)
    assert rows() == before


def test_confirmed_file_is_shown_anew_when_prices_have_changed_meanwhile(admin):
    ServiceFactory(code="cut", cost=1000)
    shown = sent(admin, HEAD + "cut,Cut,1100\n")
    Service.objects.update(cost=1050)

    answer = confirmed(admin, shown)

    assert (answer.status_code, "look at them again" in answer.text) == (409, True)
    assert not PriceChange.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "5f0c7b0e-3f0e-4a37-9f5b-0d0f1c6f0a11"])
def test_file_that_is_not_kept_any_more_is_asked_for_again(admin, token):
    form = {"token": token, "since": in_days(8), "reason": "Rent 🐈", "request_key": uuid.uuid4(), "apply": "1"}

    answer = admin.post(IMPORT, form)

    assert (answer.status_code, 'type="file"' in answer.text, 'value="Rent 🐈"' in answer.text) == (422, True, True)


def test_file_of_another_admin_is_not_applied(admin, client):
    shown = sent(admin, HEAD + "cut,Cut,1100\n")
    client.force_login(UserFactory(role="admin"))

    assert confirmed(client, shown).status_code == 422
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",Cut,5", "code: This field cannot be blank."),
        ("два слова,Cut,5", "code: Enter a valid “slug”"),
        ("x" * 41 + ",Cut,5", "code: Ensure this value has at most 40 characters"),
        ("cut,,5", "name: This field cannot be blank."),
        ("cut," + "x" * 101 + ",5", "name: Ensure this value has at most 100 characters"),
        ("cut,Cut,", "cost: This field cannot be null."),
        ("cut,Cut,-1", "cost: Ensure this value is greater than or equal to 0."),
        ("cut,Cut,0.001", "cost: Ensure that there are no more than 2 decimal places."),
        ("cut,Cut,1000000000", "cost: Ensure that there are no more than"),
        ("cut,Cut,NaN", "cost: Enter a number."),
        ("cut,Cut,1e5", "cost: Enter a number."),
        ('cut,Cut,"1,250"', "cost: Enter a number."),
        ("cut,Cut,🐈", "cost: Enter a number."),
        ("cut,Cut,5,6", "There are more cells than columns."),
        ("good,Again,5", "The code is in row 2 already."),
    ],
)
def test_fault_of_a_row_is_told_with_its_number_and_nothing_is_taken(admin, line, fault):
    answer = sent(admin, f"{HEAD}good,Good,5\n\n{line}\n", reason="Rent 🐈")

    assert answer.status_code == 422
    assert lines(answer)[0].replace("&#x27;", "'").startswith(f"4 {fault}")
    assert 'value="Rent 🐈"' in answer.text
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"\n", "Missing: code, name, cost."),
        (b"name;cost\nCut;5", "Missing: code."),
        (b"code,name,cost,wight\n", "columns that the price list does not have: wight"),
        (b"code,name,cost,cost\n", "twice"),
        (HEAD.encode(), "There is no row in this file."),
        (b"code,name,cost\na,b\x00,5", "neither CSV nor XLSX"),
        (b"PK\x03\x04 not a sheet", "neither CSV nor XLSX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither CSV nor XLSX"),
        (b"code,name,cost\n" + b'"' + b"x" * 200_000 + b'",b,5', "neither CSV nor XLSX"),
    ],
)
def test_file_that_is_no_price_list_is_told(admin, content, message):
    answer = sent(admin, content)

    assert (answer.status_code, message in answer.text) == (422, True)


@pytest.mark.parametrize(
    "text",
    [
        "code;name;cost\ncut;Рез;1 250,50\n",
        "\ufeffcode,name,cost\r\ncut,Рез,1250.5\r\n",
        "CODE\tName\tcost\ncut\tРез\t1250.50",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "cp1251"])
def test_file_as_spreadsheets_write_it_is_read(text, charset):
    content = text.removeprefix("\ufeff" if charset == "cp1251" else "").encode(charset)

    assert read(content) == ([{"code": "cut", "name": "Рез", "cost": Decimal("1250.50")}], [])


def test_numbers_of_a_sheet_are_read_as_what_they_show():
    content = sheet(["code", "name", "cost", "cost_price"], [101, 7.0, 1250.1, None], [], ["b", "B", 3, 0])

    assert read(content) == (
        [
            {"code": "101", "name": "7", "cost": Decimal("1250.1"), "cost_price": None},
            {"code": "b", "name": "B", "cost": Decimal(3), "cost_price": Decimal(0)},
        ],
        [],
    )


def test_file_over_five_megabytes_is_refused(admin):
    answer = sent(admin, HEAD + "cut,Cut,5\n" + " " * price_files.MAX_BYTES)

    assert (answer.status_code, "larger than 5 MB" in answer.text) == (422, True)


def test_file_over_the_limit_of_uploads_is_refused_with_what_was_typed(admin, settings):
    settings.ATTACHMENT_MAX_BYTES = 2000

    answer = sent(admin, HEAD + "cut,Cut,5\n" * 1000, reason="Rent 🐈")

    assert (answer.status_code, 'value="Rent 🐈"' in answer.text) == (422, True)


def test_sheet_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(price_files, "MAX_UNPACKED", 1000)

    with pytest.raises(FileFault):
        read(sheet(["code", "name", "cost"], ["cut", "Cut", 5]))


def test_file_of_twenty_thousand_rows_is_taken_and_one_more_refused():
    table = [f"s-{n},Service {n},{n}.50" for n in range(price_files.MAX_ROWS)]

    found, faults = read((HEAD + "\n".join(table)).encode())

    assert (len(found), faults) == (20_000, [])
    with pytest.raises(FileFault, match="20,000"):
        read((HEAD + "\n".join([*table, "one,More,1"])).encode())


@pytest.mark.parametrize("form", [{"since": "2020-01-01"}, {"since": ""}, {"reason": ""}, {"reason": "x" * 201}])
def test_bad_day_or_reason_of_a_file_is_told(admin, form):
    assert sent(admin, HEAD + "cut,Cut,5\n", **form).status_code == 422
    shown = sent(admin, HEAD + "cut,Cut,5\n")

    assert confirmed(admin, shown, **form).status_code == 422
    assert not Service.objects.exists()
