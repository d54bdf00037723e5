"""Doses as HTML, on the pages of a visit and of an animal: plain strings. What a person typed goes through escape()."""

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from records.vaccinations import DUE_SOON, OVERDUE, PROTECTED, Dose, Last
from vetclinic.ui.addresses import address
from vetclinic.ui.dates import short_date
from vetclinic.ui.templatetags.ui import icon


class Due:
    """Draws until when a dose protects, with words looked up once."""

    def __init__(self):
        until = _("until %(day)s")
        self.looks = {
            OVERDUE: ("chip bad", icon("alert", "s"), _("overdue since %(day)s")),
            DUE_SOON: ("chip warn", icon("clock", "s"), _("due on %(day)s")),
            PROTECTED: ("chip ok", icon("check", "s"), until),
            "": ("chip", "", until),
        }

    def chip(self, state: str, day: dt.date) -> str:
        css, drawing, said = self.looks[state]
        return f'<span class="{css}">{drawing}{escape(said % {"day": short_date(day)})}</span>'


class DoseItems:
    """Draws the last dose of each kind; those of this visit with a button that takes them back, when writable."""

    def __init__(self, visit: int, *, writable: bool):
        self.visit, self.writable = visit, writable
        self.remove, self.due = _("Remove the dose: %(name)s"), Due()

    def items(self, lasts: Iterable[Last]) -> SafeString:
        return _safe(map(self._item, lasts))

    def _item(self, last: Last) -> str:
        given = escape(" · ".join(filter(None, [short_date(last.given_on), last.batch])))
        return (
            f'<li><span><b>{escape(last.name)}</b><span class="under muted small">{given}</span></span>'
            f'<span class="sp r">{self.due.chip(last.state, last.due_on)}</span>{self._button(last)}</li>'
        )

    def _button(self, last: Last) -> str:
        if not self.writable or last.visit != self.visit:
            return ""
        action = address("visit_dose_remove", self.visit, last.dose)
        label = escape(self.remove % {"name": last.name})
        return f'<button class="btn q sm" formaction="{action}" aria-label="{label}">{icon("x", "s")}</button>'


def drawn_doses(doses: Sequence[Dose], *, pet: int = 0, token: str = "") -> dict[str, SafeString]:
    """For _pet_vaccinations.html: the last dose of each kind, and all; with a token a mistyped one of `pet` can go."""
    due = Due()
    lasts = (
        f'<li><b>{escape(dose.name)}</b><span class="sp r">{due.chip(dose.state, dose.valid_until)}</span></li>'
        for dose in doses
        if dose.is_last
    )
    said = {"elsewhere": _("given elsewhere"), "until": _("until %(day)s"), "batch": _("batch")}
    remove = _("Remove the dose: %(name)s")
    return {
        "last_doses": _safe(lasts),
        "all_doses": _safe(_dose(dose, said, _removal(dose, pet, token, remove) if token else "") for dose in doses),
    }


def _dose(dose: Dose, said: dict[str, str], removal: str) -> str:
    told = [said["elsewhere"] if dose.is_elsewhere else dose.vet, said["until"] % {"day": short_date(dose.valid_until)}]
    told += [f"{said['batch']} {dose.batch}"] if dose.batch else []
    head = escape(f"{short_date(dose.given_on)} · {dose.name}")
    return f'<li><span>{head}<span class="under muted">{escape(" · ".join(told))}</span></span>{removal}</li>'


def _removal(dose: Dose, pet: int, token: str, label: str) -> str:
    if not dose.is_elsewhere:
        return ""
    return (
        f'<form class="sp" method="post" action="{address("dose_remove", pet, dose.id)}">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        f'<button class="btn q sm" aria-label="{escape(label % {"name": dose.name})}">{icon("x", "s")}</button></form>'
    )


def _safe(parts: Iterable[str]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 (see above)
