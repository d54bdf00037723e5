"""What a spreadsheet of the page's language finds in a CSV that was downloaded."""

import csv
import io

from vetclinic.ui.csv import plain


def cells(answer, separator: str = ",") -> list[list[str]]:
    """Every cell as it was before it was guarded."""
    text = b"".join(answer.streaming_content).decode()
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    return [[plain(cell) for cell in row] for row in rows]
