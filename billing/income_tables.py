"""The two tables of the income page as rows of CSV and XLSX."""

from django.utils.translation import gettext as _

from billing.income_forms import BY
from billing.income_report import RECEIVED_BY, KeyRow, Report


def time_table(shown: Report) -> list[list]:
    head = [_("From"), _("Until"), _("Invoices"), _("Billed"), _("Credited"), _("Received")]
    rows = [
        [row.first, row.last, row.sums.invoices, row.sums.billed, row.sums.credited, row.sums.received]
        for row in shown.times
    ]
    return [head, *rows]


def key_table(shown: Report) -> list[list]:
    """What the page shows, in full. Of a vet or a branch there is what was received, of a service the average price."""
    prices = [_("Average price"), _("Change of the price, %")]
    own = [_("Received")] if shown.by in RECEIVED_BY else prices
    head = [_("Code"), str(BY[shown.by]), "%", _("Billed"), _("Billed before"), _("Change, %"), _("Credited"),
            _("Quantity"), *own, _("Cost price"), _("Profit")]  # fmt: skip
    return [head, *(_key_cells(row, shown.by) for row in shown.keys)]


def _key_cells(row: KeyRow, by: str) -> list:
    sums = row.sums
    own = [sums.received] if by in RECEIVED_BY else [sums.price, row.price_change]
    cells = [row.key, row.name, row.share, sums.billed, row.before.billed, row.change, sums.credited, sums.quantity,
             *own, sums.known_cost, sums.profit]  # fmt: skip
    return ["" if cell is None else cell for cell in cells]
