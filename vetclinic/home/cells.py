"""The board's cells as HTML. Plain strings and not template loops: 700 visits cost a tenth of the time.

Whatever a person typed goes through escape(); all else is made here.
"""

import datetime as dt
from functools import cache, lru_cache
from html import escape as escape_html

from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.models import WorkingException
from clinic.slots import slot_value
from vetclinic.home.board import CLOCK, Lane, Off, Span, Tile

STEP = 5  # minutes to a row of the grid (static/css/board-grid.css)
LONGEST = 480  # minutes that the grid has a class for
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


class Cells:
    """Draws lanes for one person: where tiles lead, what a free time offers, words and pictures looked up once."""

    def __init__(self, user, *, state: str = "", moving: int = 0):
        """`state`: only visits in it are drawn. `moving`: free times take a visit of so many minutes, no new one."""
        self.state, self.moving, self.names = state, moving, state_names()
        self.booking = reverse("booking") if user.may("book") else ""
        clinical = user.may("write_records")
        self._visit = reverse("visit" if clinical else "appointment", args=[0])
        self._invoice = "" if clinical else reverse("invoice", args=[0])
        self._sprite = staticfiles_storage.url("img/icons.svg")
        self._species: dict[str, str] = {}
        words = {"book": _("Book at"), "move": _("Move to"), "break": _("break"), "off": _("off shift")}
        words |= dict(WorkingException.Kind.choices)
        self._words = {name: escape(str(text)) for name, text in words.items()}
        self._squeezed = f'<span class="w">{escape(_("squeezed in"))}</span> · '

    def of(self, lane: Lane) -> str:
        """The list items of a lane."""
        tiles = [tile for tile in lane.tiles if not self.state or tile.state == self.state]
        cells = [self._off(off) for off in lane.off]
        if self.booking:
            cells += (
                [self._target(lane, span) for span in lane.free]
                if self.moving
                else [self._free(lane, span) for span in lane.free]
            )
        cells += [self._tile(tile) for tile in tiles]
        return "\n".join(cells)

    def next_free(self, lane: Lane) -> str:
        """The link that books a lane's first free time, if it has one and this person books."""
        if not (lane.free and self.booking):
            return ""
        start = lane.free[0].start
        words = f'<span class="vh">{self._words["book"]} </span>{self._icon("plus", " s")}{CLOCK[start]}'
        return f'<a href="{escape(self.to_slot(lane, start))}" data-book>{words}</a>'

    def to_tile(self, tile: Tile) -> str:
        if tile.invoice and self._invoice:
            return self._invoice.replace("/0/", f"/{tile.invoice}/")
        return self._visit.replace("/0/", f"/{tile.id}/")

    def to_slot(self, lane: Lane, start: int) -> str:
        """The booking form for a lane's time. The + of a time zone would be a space in an address."""
        slot = slot_value(lane.vet, moment(lane, start)).replace("+", "%2B")
        return f"{self.booking}?slot={slot}&vet={lane.vet.pk}"

    def _tile(self, tile: Tile) -> str:
        short = tile.minutes <= SHORT_MINUTES
        size = " one" if short else " tall" if tile.minutes >= TALL_MINUTES else ""
        reason = (self._squeezed if tile.squeezed_in else "") + escape(tile.reason)
        beside = f" <em>· {reason}</em>" if short else ""
        owner = f"{escape(tile.owner)} · " if tile.owner else ""
        below = "" if short else f"<p>{owner}{reason}</p>"
        squeezed = " sq" if tile.squeezed_in else ""
        movable = f' data-minutes="{tile.minutes}"' if self.booking and tile.state in MOVABLE else ""
        return (
            f'<li class="{place(tile.start, tile.minutes)}{squeezed}" id="visit-{tile.id}"{movable}>'
            f'<a class="ev st-{tile.state}{size}" href="{self.to_tile(tile)}">'
            f"<b>{self.picture(tile.species)}<span>{escape(tile.pet)}{beside}</span><time>{tile.clock}</time></b>"
            f'{below}<span class="vh">{self.names[tile.state]}</span></a></li>'
        )

    def _free(self, lane: Lane, span: Span) -> str:
        words = f'<span class="vh">{self._words["book"]} </span>{CLOCK[span.start]}'
        return (
            f'<li class="free {place(span.start, span.end - span.start)}">'
            f'<a href="{escape(self.to_slot(lane, span.start))}" data-book>'
            f"<span>{words}</span>{self._icon('plus', ' s')}</a></li>"
        )

    def _target(self, lane: Lane, span: Span) -> str:
        """A free time that the visit can be moved to, if it fits: a button of the form above the board."""
        end = span.end
        for other in lane.free:
            end = other.end if other.start == end else end
        if end - span.start < self.moving:
            return ""
        slot = escape(slot_value(lane.vet, moment(lane, span.start)))
        words = f'<span class="vh">{self._words["move"]} </span>{CLOCK[span.start]}'
        return (
            f'<li class="free {place(span.start, span.end - span.start)}">'
            f'<button form="moving" name="slot" value="{slot}"><span>{words}</span></button></li>'
        )

    def _off(self, off: Off) -> str:
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

    def _icon(self, name: str, size: str = "") -> str:
        return f'<svg class="i{size}" aria-hidden="true"><use href="{self._sprite}#{name}"/></svg>'


def moment(lane: Lane, minute: int) -> dt.datetime:
    """The aware time of a lane's minute."""
    return dt.datetime.combine(lane.day, dt.time(minute // 60, minute % 60), lane.vet.branch.zone)


@cache
def place(start: int, minutes: int) -> str:
    """The classes that put a cell on the grid: start rounded down to five minutes, length up."""
    first = start // STEP * STEP
    length = max(STEP, -(-(minutes + start - first) // STEP) * STEP)
    return f"t{first // 60:02}{first % 60:02} d{min(length, LONGEST)}"
