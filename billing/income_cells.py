"""The income page's chart and rows as HTML: plain strings, as a template takes longer over them than the database.

Names go through escape(); all else is made here.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from html import escape

from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from billing.charts import Bar, Chart
from billing.income_report import KeyRow, TimeRow
from vetclinic.ui.templatetags.ui import money, quantity

MINUS = "−"
# The short month is written small in Russian, whose translators choose “b” for it.
LABELS = {
    "year": "Y",
    "month": pgettext_lazy("label of a chart", "M y"),
    "week": pgettext_lazy("label of a chart", "j M"),
    "day": pgettext_lazy("label of a chart", "j M"),
}


def chart_svg(chart: Chart) -> SafeString:
    """Its lengths are plain numbers in every language."""
    words = escape(_("Billed and received; the table below has the numbers"))
    ticks = "".join(
        f'<line class="ax{"" if sum_ else " zero"}" x1="{chart.left}" x2="{chart.width}" y1="{y}" y2="{y}"/>'
        f'<text x="{chart.left - 8}" y="{y}" dy="4" text-anchor="end">{_signed(sum_)}</text>\n'
        for sum_, y in chart.ticks
    )
    bars = "\n".join(_bar(bar, chart) for bar in chart.bars)
    return mark_safe(  # noqa: S308 (numbers and days)
        f'<svg class="plot" viewBox="0 0 {chart.width} {chart.height}" role="img" aria-label="{words}">\n'
        f"{ticks}{bars}\n</svg>"
    )


def time_rows(rows: Iterable[TimeRow]) -> SafeString:
    return mark_safe("\n".join(map(_time_row, rows)))  # noqa: S308 (numbers and days)


def key_rows(rows: Iterable[KeyRow], *, most_billed: Decimal, is_by_cost: bool, has_received: bool) -> SafeString:
    """On a phone a row has what it is ordered by alone. What was received stands where a price would mean nothing."""
    hidden = {"billed": " hide-s" if is_by_cost else "", "cost": "" if is_by_cost else " hide-s"}
    drawn = (_key_row(row, most_billed, hidden, has_received) for row in rows)
    return mark_safe("\n".join(drawn))  # noqa: S308 (names are escaped)


def per_cent(change: Decimal | None) -> str:
    """With its sign; a dash where there was nothing to compare with."""
    if change is None:
        return '<span class="muted">—</span>'
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    return f'<span class="muted">{sign}{_number(abs(change), 1)} %</span>'


def _bar(bar: Bar, chart: Chart) -> str:
    each = bar.stretch
    label = (
        f'<text x="{bar.middle}" y="{chart.height - 8}" text-anchor="middle">'
        f"{escape(date_format(each.first, str(LABELS[chart.unit])))}</text>"
        if bar.is_labelled
        else ""
    )
    return (
        f"<g><title>{_days(each.first, each.last)}: {money(each.billed)} / {money(each.received)}</title>"
        f'<rect class="b1" x="{bar.x}" y="{bar.billed.y}" width="{bar.width}" height="{bar.billed.height}" rx="2"/>'
        f'<rect class="b2" x="{bar.middle}" y="{bar.received.y}" width="{bar.width}" height="{bar.received.height}"'
        f' rx="2"/>{label}</g>'
    )


def _time_row(row: TimeRow) -> str:
    sums = row.sums
    cells = "".join(f'<td class="r nw">{money(each)}</td>' for each in (sums.billed, sums.credited, sums.received))
    return (
        f'<tr><th scope="row" class="nw">{_days(row.first, row.last)}</th>'
        f'<td class="r">{_whole(sums.invoices)}</td>{cells}</tr>'
    )


def _key_row(row: KeyRow, most_billed: Decimal, hidden: dict[str, str], has_received: bool) -> str:
    sums = row.sums
    width = round(sums.billed * 100 / most_billed) if most_billed else 0
    price = "—" if sums.price is None else f"{money(sums.price)} {per_cent(row.price_change)}"
    received, price = (
        f'<td class="r nw hide-s">{text}</td>' if is_shown else ""
        for text, is_shown in ((money(sums.received), has_received), (price, not has_received))
    )
    return (
        f'<tr><th scope="row">{escape(row.name)}</th><td class="hide-s"><svg class="bar" viewBox="0 0 100 4"'
        f' preserveAspectRatio="none" aria-hidden="true"><rect width="{width}" height="4"/></svg></td>'
        f'<td class="r">{_number(row.share, 1)}</td>'
        f'<td class="r nw{hidden["billed"]}">{money(sums.billed)}</td>'
        f'<td class="r nw hide-s">{per_cent(row.change)}</td>'
        f'<td class="r nw hide-s">{money(sums.credited)}</td>{received}'
        f'<td class="r hide-s">{quantity(sums.quantity)}</td>{price}'
        f'<td class="r nw{hidden["cost"]}">{_or_dash(sums.known_cost)}</td>'
        f'<td class="r nw hide-s">{_or_dash(sums.profit)}</td></tr>'
    )


def _or_dash(amount: Decimal | None) -> str:
    return "—" if amount is None else money(amount)


def _days(first: dt.date, last: dt.date) -> str:
    days = [date_format(day, "SHORT_DATE_FORMAT") for day in dict.fromkeys((first, last))]
    return " – ".join(days)


def _whole(number: Decimal | int) -> str:
    return _number(number, 0)


def _signed(number: Decimal) -> str:
    return f"{MINUS if number < 0 else ''}{_whole(abs(number))}"


def _number(number: Decimal | int, places: int) -> str:
    """Grouped and pointed as the language does it."""
    return number_format(number, places, use_l10n=True, force_grouping=True)
