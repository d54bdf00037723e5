"""The rows of a visit's bill as HTML: plain strings, as for the board (docs/decisions/0012-board-without-objects.md).

Whatever a person typed goes through escape(); all else is made here.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from records.bill_forms import CELLS, LONGEST_REASON, Line
from records.cells import WAS, Cell
from vetclinic.ui.addresses import address
from vetclinic.ui.templatetags.ui import icon, money

CELL = 'inputmode="decimal" maxlength="20" autocomplete="off"'


class BillRows:
    """Draws the lines of one visit: to read; with cells to write in; or, with a token, with discounts for a manager."""

    def __init__(self, visit: int, *, writable: bool = False, token: str = ""):
        self.visit, self.writable, self.token = visit, writable, token
        self.quantity, self.percent = _("Quantity: %(name)s"), _("Discount in percent: %(name)s")
        self.remove, self.set_discount = _("Remove %(name)s"), _("Set the discount: %(name)s")
        self.why, self.why_label = escape(_("reason, above 10 %")), _("Reason of the discount: %(name)s")

    def rows(self, lines: Iterable[Line]) -> SafeString:
        return mark_safe("".join(map(self._row, lines)))  # noqa: S308 (see above)

    def _row(self, line: Line) -> str:
        treatment, name = line.treatment, line.treatment.name
        unit = f" / {escape(treatment.unit)}" if treatment.unit else ""
        head = f'<span class="nm">{escape(name)}</span><br><span class="pr">{money(treatment.unit_price)}{unit}</span>'
        if treatment.discount and treatment.reason and not self.token:
            head += f'<br><span class="muted small">{escape(treatment.reason)}</span>'
        return (
            f'<tr><th scope="row">{head}</th>{self._cells(line, name)}<td class="r nw">{money(treatment.total)}</td>'
            f"{self._button(treatment.pk, name)}</tr>{''.join(_fault(cell, line) for cell in CELLS)}"
        )

    def _cells(self, line: Line, name: str) -> str:
        if self.writable:
            quantity = f'<span class="qty">{_input("quantity", line, self.quantity % {"name": name})}</span>'
            return f"<td>{quantity}</td><td>{self._percent(line, name)}</td>"
        if self.token:
            return f"<td>{line.quantity.text}</td><td>{self._discount(line, name)}</td>"
        return f"<td>{line.quantity.text}</td><td>{line.percent.text or '—'}</td>"

    def _percent(self, line: Line, name: str) -> str:
        cell = _input("percent", line, self.percent % {"name": name}, ' placeholder="0"')
        return f'<span class="qty pc">{cell}<span aria-hidden="true">%</span></span>'

    def _discount(self, line: Line, name: str) -> str:
        """A form of its own for each line: a manager does not write the rest of the page."""
        label = escape(self.set_discount % {"name": name})
        return (
            f'<form method="post" class="disc" action="{address("treatment_discount", self.visit, line.treatment.pk)}">'
            f'<input type="hidden" name="csrfmiddlewaretoken" value="{self.token}">{self._percent(line, name)}'
            f"{self._reason(line, name)}"
            f'<button class="btn q sm" aria-label="{label}">{icon("check", "s")}</button></form>'
        )

    def _reason(self, line: Line, name: str) -> str:
        more = f' class="inp" placeholder="{self.why}"'
        return _input("reason", line, self.why_label % {"name": name}, more, kind=f'maxlength="{LONGEST_REASON}"')

    def _button(self, treatment: int, name: str) -> str:
        if not self.writable:
            return ""
        action = f'formaction="{address("treatment_remove", self.visit, treatment)}#refused"'
        label = escape(self.remove % {"name": name})
        return f'<td class="r"><button class="btn q sm" {action} aria-label="{label}">{icon("x", "s")}</button></td>'


def _input(name: str, line: Line, label: str, more: str = "", *, kind: str = CELL) -> str:
    """A cell, and what the page shows in it, which is posted with it."""
    cell: Cell = getattr(line, name)
    key = f"{name}_{line.treatment.pk}"
    fault = f' aria-invalid="true" aria-describedby="{key}_error"' if cell.error else ""
    return (
        f'<input id="{key}" name="{key}" value="{escape(cell.text)}" {kind}{more} aria-label="{escape(label)}"{fault}>'
        f'<input type="hidden" name="{WAS}{key}" value="{escape(cell.was)}">'
    )


def _fault(name: str, line: Line) -> str:
    cell: Cell = getattr(line, name)
    place = f'id="{name}_{line.treatment.pk}_error"'
    return f'<tr><td colspan="5" class="err" {place} role="alert">{escape(cell.error)}</td></tr>' if cell.error else ""
