"""The board as a page: a branch's day or a vet's week, and the part of it that refreshes itself."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from clinic import rules
from clinic.models import Appointment, Branch, Veterinarian
from clinic.time_forms import any_of
from clinic.waiting import first_slot
from vetclinic.access.decorators import allowed
from vetclinic.audit.kept import Look, look_into_log
from vetclinic.home.board import Board, Lane, day_board, week_board
from vetclinic.home.cells import Cells, state_names
from vetclinic.home.lanes import lane, now_place, queue, vet_link
from vetclinic.home.people import vets_of_clinic, waiting_on
from vetclinic.ui.numbers import id_of

WEEK = "week"
LANES_HERE = mark_safe("<!-- lanes -->")


@dataclass(frozen=True)
class Wish:
    """What the address asks for, within what there is."""

    branch: Branch
    branches: list[Branch]
    vets: list[Veterinarian]  # of the branch
    vet: Veterinarian | None  # alone
    today: dt.date
    day: dt.date
    week: bool
    state: str


@allowed("see_board")
def board(request: HttpRequest) -> HttpResponse:
    """A branch's day, vets across; with view=week a vet's week, days across. To htmx: the live part alone."""
    now = timezone.now()
    look = look_into_log()
    etag = _etag(request, look, now)
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified(headers={"ETag": etag})
    wish = _wish(request, look, now)
    if wish is None:
        return render(request, "home/no_branch.html")
    moving = _moving(request)
    context, lanes = _context(request, wish, look, now, moving)
    template = "home/_live.html" if request.htmx else "home/board.html"
    html = render_to_string(template, context | {"etag": etag, "lanes_here": LANES_HERE}, request)
    # Templates copy their text at every level; the lanes of a full day, half a megabyte, are put in afterwards.
    before, after = html.split(LANES_HERE)
    return HttpResponse([before, *lanes, after], headers={"ETag": etag})


def _etag(request: HttpRequest, look: Look, now: dt.datetime) -> str:
    """Another one when anything in the clinic has changed, and each minute: the waiting get older."""
    parts = [*look.newest, request.get_full_path(), request.user.pk, get_language()]
    parts.append(now.replace(second=0, microsecond=0))
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _wish(request: HttpRequest, look: Look, now: dt.datetime) -> Wish | None:
    """None in a clinic that has no branch with vets yet."""
    everybody = vets_of_clinic(look)
    branches = sorted({vet.branch for vet in everybody if vet.is_active}, key=lambda branch: branch.pk)
    asked = request.GET
    branch = next((each for each in branches if str(each.pk) == asked.get("branch")), None)
    branch = branch or _own_branch(request.user, branches)
    if branch is None:
        return None
    vets, week = [vet for vet in everybody if vet.branch_id == branch.pk], asked.get("view") == WEEK
    vets.sort(key=lambda vet: vet.user_id != request.user.pk)  # the own lane comes first: a phone opens with it
    vet = next((vet for vet in vets if str(vet.pk) == asked.get("vet")), None)
    if week and vet is None:
        vet = next(each for each in vets if each.is_active)
    today = now.astimezone(branch.zone).date()
    day = _day(asked.get("day", ""), today)
    if week:
        day -= dt.timedelta(days=day.weekday())
    state = asked.get("state", "") if asked.get("state") in state_names() else ""
    return Wish(branch, branches, vets, vet, today, day, week, state)


def _context(
    request: HttpRequest, wish: Wish, look: Look, now: dt.datetime, moving: Appointment | None
) -> tuple[dict, list[SafeString]]:
    """What the template shows, and the lanes."""
    if wish.week:
        shown = week_board(vet=wish.vet, monday=wish.day, now=now, moved=moving, look=look)
    else:
        vets = [wish.vet] if wish.vet else wish.vets
        shown = day_board(branch=wish.branch, day=wish.day, now=now, vets=vets, moved=moving, look=look)
    cells = Cells(request.user, state=wish.state, moving=moving)
    step = dt.timedelta(days=7 if wish.week else 1)
    lanes = [
        lane(each, number, cells, shown, link=_other_board(wish, each), week=wish.week)
        for number, each in enumerate(shown.lanes, start=1)
    ]
    context = {
        "wish": wish,
        "board": shown,
        "iso_day": wish.day.isoformat(),
        "vet_links": [] if wish.vet else [vet_link(each) for each in shown.lanes],
        "hours": [f"{hour:02}00" for hour in shown.hours],
        "now_at": now_place(shown),
        "legend": [(key, name, shown.counts[key]) for key, name in state_names().items()],
        "queue": queue(shown, cells) if wish.day == wish.today and not wish.week else [],
        "waiting": _who_could_come(request, wish, shown, look),
        "whom": _whom(wish),
        "book_at": reverse("booking", query={"day": wish.day.isoformat(), "vet": _whom(wish)}),
        "moving": moving,
        "request_key": uuid.uuid4(),
        "before": wish.day - step,
        "after": wish.day + step,
        "last": wish.day + step - dt.timedelta(days=1),
        "day_query": _query(wish, moving, view=""),
        "week_query": _query(wish, moving, view=WEEK),
        "query": _query(wish, moving, view=WEEK if wish.week else ""),
    }
    return context, lanes


def _who_could_come(request: HttpRequest, wish: Wish, shown: Board, look: Look) -> int:
    """How many of those who wait could take a time that is free on this day, whoever freed it."""
    vets = [lane.vet for lane in shown.lanes if rules.can_manage_visits_of(request.user, lane.vet)]
    if wish.week or wish.day < wish.today or not vets:
        return 0
    gaps = {lane.vet.pk: lane.gaps for lane in shown.lanes}
    return sum(first_slot(entry, vets, gaps) is not None for entry in waiting_on(look, wish.day))


def _whom(wish: Wish) -> str:
    """With whom a booking from this board begins: the vet whom it shows, else any one of the branch."""
    if wish.vet:
        return str(wish.vet.pk)
    return any_of(wish.branch) if len(wish.branches) > 1 else ""


def _other_board(wish: Wish, lane: Lane) -> str:
    """The address of a lane's other kind of board: a vet's week, or the branch's day."""
    if wish.week:
        return f"branch={wish.branch.pk}&day={lane.day.isoformat()}"
    return f"branch={wish.branch.pk}&view={WEEK}&vet={lane.vet.pk}&day={lane.day.isoformat()}"


def _query(wish: Wish, moving: Appointment | None, *, view: str) -> str:
    """The address of this board without its day and state, for links that change one thing."""
    query = QueryDict(mutable=True)
    query["branch"] = wish.branch.pk
    if view:
        query["view"] = view
    if wish.vet and (view or not wish.week):
        query["vet"] = wish.vet.pk
    if moving:
        query["move"] = moving.pk
    return query.urlencode()


def _moving(request: HttpRequest) -> Appointment | None:
    """The visit that is being moved on this board, if the address names one that this person may move."""
    number = id_of(request.GET.get("move", ""))
    if number is None or not request.user.may("book"):
        return None
    visit = Appointment.objects.with_people().filter(pk=number).first()
    may = visit is not None and rules.can_move(visit) and rules.can_manage_visits_of(request.user, visit.vet)
    return visit if may else None


def _own_branch(user, branches: list[Branch]) -> Branch | None:
    """A vet begins with the own branch, others with the first."""
    own = getattr(user, "vet", None) if user.may("write_records") else None
    return next((each for each in branches if own and each.pk == own.branch_id), branches[0] if branches else None)


def _day(text: str, today: dt.date) -> dt.date:
    """The day asked for, within ten years; today for anything else."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs((day - today).days) < 3653 else today
