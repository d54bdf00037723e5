"""The usual widgets as HTML, without the templates that Django draws each of them with.

Sixteen of those were a quarter of the visit page's time. What they say is the same: tests/ui/test_forms.py compares.
"""

from collections.abc import Callable
from functools import lru_cache
from html import escape as escape_all
from typing import Any

from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe

PLACE = "django/forms/widgets/"


def drawn(template_name: str, context: dict[str, Any]) -> SafeString | None:
    """The widget of a template's name; None for one that is not known here."""
    draw = DRAWN.get(template_name)
    return mark_safe(draw(context["widget"])) if draw else None  # noqa: S308 (all values go through escape)


def long_select(name: str, choices: tuple[tuple[str, str], ...], chosen: str, attrs: dict[str, Any]) -> SafeString:
    """As the select of a template, of options that are not in groups."""
    widget = f'<select name="{escape(name)}"{_attributes({"attrs": attrs})}>{_options(choices, chosen)}\n</select>'
    return mark_safe(widget)  # noqa: S308 (all values go through escape)


@lru_cache(maxsize=128)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> str:
    """Escaped whatever they are: a text that was marked as safe is equal to the same text that was not."""
    return "".join(
        f'\n  <option value="{escape_all(value)}"{" selected" if value == chosen else ""}>{escape_all(label)}</option>'
        for value, label in choices
    )


def _input(widget: dict[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{escape(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: dict[str, Any]) -> str:
    text = escape(widget["value"] or "")
    return f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _select(widget: dict[str, Any]) -> str:
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{escape(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _group(name: str | None, options: list[dict[str, Any]]) -> str:
    drawn_options = "".join(
        f'\n  <option value="{escape(option["value"])}"{_attributes(option)}>{escape(option["label"])}</option>'
        for option in options
    )
    return f'\n  <optgroup label="{escape(name)}">{drawn_options}\n  </optgroup>' if name else drawn_options


def _attributes(widget: dict[str, Any]) -> str:
    given = ((name, value) for name, value in widget["attrs"].items() if value is not False and value is not None)
    return "".join(f" {name}" if value is True else f' {name}="{escape(value)}"' for name, value in given)


DRAWN: dict[str, Callable[[dict[str, Any]], str]] = {
    f"{PLACE}{name}.html": _input for name in ("text", "hidden", "number", "email", "date", "time", "password", "tel")
} | {f"{PLACE}textarea.html": _textarea, f"{PLACE}select.html": _select}
