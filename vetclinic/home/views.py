"""The first page of each role, and the day board."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from clinic.calendars import address_of
from clinic.models import Branch
from vetclinic.access.decorators import allowed
from vetclinic.home.board import LATE_AFTER_MINUTES, day_board
from vetclinic.home.cells import Links, lane_cells, place, state_names


@allowed("see_home")
def home(request: HttpRequest) -> HttpResponse:
    return redirect("board" if request.user.may("see_board") else "admin:index")


@allowed("see_home")
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and as what; a vet finds the address of the own calendar."""
    vet = getattr(request.user, "vet", None) if request.user.may("share_calendar") else None
    return render(request, "home/account.html", {"vet": vet, "calendar": address_of(vet) if vet else ""})


@allowed("see_board")
def board(request: HttpRequest) -> HttpResponse:
    """A branch's day: vets across, time down, and who is in the clinic now."""
    branches = list(Branch.objects.filter(veterinarian__is_active=True).distinct().order_by("id"))
    branch = next((each for each in branches if str(each.pk) == request.GET.get("branch")), None)
    branch = branch or _own_branch(request.user, branches)
    if branch is None:
        return render(request, "home/no_branch.html")
    now = timezone.now()
    today = now.astimezone(branch.zone).date()
    day = _day(request.GET.get("day", ""), today)
    names = state_names()
    state = request.GET.get("state", "") if request.GET.get("state") in names else ""
    shown = day_board(branch=branch, day=day, now=now)
    links = Links(request.user)
    context = {
        "board": shown,
        "branch": branch,
        "branches": branches,
        "today": today,
        "yesterday": day - dt.timedelta(days=1),
        "tomorrow": day + dt.timedelta(days=1),
        "lanes": [_lane(lane, links, state) for lane in shown.lanes],
        "hours": [f"{hour:02}00" for hour in shown.hours],
        "now_at": place(shown.now, shown.now).split()[0],
        "legend": [(key, name, shown.counts[key]) for key, name in names.items()],
        "state": state,
        "queue": _queue(shown, links) if day == today else [],
        "first_free": min((lane.free[0] for lane in shown.lanes if lane.free), default=None),
    }
    return render(request, "home/board.html", context)


def _lane(lane, links: Links, state: str) -> dict:
    """What the template needs of a lane: its cells and the address of the next free time."""
    next_free = lane.free[0][0] if lane.free and links.booking else None
    return {
        "vet": lane.vet,
        "color": lane.vet.pk % 5 + 1,
        "cells": lane_cells(lane, links=links, state=state),
        "next_free": next_free,
        "book": links.to_slot(lane.vet, next_free) if next_free else "",
    }


def _queue(shown, links: Links) -> list[tuple[str, list[dict]]]:
    """Who is in the clinic now: state, and for each visit its tile, link, and minutes of waiting."""
    return [
        (
            state,
            [
                {
                    "tile": tile,
                    "href": links.to_tile(tile),
                    "minutes": shown.waiting_minutes(tile),
                    "late": shown.waiting_minutes(tile) > LATE_AFTER_MINUTES,
                }
                for tile in shown.in_state(state)
            ],
        )
        for state in ("wait", "pay", "in")
    ]


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
