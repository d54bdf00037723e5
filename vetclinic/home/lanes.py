"""The board's lanes and its queue as HTML, around the cells (see vetclinic.home.cells for why not templates)."""

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from vetclinic.home.board import Board, Lane
from vetclinic.home.cells import Cells, escape, place
from vetclinic.home.days import TO_PAY
from vetclinic.home.grid import Tile
from vetclinic.ui.templatetags.ui import money

LATE_AFTER_MINUTES = 10  # who waits longer is shown as late


def lane(lane: Lane, number: int, cells: Cells, shown: Board, *, link: str, week: bool) -> SafeString:
    """A vet's day, the `number`th of the board. `link`: the query of the other kind of board, day or week."""
    today = lane.day == shown.now.date()
    line = f'<li class="nowline {now_place(shown)} d5" aria-hidden="true"></li>' if today and shown.shows_now else ""
    names = f'id="{"day" if week else "vet"}-{lane.day.isoformat() if week else lane.vet.pk}"'
    data = f'data-vet="{lane.vet.pk}" data-day="{lane.day.isoformat()}"'
    head = _day_head(lane, cells, number, link, today) if week else _vet_head(lane, cells, number, link)
    css = "lane own" if lane.vet.user_id == cells.user.pk and not week else "lane"
    return mark_safe(  # noqa: S308 (what a person typed went through escape())
        f'<section class="{css}" {names} aria-labelledby="lane-{number}" {data}>\n{head}\n'
        f'<ol class="slots">{line}\n{cells.of(lane)}\n</ol></section>'
    )


def vet_link(lane: Lane) -> SafeString:
    """A jump to the vet's lane."""
    return mark_safe(f'<a href="#vet-{lane.vet.pk}">{_avatar(lane)}{escape(str(lane.vet))}</a>')  # noqa: S308


def queue(shown: Board, cells: Cells) -> list[tuple[str, int, SafeString]]:
    """Who is in the clinic now: state, number of visits, and their list items."""
    vets = {lane.vet.pk: str(lane.vet) for lane in shown.lanes}
    entries = {state: shown.in_state(state) for state in ("wait", TO_PAY, "in")}
    return [
        (state, len(tiles), mark_safe("\n".join(_waiting(tile, shown, cells, vets) for tile in tiles)))  # noqa: S308
        for state, tiles in entries.items()
    ]


def now_place(shown: Board) -> str:
    """The class of the present minute on the grid."""
    return place(shown.minute, 0).split()[0]


def _vet_head(lane: Lane, cells: Cells, number: int, link: str) -> str:
    what = str(lane.vet.specialization) if lane.vet.is_active else _("has left")
    title = _title(number, link, str(lane.vet))
    return (
        f"<header>{_avatar(lane)}<div>{title}<p><span>{escape(what)}</span>{cells.next_free(lane)}</p></div></header>"
    )


def _day_head(lane: Lane, cells: Cells, number: int, link: str, today: bool) -> str:
    title = _title(number, link, date_format(lane.day, _("D, j M")))
    css = ' class="istoday"' if today else ""
    return f"<header{css}><div>{title}<p>{cells.next_free(lane)}</p></div></header>"


def _title(number: int, link: str, name: str) -> str:
    return f'<h2 id="lane-{number}"><a href="?{escape(link)}">{escape(name)}</a></h2>'


def _avatar(lane: Lane) -> str:
    """The vet's initials in a colour of their own."""
    return f'<span class="av c{lane.vet.pk % 5 + 1}" aria-hidden="true">{escape(lane.vet.initials)}</span>'


def _waiting(tile: Tile, shown: Board, cells: Cells, vets: dict[int, str]) -> str:
    owner = f"{escape(tile.owner)} · " if tile.owner else ""
    return (
        f'<li class="qc st-{tile.state}"><span class="sp">{cells.pen.picture(tile.species)}</span>'
        f'<b><a href="{cells.pen.to_tile(tile)}">{escape(tile.pet)}</a></b>{_how_long(tile, shown)}'
        f"<p>{owner}{escape(vets[tile.vet_id])}</p></li>"
    )


def _how_long(tile: Tile, shown: Board) -> str:
    """Minutes of waiting, what is to pay, or since when the animal is with the vet."""
    if tile.state == "wait":
        minutes = shown.waiting_minutes(tile)
        late = " late" if minutes > LATE_AFTER_MINUTES else ""
        return f'<span class="t{late}">{escape(_("%(n)s min") % {"n": minutes})}</span>'
    if tile.state == TO_PAY:
        return f'<span class="t">{escape(money(tile.to_pay))}</span>'
    since = tile.since and _("since %(time)s") % {"time": f"{tile.since.astimezone(shown.now.tzinfo):%H:%M}"}
    return f'<span class="t">{escape(since or "")}</span>'
