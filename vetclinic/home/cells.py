"""The board's cells as HTML. Plain functions and not template loops: 700 visits cost a quarter of the time."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinic.forms import slot_value
from vetclinic.home.board import Lane, Tile, minutes_between

STEP = 5  # minutes to a row of the grid (static/css/board-grid.css)
SPECIES = {"cat", "dog", "rabbit", "bird"}
DRAWN_AS = {"rodent": "hamster", "reptile": "turtle"}
SHORT_MINUTES, TALL_MINUTES = 20, 45


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


def lane_cells(lane: Lane, *, links: "Links", state: str = "") -> SafeString:
    """The list items of a lane; with `state` only visits in it."""
    names = state_names()
    tiles = [tile for tile in lane.tiles if not state or tile.state == state]
    off = format_html_join("\n", '<li class="off{} {}"><span>{}</span></li>', (_off_cell(*part) for part in lane.off))
    free = format_html_join("\n", "{}", ((_free_cell(lane, *part, links),) for part in lane.free))
    return format_html("{}{}{}", off, free, format_html_join("\n", "{}", ((_visit(t, links, names),) for t in tiles)))


class Links:
    """Addresses that repeat on every cell, resolved once a page."""

    def __init__(self, user):
        self.sprite = staticfiles_storage.url("img/icons.svg")
        self.booking = reverse("booking") if user.may("book") else ""
        clinical = user.may("write_records")
        self._visit = reverse("visit" if clinical else "appointment", args=[0])
        self._invoice = "" if clinical else reverse("invoice", args=[0])

    def to_tile(self, tile: Tile) -> str:
        if tile.invoice and self._invoice:
            return self._invoice.replace("/0/", f"/{tile.invoice}/")
        return self._visit.replace("/0/", f"/{tile.id}/")

    def to_slot(self, vet, start: dt.datetime) -> str:
        return f"{self.booking}?{urlencode({'slot': slot_value(vet, start), 'vet': vet.pk})}"

    def icon(self, name: str, size: str = "") -> SafeString:
        return format_html('<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>', size, self.sprite, name)

    def species(self, species: str) -> SafeString:
        name = DRAWN_AS.get(species, species)
        return self.icon(name if name in SPECIES | set(DRAWN_AS.values()) else "paw")


def place(start: dt.datetime, end: dt.datetime) -> str:
    """The classes that put a cell on the grid: start rounded down to five minutes, length up."""
    minute = start.minute // STEP * STEP
    minutes = minutes_between(start, end) + start.minute - minute
    return f"t{start.hour:02}{minute:02} d{max(STEP, -(-minutes // STEP) * STEP)}"


def _visit(tile: Tile, links: Links, names: dict[str, str]) -> SafeString:
    short = tile.minutes <= SHORT_MINUTES
    size = " one" if short else " tall" if tile.minutes >= TALL_MINUTES else ""
    owner = f"{tile.owner} · {tile.reason}" if tile.owner else tile.reason
    return format_html(
        '<li class="{}" id="visit-{}"><a class="ev st-{}{}" href="{}">'
        '<b>{}<span>{}{}</span><time>{}</time></b>{}<span class="vh">{}</span></a></li>',
        place(tile.start, tile.end),
        tile.id,
        tile.state,
        size,
        links.to_tile(tile),
        links.species(tile.species),
        tile.pet,
        format_html(" <em>· {}</em>", tile.reason) if short else "",
        f"{tile.start:%H:%M}",
        "" if short else format_html("<p>{}</p>", owner),
        names[tile.state],
    )


def _free_cell(lane: Lane, start: dt.datetime, end: dt.datetime, links: Links) -> SafeString:
    if not links.booking:
        return SafeString("")
    return format_html(
        '<li class="free {}"><a href="{}" data-book><span><span class="vh">{} </span>{}</span>{}</a></li>',
        place(start, end),
        links.to_slot(lane.vet, start),
        _("Book at"),
        f"{start:%H:%M}",
        links.icon("plus", " s"),
    )


def _off_cell(start: dt.datetime, end: dt.datetime, is_break: bool) -> tuple[str, str, str]:
    return (" brk" if is_break else "", place(start, end), _("break") if is_break else _("off shift"))
