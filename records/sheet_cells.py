"""What a visit's sheet offers and shows of before as HTML: plain strings. What a person typed goes through escape()."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from records.beside import Chip, Past
from vetclinic.ui.addresses import address
from vetclinic.ui.dates import short_date
from vetclinic.ui.templatetags.ui import icon

LONGEST_TITLE, LONGEST_BUTTON = 90, 60


def template_buttons(chips: Iterable[Chip], visit: int) -> SafeString:
    """A click saves what is typed with the text filled in; with static/js/visit.js it fills in at once."""
    begin = f'<button formaction="{address("record_fill", visit)}" name="template"'
    return _safe(
        f'{begin} value="{chip.pk}" data-fill="{escape(chip.texts)}">{escape(chip.title)}</button>' for chip in chips
    )


def diagnosis_buttons(diagnoses: Iterable[str], visit: int) -> SafeString:
    action = f'formaction="{address("record_fill", visit)}" data-earlier'
    return _safe(
        f'<button name="earlier" value="{escape(text)}" {action}>{escape(_short(text, LONGEST_BUTTON))}</button>'
        for text in diagnoses
    )


def past_items(past: Iterable[Past]) -> SafeString:
    none = escape(_("No earlier records."))
    return _safe(map(_past, past)) or _safe([f'<li class="muted">{none}</li>'])


def _past(visit: Past) -> str:
    day = short_date(visit.day)
    title = escape(_short(visit.diagnosis or visit.reason, LONGEST_TITLE))
    link = f'<a class="muted nw" href="{address("visit", visit.visit)}">{day}</a>'
    if not visit.prescription:
        return f"<li>{link}<span>{title}</span></li>"
    text = escape(visit.prescription).replace("\n", "<br>")
    summary = f"<summary>{title}{icon('down', 's')}</summary>"
    return f'<li>{link}<details class="rx">{summary}<p class="small">{text}</p></details></li>'


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else Truncator(text).chars(longest)


def _safe(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (see above)
