"""Template tags of the site's look: icons, money, phones, ages. Built into every template."""

import datetime as dt
import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import defaulttags
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext

from vetclinic.ui.addresses import address
from vetclinic.ui.navigation import sections_for

register = template.Library()

NO_BREAK = "\u00a0"
MINUS = "\u2212"
SYMBOLS = {"RUB": "₽", "EUR": "€", "USD": "$", "GBP": "£", "KZT": "₸"}
WHOLE = {"RUB", "KZT"}  # sums in these are mostly whole: a zero fraction is noise
SPECIES_ICONS = {
    "cat": "cat",
    "dog": "dog",
    "rabbit": "rabbit",
    "rodent": "hamster",
    "bird": "bird",
    "reptile": "turtle",
}
# The ids of a visit's states are fixed (the rows of the table status); these are their colours.
STATUS_CLASSES = {1: "booked", 2: "conf", 3: "wait", 4: "in", 5: "done", 6: "miss", 7: "miss"}


class QuickUrl(defaulttags.URLNode):
    """Django's {% url %}, with the addresses that hold nothing but numbers taken from vetclinic.ui.addresses."""

    def render(self, context) -> str:
        name, numbers = self.view_name.resolve(context), [each.resolve(context) for each in self.args]
        if self.kwargs or self.asvar or ":" in name or not all(type(each) is int for each in numbers):
            return super().render(context)
        return address(name, *numbers)


@register.tag
def url(parser, token) -> QuickUrl:
    node = defaulttags.url(parser, token)
    return QuickUrl(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """A drawing of the sprite; `size` "s" for small. It is decoration: name the thing in words beside it."""
    sprite = staticfiles_storage.url("img/icons.svg")
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', f"i {size}".strip(), sprite, name
    )


@register.inclusion_tag("ui/_nav.html", takes_context=True)
def navigation(context) -> dict:
    """The sections of the rail."""
    match = getattr(context["request"], "resolver_match", None)
    page = match.view_name if match else ""
    return {"sections": sections_for(context["user"], page=page)}


@register.inclusion_tag("ui/_sort.html", takes_context=True)
def sortable(context, name: str, label: str, css: str = "") -> dict:
    """The head of a column that `page` can be sorted by: a first click sorts up, the next one turns it around."""
    sorting = context["page"].sorting
    direction = ("descending" if sorting.is_down else "ascending") if sorting.name == name else ""
    code = f"-{name}" if direction == "ascending" else name
    return {"request": context["request"], "label": label, "css": css, "code": code, "aria_sort": direction}


@register.filter
def may(user, permission: str) -> bool:
    """Whether a person has a permission of the access matrix; nobody signed in has none."""
    return user.is_authenticated and user.may(permission)


@register.filter
def money(amount: Decimal | int | None) -> str:
    """1 250,50 ₽ in Russian, ₽1,250.50 in English; never broken across lines; nothing for None."""
    return "" if amount is None else _money(round(Decimal(amount), 2), settings.CLINIC_CURRENCY, get_language() or "")


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, language: str) -> str:
    places = 0 if currency in WHOLE and amount == amount.to_integral_value() else 2
    number = number_format(abs(amount), places, use_l10n=True, force_grouping=True).replace(" ", NO_BREAK)
    sign = MINUS if amount < 0 else ""
    symbol = SYMBOLS.get(currency, currency)
    if language.startswith("ru"):
        return f"{sign}{number}{NO_BREAK}{symbol}"
    return f"{sign}{symbol}{number}" if currency in SYMBOLS else f"{sign}{symbol}{NO_BREAK}{number}"


@register.filter
def quantity(amount: Decimal | None) -> str:
    """An amount without needless zeros: 1 for 1.000, 0,5 for 0.500; nothing for None."""
    return "" if amount is None else _quantity(Decimal(amount), get_language() or "")


@lru_cache(maxsize=4096)
def _quantity(amount: Decimal, language: str) -> str:
    plain = format(amount.normalize(), "f")
    return number_format(Decimal(plain), use_l10n=True).replace("-", MINUS)


@register.filter
def per_cent(part: float) -> str:
    """97,4 % in Russian, 97.4% in English, for 0.974; never broken across lines."""
    number = number_format(round(part * 100, 1), 1, use_l10n=True)
    return f"{number}{NO_BREAK}%" if (get_language() or "").startswith("ru") else f"{number}%"


@register.filter
def phone(stored: str) -> str:
    """+7 916 123-45-67 for +79161234567; what is no phone number stays as it is."""
    return _phone(stored, settings.CLINIC_PHONE_REGION)


@lru_cache(maxsize=4096)
def _phone(stored: str, region: str) -> str:
    try:
        number = phonenumbers.parse(stored, region)
    except phonenumbers.NumberParseException:
        return stored
    readable = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return readable.replace(" ", NO_BREAK)


@register.filter
def marked(text: Any, searched: str) -> SafeString:
    """The text with what was searched for in <mark>: digits in a row, whatever stands between them, or words."""
    pattern = _pattern_of(searched)
    parts = re.split(f"({pattern})", str(text), flags=re.IGNORECASE) if pattern else [str(text)]
    marks = (format_html("<mark>{}</mark>", part) if odd % 2 else escape(part) for odd, part in enumerate(parts))
    return mark_safe("".join(marks))  # noqa: S308 (each part was escaped)


@lru_cache(maxsize=256)
def _pattern_of(searched: str) -> str:
    words = re.findall(r"\w+", searched.lower().replace("ё", "е"))
    if words and not re.search(r"[^\W\d_]", searched):
        return r"\D*".join("".join(words))
    return "|".join(re.escape(word).replace("е", "[её]") for word in sorted(words, key=len, reverse=True))


@register.filter
def species_icon(species: str) -> str:
    """The icon's name for a species; a paw for a goat."""
    return SPECIES_ICONS.get(species.strip().lower(), "paw")


@register.filter
def age(born: dt.date | None, day: dt.date | None = None) -> str:
    """4 years 2 months on a day (today if none is given); days in the first month; nothing if not known. A number
    and its word stay on one line."""
    day = day or timezone.localdate()
    if born is None or born > day:
        return ""
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    if months == 0:
        days = (day - born).days
        return _whole(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    years, months = divmod(months, 12)
    parts = [ngettext("%(count)d year", "%(count)d years", years) % {"count": years}] if years else []
    parts += [ngettext("%(count)d month", "%(count)d months", months) % {"count": months}] if months else []
    return " ".join(map(_whole, parts))


def _whole(text: str) -> str:
    return text.replace(" ", NO_BREAK)


@register.filter
def status_class(status_id: int | None) -> str:
    """The colour of a visit's state: the `st-…` class without its prefix."""
    return STATUS_CLASSES.get(status_id, "booked")


@register.filter
def control(field) -> SafeString:
    """A form field's control in the site's look, beside the classes that its widget has already."""
    classes = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"inp {classes}".strip()})
