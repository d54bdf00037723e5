"""What a search in records found, as HTML: plain strings, as a template takes longer over them than the database.

Whatever a person typed goes through escape(), in Hit already for the texts with marks.
"""

from collections.abc import Iterable
from html import escape

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from records.record_search import Hit
from vetclinic.ui.addresses import address


def found_items(hits: Iterable[Hit]) -> SafeString:
    """List items, in the order of the hits."""
    return mark_safe("\n".join(map(_item, hits)))  # noqa: S308 (see above)


def _item(hit: Hit) -> str:
    visit = f'<a href="{address("visit", hit.visit)}">{date_format(hit.starts, "SHORT_DATE_FORMAT")}</a>'
    pet = f'<a href="{address("pet", hit.pet)}">{escape(hit.name)}</a>'
    people = escape(" · ".join(filter(None, (hit.owner, hit.vet))))
    diagnosis = f"<p>{hit.diagnosis}</p>" if hit.diagnosis else ""
    prescription = f'<p class="rx">{hit.prescription}</p>' if hit.prescription else ""
    return (
        f'<li class="card"><div class="in"><h2>{visit} · {pet}</h2><p class="muted small">{people}</p>'
        f"{diagnosis}{prescription}</div></li>"
    )
