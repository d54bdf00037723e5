"""The measurements of a visit as HTML: plain strings. Whatever a person typed goes through escape()."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from records.cells import WAS
from records.measurement_forms import VitalCell


def inputs(cells: Iterable[VitalCell]) -> SafeString:
    """Cells that every button of the page saves, and what is to be said about them below."""
    drawn, notes = [], []
    usual = _("usual for the species: %(range)s %(unit)s")
    for cell in cells:
        label, unit, note = escape(str(cell.label)), escape(f"{cell.unit} {cell.arrow}"), f"{cell.kind}_note"
        if cell.error:
            notes.append(f'<p class="err" id="{note}" role="alert">{label}: {escape(cell.error)}</p>')
        elif cell.side:
            said = escape(usual % {"range": cell.usual, "unit": cell.unit})
            notes.append(f'<p class="hint" id="{note}">{label}: {said}</p>')
        css = " bad" if cell.error else " up" if cell.side else ""
        told = f' aria-describedby="{note}"' if cell.error or cell.side else ""
        invalid = ' aria-invalid="true"' if cell.error else ""
        name = f"vital_{cell.kind}"
        drawn.append(
            f'<div class="vital{css}"><label for="id_{cell.kind}">{label}</label><div><input id="id_{cell.kind}"'
            f' name="{name}" value="{escape(cell.text)}" inputmode="decimal" maxlength="20" autocomplete="off"'
            f"{invalid}{told}><span>{unit}</span></div>"
            f'<input type="hidden" name="{WAS}{name}" value="{escape(cell.was)}"></div>'
        )
    return mark_safe(f'<div class="vitals four">{"".join(drawn)}</div>{"".join(notes)}')  # noqa: S308 (see above)


def readings(cells: Iterable[VitalCell]) -> SafeString:
    usual = _("usual: %(range)s")
    drawn = []
    for cell in cells:
        if cell.text:
            told = f'<span class="vh">{escape(usual % {"range": cell.usual})}</span>' if cell.side else ""
            unit, css = escape(f"{cell.unit} {cell.arrow}"), " up" if cell.side else ""
            value = f"<b>{escape(cell.text)}</b> <span>{unit}{told}</span>"
            drawn.append(f'<div class="vital{css}"><dt>{escape(str(cell.label))}</dt><dd>{value}</dd></div>')
    return mark_safe(f'<dl class="vitals four">{"".join(drawn)}</dl>')  # noqa: S308 (see above)
