"""Text that is offered: templates of usual diagnoses, and what this animal had before.

With JavaScript static/js/visit.js fills in the same way, without an answer of the server.
"""

from collections.abc import Mapping

from records.forms import TEXTS

SHOWN = 8  # chips that stand open; the rest unfold
APPENDED = ("prescription", "notes")  # where a second text follows the first; elsewhere what is typed stays alone


def filled(typed: Mapping[str, str], offered: Mapping[str, str]) -> dict[str, str]:
    """The texts with what is offered: into empty fields, and under what is typed where lists are kept."""
    texts = {name: typed.get(name, "") for name in TEXTS}
    for name, text in offered.items():
        if not texts[name].strip():
            texts[name] = text
        elif name in APPENDED and text and text not in texts[name].replace("\r\n", "\n"):
            texts[name] = f"{texts[name].rstrip()}\n{text}"
    return texts
