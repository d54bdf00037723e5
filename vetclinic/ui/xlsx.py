"""Tables as XLSX: numbers and days stay what they are, text is never taken for a formula."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from io import BytesIO

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(name: str, rows: Iterable[Iterable]) -> HttpResponse:
    """A download called `name`, written row by row: memory does not grow with the cells."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return HttpResponse(
        out.getvalue(), content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _cell(sheet, value):
    if value is None or isinstance(value, int | Decimal | dt.date):
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, Decimal):
            cell.number_format = "#,##0.00"
        return cell
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"  # also what begins with "="
    return cell
