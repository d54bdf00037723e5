"""Text that is offered: templates of usual diagnoses, and what this animal had before.

With JavaScript static/js/visit.js fills in the same way, without an answer of the server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from records.forms import TEXTS
from records.models import RecordTemplate

SHOWN = 8  # chips that stand open; the rest unfold
APPENDED = ("prescription", "notes")  # where a second text follows the first; elsewhere what is typed stays alone


@dataclass(frozen=True)
class Chip:
    """A template as a button: its texts ride along, so that a click needs no answer of the server."""

    pk: int
    title: str
    texts: str


def chips_for(species: str) -> list[Chip]:
    rows = RecordTemplate.objects.offered_for(species).values("pk", "title", *TEXTS)
    return [Chip(row.pop("pk"), row.pop("title"), json.dumps(row, ensure_ascii=False)) for row in rows]


def filled(typed: Mapping[str, str], offered: Mapping[str, str]) -> dict[str, str]:
    """The texts with what is offered: into empty fields, and under what is typed where lists are kept."""
    texts = {name: typed.get(name, "") for name in TEXTS}
    for name, text in offered.items():
        if not texts[name].strip():
            texts[name] = text
        elif name in APPENDED and text and text not in texts[name].replace("\r\n", "\n"):
            texts[name] = f"{texts[name].rstrip()}\n{text}"
    return texts
