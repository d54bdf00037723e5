"""Cells: single fields of a form that several people may have open. Each is posted with what the page showed in it."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 20  # a number
WAS = "was_"  # before the name of a cell: what the page showed


@dataclass
class Cell:
    """What stands in it, what the page showed (`was`), and what is wrong with it."""

    text: str
    was: str
    error: str = ""

    @property
    def is_changed(self) -> bool:
        return self.text != self.was

    def refuse(self, message: object, stored: str) -> None:
        """Show a refusal; saved again, what is typed replaces what is `stored` by now."""
        self.error, self.was = str(message), stored


def cell_of(name: str, stored: str, data: Mapping[str, str] | None, *, longest: int = LONGEST) -> Cell:
    """The cell as it was typed (`data`: a posted form, or a draft); one that nobody touched as it is stored by now."""
    text, was = ((data or {}).get(key, "").strip()[:longest] for key in (name, WAS + name))
    if not data or name not in data or text == was:
        return Cell(stored, stored)
    return Cell(text, was)
