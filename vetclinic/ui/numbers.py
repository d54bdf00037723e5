"""Numbers in an address or a hidden field. A person may write anything there."""

LARGEST_ID = 2**31 - 1


def id_of(text: str) -> int | None:
    """The id of a row that the text names in plain digits; None for `x`, `²`, `٣` and for what no row can have."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    return int(text) if plain and int(text) <= LARGEST_ID else None
