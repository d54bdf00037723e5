"""The income page's chart and rows as HTML: plain strings, as a template takes longer over them than the database.

Names go through escape(); all else is made here. What has been drawn is kept: of a year's months and of forty services
a payment changes one row.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache, wraps
from html import escape
from typing import ParamSpec

from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from billing.charts import Bar, Chart
from billing.income_figures import Figures
from billing.income_report import KeyRow, TimeRow
from vetclinic.ui.templatetags.ui import money, quantity

MINUS = "−"
CURRENT = ' aria-current="true"'
# The short month is written small in Russian, whose translators choose “b” for it.
LABELS = {
    "year": "Y",
    "month": pgettext_lazy("label of a chart", "M y"),
    "week": pgettext_lazy("label of a chart", "j M"),
    "day": pgettext_lazy("label of a chart", "j M"),
}
P = ParamSpec("P")


def kept(draw: Callable[P, str]) -> Callable[P, str]:
    """What a function draws from the same, in the same language and currency, is drawn once."""

    @lru_cache(maxsize=2048)
    def drawn(_language: str | None, _currency: str, *args, **kwargs) -> str:
        return draw(*args, **kwargs)

    @wraps(draw)
    def draw_once(*args: P.args, **kwargs: P.kwargs) -> str:
        return drawn(get_language(), settings.CLINIC_CURRENCY, *args, **kwargs)

    return draw_once


def chart_svg(chart: Chart) -> SafeString:
    """Its lengths are plain numbers in every language."""
    words = escape(_("Billed and received; the table below has the numbers"))
    ticks = "".join(
        f'<line class="ax{"" if sum_ else " zero"}" x1="{chart.left}" x2="{chart.width}" y1="{y}" y2="{y}"/>'
        f'<text x="{chart.left - 8}" y="{y}" dy="4" text-anchor="end">{_signed(sum_)}</text>\n'
        for sum_, y in chart.ticks
    )
    bars = "\n".join(_bar(bar, chart.height, chart.unit) for bar in chart.bars)
    return mark_safe(  # noqa: S308 (numbers and days)
        f'<svg class="plot" viewBox="0 0 {chart.width} {chart.height}" role="img" aria-label="{words}">\n'
        f"{ticks}{bars}\n</svg>"
    )


def figures(total: Figures, changes: dict, year_changes: dict) -> SafeString:
    """The sums at the top; `changes` in per cent against the period before and the year before, None after nothing."""
    cards = [
        _card(_("Billed"), money(total.billed), _changed(changes["billed"], year_changes["billed"])),
        # More of it is no growth.
        _card(_("Credited"), money(total.credited), _changed(changes["credited"], year_changes["credited"], css="nw")),
        _card(_("Received"), money(total.received), _changed(changes["received"], year_changes["received"])),
        _card(_("Invoices"), _whole(total.invoices), _of_invoices(total)),
    ]
    return mark_safe(f'<div class="kpis">\n{"".join(cards)}</div>')  # noqa: S308 (numbers and our own words)


def links(choices: Iterable[tuple[str | Promise, bool, str]]) -> SafeString:
    """Ways to see the page, by name, whether it is the one that is shown, and address."""
    drawn = (
        f'<a class="nw" href="{escape(address)}"{CURRENT if is_shown else ""}>{escape(str(label))}</a>'
        for label, is_shown, address in choices
    )
    return mark_safe("".join(drawn))  # noqa: S308 (all of it is escaped)


def time_rows(rows: Iterable[TimeRow]) -> SafeString:
    return mark_safe("\n".join(map(_time_row, rows)))  # noqa: S308 (numbers and days)


def key_rows(rows: Iterable[KeyRow], *, most_billed: Decimal, is_by_cost: bool, has_received: bool) -> SafeString:
    """On a phone a row has what it is ordered by alone. What was received stands where a price would mean nothing."""
    drawn = (_key_row(row, most_billed, is_by_cost, has_received) for row in rows)
    return mark_safe("\n".join(drawn))  # noqa: S308 (names are escaped)


def per_cent(change: Decimal | None) -> str:
    """With its sign; a dash where there was nothing to compare with."""
    if change is None:
        return '<span class="muted">—</span>'
    return f'<span class="muted">{_signed_per_cent(change)}</span>'


def _card(name: str, figure: str, details: list[str]) -> str:
    below = "".join(f'<p class="d">{each}</p>' for each in details)
    return f'<section class="card kpi"><p class="k">{escape(name)}</p><p class="v">{figure}</p>{below}</section>\n'


def _changed(change: Decimal | None, year_change: Decimal | None, css: str = "") -> list[str]:
    if change is None:
        lines = [escape(_("nothing in the period before"))]
    else:
        css = css or ("up" if change >= 0 else "dn")
        words = escape(_("against the period before"))  # not within the text below, where nobody looks for words
        lines = [f'<span class="{css}">{_signed_per_cent(change)}</span> {words}']
    if year_change is not None:
        words = escape(_("against the year before"))
        lines.append(f"{per_cent(year_change)} {words}")
    return lines


def _of_invoices(total: Figures) -> list[str]:
    lines = [_("%(sum)s on average") % {"sum": money(total.average)}]
    if total.profit is not None:
        lines.append(_("profit %(sum)s where the cost is known") % {"sum": money(total.profit)})
    return [escape(line) for line in lines]


@kept
def _bar(bar: Bar, height: int, unit: str) -> str:
    """In a chart of that height and unit."""
    each = bar.stretch
    label = (
        f'<text x="{bar.middle}" y="{height - 8}" text-anchor="middle">'
        f"{escape(date_format(each.first, str(LABELS[unit])))}</text>"
        if bar.is_labelled
        else ""
    )
    return (
        f"<g><title>{_days(each.first, each.last)}: {money(each.billed)} / {money(each.received)}</title>"
        f'<rect class="b1" x="{bar.x}" y="{bar.billed.y}" width="{bar.width}" height="{bar.billed.height}" rx="2"/>'
        f'<rect class="b2" x="{bar.middle}" y="{bar.received.y}" width="{bar.width}" height="{bar.received.height}"'
        f' rx="2"/>{label}</g>'
    )


@kept
def _time_row(row: TimeRow) -> str:
    sums = row.sums
    cells = "".join(f'<td class="r nw">{money(each)}</td>' for each in (sums.billed, sums.credited, sums.received))
    return (
        f'<tr><th scope="row" class="nw">{_days(row.first, row.last)}</th>'
        f'<td class="r">{_whole(sums.invoices)}</td>{cells}</tr>'
    )


@kept
def _key_row(row: KeyRow, most_billed: Decimal, is_by_cost: bool, has_received: bool) -> str:
    hidden = {"billed": " hide-s" if is_by_cost else "", "cost": "" if is_by_cost else " hide-s"}
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


def _signed_per_cent(change: Decimal) -> str:
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    return f"{sign}{_number(abs(change), 1)} %"


def _or_dash(amount: Decimal | None) -> str:
    return "—" if amount is None else money(amount)


@kept
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
