"""The price list as a file: CSV or XLSX out, and read back, with every fault told by its row."""

import csv
import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from openpyxl import load_workbook

from clinic.models import Service
from vetclinic.ui.csv import csv_response, plain
from vetclinic.ui.xlsx import xlsx_response

COLUMNS = ("code", "name", "category", "unit", "cost", "cost_price", "description")
NEEDED = ("code", "name", "cost")
INFORMATION = ("valid_from", "valid_to")  # written, and not read: the day is asked for
MAX_BYTES = 5 * 2**20
MAX_ROWS = 20_000
LAST_ROW = 200_000  # empty ones counted: a spreadsheet may say that it has a million
WIDEST = 50
MAX_UNPACKED = 100 * 2**20  # of an XLSX, which is a ZIP
GROUPED = re.compile(r"[\s\u00a0\u202f]")


class FileFault(Exception):  # noqa: N818 (it is what the page calls it)
    """The file as a whole cannot be read; the message is for a person."""


class Money(widgets.DecimalWidget):
    """1250.5, 1 250,50 and a spreadsheet's numbers. A comma before three digits may mean thousands: refused."""

    def clean(self, value, row=None, **kwargs):
        text = GROUPED.sub("", str(value or 0 if value == 0 else value or ""))
        if re.fullmatch(r"-?\d+,\d{1,2}", text):
            text = text.replace(",", ".")
        if text and not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
            raise ValueError(_("Enter a number."))
        return super().clean(text, row, **kwargs)


class Text(widgets.CharWidget):
    """A spreadsheet makes numbers of what looks like one: 101 stays 101 and does not become 101.0."""

    def clean(self, value, row=None, **kwargs):
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value) if whole else "" if value is None else value).strip()


class PriceResource(resources.ModelResource):
    """A row of the file and of the price list, column by column."""

    cost = fields.Field("cost", "cost", Money())
    cost_price = fields.Field("cost_price", "cost_price", Money())

    class Meta:
        model = Service
        fields = COLUMNS
        import_id_fields = ["code"]

    @classmethod
    def widget_from_django_field(cls, f, default=None):
        return Text


def download(kind: str, day: dt.date) -> HttpResponse | StreamingHttpResponse:
    """The price list of a day. No cell is taken for a formula."""
    name, table = f"prices-{day}.{kind}", _table(day)
    return xlsx_response(name, table) if kind == "xlsx" else csv_response(name, table)


def _table(day: dt.date) -> Iterator[list]:
    yield [*COLUMNS, *INFORMATION]
    for service in Service.objects.on_sale(day).in_list_order():
        cells = (getattr(service, column) for column in (*COLUMNS, *INFORMATION))
        yield ["" if cell is None else cell for cell in cells]


def read(content: bytes) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """The rows of a file, and its faults: (row as the spreadsheet counts, sentence). FileFault if it is no table."""
    if len(content) > MAX_BYTES:
        raise FileFault(_("This file is larger than 5 MB."))
    table = _read_xlsx(content) if content.startswith(b"PK") else _read_csv(content)
    head = [str(cell or "").strip().lower() for cell in next(table, [])]
    _check_head(head)
    rows, faults, seen = [], [], {}
    cleaner = Cleaner(head)
    for number, cells in enumerate(table, 2):
        if len(rows) == MAX_ROWS or number > LAST_ROW:
            raise FileFault(_("A file has at most 20,000 rows."))
        if not any(cell not in (None, "") for cell in cells):
            continue
        row, wrong = cleaner.clean(cells)
        code = row.get("code", number)
        if code in seen:
            wrong.append(_("The code is in row %(row)s already.") % {"row": seen[code]})
        seen.setdefault(code, number)
        faults += [(number, sentence) for sentence in wrong]
        rows.append(row)
    if not rows:
        raise FileFault(_("There is no row in this file."))
    return rows, faults


def _check_head(head: list[str]) -> None:
    missing = [name for name in NEEDED if name not in head]
    unknown = [name for name in head if name and name not in COLUMNS + INFORMATION]
    if missing:
        raise FileFault(_("The first row must name the columns. Missing: %(names)s.") % {"names": ", ".join(missing)})
    if unknown:
        names = ", ".join(unknown)[:200]
        raise FileFault(_("There are columns that the price list does not have: %(names)s.") % {"names": names})
    if len(set(head) - {""}) < len([name for name in head if name]):
        raise FileFault(_("A column is in the file twice."))


class Cleaner:
    """Cells → the columns of a price, as the forms would take them."""

    def __init__(self, head: list[str]):
        self.head = head
        known = PriceResource().fields
        self.fields = [(name, known[name], Service._meta.get_field(name)) for name in COLUMNS if name in head]

    def clean(self, cells: list) -> tuple[dict[str, Any], list[str]]:
        given = dict(zip(self.head, [*cells, *[None] * len(self.head)], strict=False))
        row, wrong = {}, []
        if any(cell not in (None, "") for cell in cells[len(self.head) :]):
            wrong.append(_("There are more cells than columns."))
        for name, reader, column in self.fields:
            try:
                row[name] = column.clean(reader.clean(given), None)
            except ValidationError as error:
                wrong.append(f"{column.verbose_name}: {' '.join(error.messages)}")
            except (ValueError, ArithmeticError):
                wrong.append(f"{column.verbose_name}: {_('Enter a number.')}")
        return row, wrong


def _read_csv(content: bytes) -> Iterator[list]:
    """UTF-8, or what Russian spreadsheets write; the separator is what the first line has most of."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
    if "\x00" in text:
        raise FileFault(_("This file is neither CSV nor XLSX."))
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            yield [plain(cell) for cell in row]
    except csv.Error as error:
        raise FileFault(_("This file is neither CSV nor XLSX.")) from error


def _read_xlsx(content: bytes) -> Iterator[list]:
    """The first sheet: values, not formulas."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED:
                raise FileFault(_("This file is larger than 5 MB."))
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        yield from (list(row) for row in book.worksheets[0].iter_rows(max_col=WIDEST, values_only=True))
    except FileFault:
        raise
    except Exception as error:  # openpyxl has no error of its own for all that a damaged file brings forth
        raise FileFault(_("This file is neither CSV nor XLSX.")) from error
