"""Addresses of views that take numbers, worked out once a view: reverse() was a fifth of a long list's time."""

from functools import cache

from django.urls import reverse

STAND_IN = 1_000_000_007


def address(name: str, *numbers: int) -> str:
    """What reverse(name, args=numbers) answers."""
    parts = _parts(name, len(numbers))
    return parts[0] + "".join(f"{number}{part}" for number, part in zip(numbers, parts[1:], strict=True))


@cache
def _parts(name: str, count: int) -> list[str]:
    """The address cut at its arguments."""
    rest = reverse(name, args=[STAND_IN + index for index in range(count)])
    parts = []
    for index in range(count):
        part, rest = rest.split(str(STAND_IN + index))
        parts.append(part)
    return [*parts, rest]
