"""The board's cells as HTML. Plain strings and not template loops: 700 visits cost a tenth of the time.

Whatever a person typed goes through escape(); all else is made here.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache, lru_cache, partial
from html import escape as escape_html

from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinic import rules
from clinic.models import Appointment, Veterinarian, WorkingException
from clinic.slots import slot_value
from clinic.working_time import holds
from vetclinic.home.board import Lane
from vetclinic.home.grid import CLOCK, ROW, Free, Off, Tile, minute_of

LONGEST = 480  # minutes that the grid has a class for
MOST_COLUMNS = 6  # that visits at one time stand in: the look has classes for them
SPECIES = {"cat", "dog", "rabbit", "bird"}
DRAWN_AS = {"rodent": "hamster", "reptile": "turtle"}
MOVABLE = {"booked", "conf", "wait"}  # by drag, with JavaScript
SHORT_MINUTES, TALL_MINUTES = 20, 45
escape = lru_cache(maxsize=8192)(escape_html)  # names and reasons come again and again


def state_names() -> dict[str, str]:
    """What each state of the board is called, in the order of the legend."""
    return {
        "booked": _("unconfirmed"),
        "conf": _("confirmed"),
        "wait": _("waiting"),
        "in": _("with the vet"),
        "pay": _("to pay"),
        "done": _("done"),
        "miss": _("no-show"),
    }


class Pen:
    """Draws in one language, for people who may the same: words, pictures and addresses are looked up once."""

    def __init__(self, *, books: bool, clinical: bool):
        """`books`: free times lead to booking. `clinical`: visits lead to the record, else to what is to pay."""
        self.books, self.names = books, state_names()
        self._booking = reverse("booking")
        self._visit = reverse("visit" if clinical else "appointment", args=[0])
        self._invoice = "" if clinical else reverse("invoice", args=[0])
        self._sprite = staticfiles_storage.url("img/icons.svg")
        self._species: dict[str, str] = {}
        self._day = _("D, j M")
        words = {"book": _("Book at"), "move": _("Move to"), "break": _("break"), "off": _("off shift")}
        words |= dict(WorkingException.Kind.choices)
        self._words = {name: escape(str(text)) for name, text in words.items()}
        self._squeezed = f'<span class="w">{escape(_("squeezed in"))}</span> · '

    def next_free(self, vet: Veterinarian, at: dt.datetime, *, is_of_day: bool) -> str:
        when = CLOCK[minute_of(at)] if is_of_day else f"{date_format(at.date(), self._day)}, {CLOCK[minute_of(at)]}"
        words = f'<span class="vh">{self._words["book"]} </span>{self._icon("plus", " s")}{escape(when)}'
        return f'<a href="{escape(self._to_slot(vet, at))}" data-book>{words}</a>'

    def to_tile(self, tile: Tile) -> str:
        if tile.invoice and self._invoice:
            return self._invoice.replace("/0/", f"/{tile.invoice}/")
        return self._visit.replace("/0/", f"/{tile.id}/")

    def tile(self, tile: Tile, *, columns: Mapping[int, tuple[int, int]], movable: bool) -> str:
        """A visit. `columns` as in a Lane; `movable`: by drag, if its state is."""
        short = tile.minutes <= SHORT_MINUTES
        size = " one" if short else " tall" if tile.minutes >= TALL_MINUTES else ""
        reason = (self._squeezed if tile.squeezed_in else "") + escape(tile.reason)
        beside = f" <em>· {reason}</em>" if short else ""
        owner = f"{escape(tile.owner)} · " if tile.owner else ""
        below = "" if short else f"<p>{owner}{reason}</p>"
        css = place(tile.start, tile.minutes) + (" sq" if tile.squeezed_in else "")
        if tile.id in columns:
            css += " beside w{1} x{0}".format(*(min(MOST_COLUMNS, each) for each in columns[tile.id]))
        data = f' data-minutes="{tile.minutes}"' if movable and tile.state in MOVABLE else ""
        return (
            f'<li class="{css}" id="visit-{tile.id}"{data}>'
            f'<a class="ev st-{tile.state}{size}" href="{self.to_tile(tile)}">'
            f"<b>{self.picture(tile.species)}<span>{escape(tile.pet)}{beside}</span><time>{tile.clock}</time></b>"
            f'{below}<span class="vh">{self.names[tile.state]}</span></a></li>'
        )

    def free(self, vet: Veterinarian, free: Free) -> str:
        words = f'<span class="vh">{self._words["book"]} </span>{CLOCK[free.start]}'
        return (
            f'<li class="free {place(free.start, free.end - free.start)}">'
            f'<a href="{escape(self._to_slot(vet, free.at))}" data-book>'
            f"<span>{words}</span>{self._icon('plus', ' s')}</a></li>"
        )

    def target(self, vet: Veterinarian, free: Free) -> str:
        """A button of the form above the board."""
        slot = escape(slot_value(vet, free.at))
        words = f'<span class="vh">{self._words["move"]} </span>{CLOCK[free.start]}'
        return (
            f'<li class="free {place(free.start, free.end - free.start)}">'
            f'<button form="moving" name="slot" value="{slot}"><span>{words}</span></button></li>'
        )

    def off(self, off: Off) -> str:
        css = " brk" if off.kind == "break" else ""
        words, cells = f"<span>{self._words[off.kind]}</span>", []
        for start in range(off.start, off.end, LONGEST):  # a whole day is longer than the longest cell
            where = place(start, min(LONGEST, off.end - start))
            cells.append(f'<li class="off{css} {where}">{words}</li>')
            words = ""
        return "".join(cells)

    def picture(self, species: str) -> str:
        if species not in self._species:
            name = DRAWN_AS.get(species, species)
            self._species[species] = self._icon(name if name in SPECIES | set(DRAWN_AS.values()) else "paw")
        return self._species[species]

    def _to_slot(self, vet: Veterinarian, at: dt.datetime) -> str:
        """The booking form for a vet's time. The + of a time zone would be a space in an address."""
        slot = slot_value(vet, at).replace("+", "%2B")
        return f"{self._booking}?slot={slot}&vet={vet.pk}"

    def _icon(self, name: str, size: str = "") -> str:
        return f'<svg class="i{size}" aria-hidden="true"><use href="{self._sprite}#{name}"/></svg>'


@cache
def pen(_language: str, books: bool, clinical: bool) -> Pen:
    """The active language's."""
    return Pen(books=books, clinical=clinical)


class Cells:
    """Lanes for one person: which visits and times are shown, and what a free time offers."""

    def __init__(self, user, *, state: str = "", moving: Appointment | None = None):
        """`state`: only visits in it are drawn. `moving`: free times take this visit, no new one."""
        self.user, self.state, self.moving = user, state, moving
        self.pen = pen(get_language() or "", user.may("book"), user.may("write_records"))

    def of(self, lane: Lane) -> str:
        """The list items of a lane. A visit that is moved lies under the times that it could go to."""
        books = self.books(lane)
        if not (books and self.moving):
            return self._kept(lane, books)
        tiles = self._tiles(lane)
        draw = partial(self.pen.tile, columns=lane.columns, movable=True)
        cells = [self.pen.off(off) for off in lane.off]
        cells += [draw(tile) for tile in tiles if tile.id == self.moving.pk]
        cells += [self._target(lane, free) for free in lane.free]
        cells += [draw(tile) for tile in tiles if tile.id != self.moving.pk]
        return "\n".join(cells)

    def _kept(self, lane: Lane, books: bool) -> str:
        """As it was drawn for somebody else, unless anything about it has changed."""
        free = lane.free if books else []
        key = self.pen, lane.number, self.state, books, tuple(each[:2] for each in free), tuple(lane.off)
        html = lane.days.drawn.get(key)
        if html is None:
            cells = [self.pen.off(off) for off in lane.off]
            cells += [self.pen.free(lane.vet, each) for each in free]
            cells += [self.pen.tile(tile, columns=lane.columns, movable=books) for tile in self._tiles(lane)]
            html = lane.days.drawn[key] = "\n".join(cells)
        return html

    def _tiles(self, lane: Lane) -> list[Tile]:
        return [tile for tile in lane.tiles if not self.state or tile.state == self.state]

    def books(self, lane: Lane) -> bool:
        """Whether this person books with the lane's vet."""
        return self.pen.books and rules.can_manage_visits_of(self.user, lane.vet)

    def next_free(self, lane: Lane) -> str:
        """The link that books a lane's first free time, that day or a later one, for a person who books."""
        at = lane.free[0].at if lane.free else lane.later
        return self.pen.next_free(lane.vet, at, is_of_day=bool(lane.free)) if at and self.books(lane) else ""

    def _target(self, lane: Lane, free: Free) -> str:
        """A free time that the visit can be moved to, if it fits."""
        start, length = free.at.astimezone(dt.UTC), self.moving.ends_at - self.moving.date
        stays = (lane.vet, free.at) == (self.moving.vet, self.moving.date)
        return "" if stays or not holds(lane.gaps, start, start + length) else self.pen.target(lane.vet, free)


@cache
def place(start: int, minutes: int) -> str:
    """The classes that put a cell on the grid: start rounded down to five minutes, length up."""
    first = start // ROW * ROW
    length = max(ROW, -(-(minutes + start - first) // ROW) * ROW)
    return f"t{first // 60:02}{first % 60:02} d{min(length, LONGEST)}"
