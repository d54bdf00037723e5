"""What a search in records found, as HTML: plain strings, as a template takes longer over them than the database.

Whatever a person typed goes through escape(); all else is made here.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from clinic.search import fold
from records.record_query import PIECE, Question
from records.record_search import Hit
from vetclinic.ui.addresses import address
from vetclinic.ui.dates import short_date

LONGEST = 40  # words of a text that are shown: those around the first that was asked for
BEFORE = 8


class FoundItems:
    """Draws what was found for one question."""

    def __init__(self, asked: Question):
        self.words = asked.words

    def items(self, hits: Iterable[Hit]) -> SafeString:
        """List items, in the order of the hits."""
        return mark_safe("\n".join(map(self._item, hits)))  # noqa: S308 (see above)

    def _item(self, hit: Hit) -> str:
        visit = f'<a href="{address("visit", hit.visit)}">{short_date(hit.starts.date())}</a>'
        pet = f'<a href="{address("pet", hit.pet)}">{escape(hit.name)}</a>'
        people = escape(" · ".join(filter(None, (hit.owner, hit.vet))))
        diagnosis = f"<p>{self.marked(hit.diagnosis)}</p>" if hit.diagnosis else ""
        prescription = f'<p class="rx">{self.marked(hit.prescription)}</p>' if hit.prescription else ""
        return (
            f'<li class="card"><div class="in"><h2>{visit} · {pet}</h2><p class="muted small">{people}</p>'
            f"{diagnosis}{prescription}</div></li>"
        )

    def marked(self, text: str) -> str:
        """The text, escaped, with what was asked for in <mark>; of a long one what stands around the first of it."""
        pieces = list(PIECE.finditer(text))
        hits = [number for number, piece in enumerate(pieces) if fold(piece[0]) in self.words]
        first = max(0, min(hits[0] - BEFORE, len(pieces) - LONGEST)) if hits else 0
        shown = pieces[first : first + LONGEST]
        if len(shown) == len(pieces):
            begin, end, before, after = 0, len(text), "", ""
        else:
            begin, end = shown[0].start(), shown[-1].end()
            before, after = "… " if first else "", " …" if shown[-1] is not pieces[-1] else ""
        parts, asked_for = [before], {pieces[number] for number in hits}
        for piece in shown:
            if piece in asked_for:
                parts.append(f"{escape(text[begin : piece.start()])}<mark>{escape(piece[0])}</mark>")
                begin = piece.end()
        return "".join([*parts, escape(text[begin:end]), after])
