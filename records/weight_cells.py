"""An animal's weights as HTML: a chart and the rows of a table, plain strings. Nobody types anything in them."""

from collections.abc import Iterable
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from records.weights import Curve, Dot, Weight
from vetclinic.ui.dates import short_date
from vetclinic.ui.templatetags.ui import quantity


def drawn(care: dict[str, Any]) -> dict[str, Any]:
    """What records.weights.care() gives for the pages of an animal, with its weights drawn."""
    return care | {"weight_chart": chart(care["weight_curve"]), "weight_rows": weight_rows(care["weights"])}


def chart(curve: Curve | None) -> SafeString:
    """What stands within the <svg> of templates/records/_weight.html."""
    if curve is None:
        return mark_safe("")
    axis = (
        f'<line class="ax" x1="{curve.left}" x2="{curve.right}" y1="{y}" y2="{y}"/>'
        f'<text x="{curve.left - 6}" y="{y}" dy="4" text-anchor="end">{kg}</text>'
        for kg, y in curve.ticks
    )
    days = (
        f'<text x="{x}" y="{curve.height - 6}" text-anchor="{anchor}">{short_date(day)}</text>'
        for day, x, anchor in curve.days
    )
    *dots, last = curve.drawn
    line = f'<polyline class="ln" points="{curve.line}"/>'
    marks = [*(_mark(dot, "pt", "3") for dot in dots), _mark(last, "pt z", "4.5")]
    return mark_safe("".join([*axis, line, *marks, *days]))  # noqa: S308 (numbers and dates)


def _mark(dot: Dot, css: str, radius: str) -> str:
    told = f"<title>{short_date(dot.weight.day)}: {quantity(dot.weight.kg)}</title>"
    return f'<circle class="{css}" cx="{dot.x}" cy="{dot.y}" r="{radius}">{told}</circle>'


def weight_rows(weights: Iterable[Weight]) -> SafeString:
    """Rows of the table, in the order of the weights."""
    rows = (
        f'<tr><th scope="row">{short_date(each.day)}</th><td class="r">{quantity(each.kg)}</td></tr>'
        for each in weights
    )
    return mark_safe("".join(rows))  # noqa: S308 (numbers and dates)
