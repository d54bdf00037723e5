"""The entries of an animal's history as HTML: plain strings, as a template takes longer over them than the database.

Whatever a person typed goes through escape(); all else is made here.
"""

from decimal import Decimal
from html import escape

from django.utils.dates import MONTHS_3
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from billing.history import History, Other, Visit
from clinic.enums import AppointmentStatus, InvoiceStatus
from clinic.models.service import ServiceCategory
from records.measurement_forms import SHORT_UNITS
from records.models import AttachmentKind, MedicalRecord, Vital
from vetclinic.ui.addresses import address
from vetclinic.ui.templatetags.ui import icon, money, quantity

OPEN_VISITS = 2  # the newest stand unfolded
LONGEST_TITLE = 90
# category of a treatment → colour and icon of its visit in the timeline, the rarest first
LOOKS = {
    ServiceCategory.SURGERY: ("o", "scalpel"),
    ServiceCategory.VACCINE: ("s", "syringe"),
    ServiceCategory.LAB: ("l", "flask"),
}
PLAIN_LOOK = ("v", "stetho")
TEXTS = ("complaint", "diagnosis", "prescription", "notes")


class Cells:
    """Draws entries for one person: words looked up once."""

    def __init__(self, pet: int, user, *, unfold: bool = False):
        """`unfold`: all stand open, as in what a search found."""
        self.pet, self.unfold = pet, unfold
        self.visit_page = "visit" if user.may("see_records") else "appointment"
        fields = {name: MedicalRecord._meta.get_field(name) for name in TEXTS}
        self.labels = {name: escape(str(each.verbose_name).capitalize()) for name, each in fields.items()}
        self.words = {name: escape(text) for name, text in _words().items()}
        self.down = icon("down", "s")
        self.months = [escape(str(MONTHS_3.get(month, ""))) for month in range(13)]
        self.states = {each.value: _chip(str(each.label)) for each in AppointmentStatus}

    def timeline(self, history: History) -> SafeString:
        """List items, a heading before each year."""
        items, year, visits = [], 0, 0
        for entry in history.entries:
            if entry.starts.year != year:
                year = entry.starts.year
                items.append(f'<li class="yr" id="y{year}"><h3>{year}</h3></li>')
            if isinstance(entry, Visit):
                visits += 1
                items.append(self._visit(entry, is_open=self.unfold or visits <= OPEN_VISITS))
            else:
                items.append(self._other(entry))
        return mark_safe("\n".join(items))  # noqa: S308 (see above)

    def _visit(self, visit: Visit, *, is_open: bool) -> str:
        title = escape(_shortened(visit.diagnosis or visit.reason))
        bill = f'<span class="sum">{escape(money(visit.amount))}</span>' if visit.invoice else ""
        colour, drawing = _look(visit)
        head = f'<h3 class="th3">{title}</h3><span class="muted small">{escape(visit.vet)}</span>{bill}{self.down}'
        rail = self._rail(visit, colour, drawing)
        return (
            f"{rail}<article><details{' open' if is_open else ''}><summary>{head}</summary>"
            f'<dl class="dl">{self._details(visit)}</dl></details></article></li>'
        )

    def _details(self, visit: Visit) -> str:
        link = f'<a href="{address(self.visit_page, visit.id)}">{escape(visit.reason)}</a>'
        parts = [_pair(self.words["visit"], f"{link} {self.states[visit.status]}")]
        if visit.measurements:
            parts.append(_pair(self.words["measured"], _chips(map(_measured, visit.measurements))))
        for name in TEXTS:
            if text := getattr(visit, name):
                parts.append(_pair(self.labels[name], _lines(text)))
        if visit.treatments:
            parts.append(_pair(self.words["done"], _chips(map(_done, visit.treatments))))
        for author, text in visit.addenda or ():
            parts.append(_pair(self.words["addendum"], f'{_lines(text)} <span class="muted">{escape(author)}</span>'))
        if visit.invoice:
            parts.append(_pair(self.words["invoice"], self._bill(visit)))
        return "".join(parts)

    def _bill(self, visit: Visit) -> str:
        status = InvoiceStatus(visit.invoice_status)
        css = {InvoiceStatus.PAID: " ok", InvoiceStatus.DRAFT: ""}.get(status, " warn")
        name = f"{visit.year}-{visit.number:05d}" if visit.number else self.words["draft"]
        link = f'<a href="{address("invoice", visit.invoice)}">{name}</a>'
        return f'{link} <span class="chip{css}">{escape(str(status.label))}</span>'

    def _other(self, entry: Other) -> str:
        if entry.kind == "weight":
            what = f'<h3 class="th3">{self.words["weight"]}: {escape(_measured(("weight", entry.title)))}</h3>'
            return f"{self._rail(entry, 'w', 'scale')}<article>{what}</article></li>"
        if entry.kind == "dose":
            return self._dose(entry)
        kind, _dot, note = entry.detail.partition(" · ")
        told = escape(" · ".join(filter(None, [str(AttachmentKind(kind).label), note])))
        link = (
            f'<a href="{address("file", self.pet, entry.id)}" target="_blank" rel="noopener">{escape(entry.title)}</a>'
        )
        title = f'<h3 class="th3">{link}</h3><span class="muted small">{told}</span>'
        return f'{self._rail(entry, "l", "note")}<article><div class="th">{title}</div></article></li>'

    def _dose(self, dose: Other) -> str:
        name = escape(dose.title)
        link = f'<a href="{address(self.visit_page, dose.visit)}">{name}</a>' if dose.visit else name
        told = [f"{self.words['batch']} {escape(dose.detail)}"] if dose.detail else []
        told += [] if dose.visit else [self.words["elsewhere"]]
        title = f'<h3 class="th3">{link}</h3><span class="muted small">{" · ".join(told)}</span>'
        return f'{self._rail(dose, "s", "syringe")}<article><div class="th">{title}</div></article></li>'

    def _rail(self, entry: Visit | Other, colour: str, drawing: str) -> str:
        day = f'<div class="dt"><b>{entry.starts.day}</b>{self.months[entry.starts.month]}</div>'
        return f'<li class="e {colour}">{day}<div class="ic" aria-hidden="true"><span>{icon(drawing)}</span></div>'


def _words() -> dict[str, str]:
    return {
        "visit": _("Visit"),
        "measured": _("Measured"),
        "done": _("Done"),
        "addendum": _("Addendum"),
        "invoice": _("Invoice"),
        "draft": _("draft"),
        "weight": _("Weight"),
        "batch": _("batch"),
        "elsewhere": _("given elsewhere"),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else Truncator(text).chars(LONGEST_TITLE)


def _look(visit: Visit) -> tuple[str, str]:
    done = {category for _name, _quantity, category in visit.treatments or ()}
    return next((look for category, look in LOOKS.items() if category in done), PLAIN_LOOK)


def _pair(label: str, text: str) -> str:
    return f"<dt>{label}</dt><dd>{text}</dd>"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _chips(texts) -> str:
    return f'<span class="tags">{"".join(map(_chip, texts))}</span>'


def _chip(text: str) -> str:
    return f'<span class="chip">{escape(text)}</span>'


def _done(treatment: tuple[str, str, str]) -> str:
    name, amount, _category = treatment
    return name if Decimal(amount) == 1 else f"{name} × {quantity(Decimal(amount))}"


def _measured(measurement: tuple[str, str]) -> str:
    kind, value = measurement
    unit = str(SHORT_UNITS[Vital(kind)])
    return f"{quantity(Decimal(value))} {unit}" if kind == Vital.WEIGHT else (
        f"{Vital(kind).label}: {quantity(Decimal(value))}{'' if unit.startswith('/') else ' '}{unit}"
    )  # fmt: skip
