"""Pages visited one by one, and what each cost: round trips to the primary, and time."""

import datetime as dt
import re
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from deploy.drills.distance import Host
from deploy.drills.people import READING, check, settle
from deploy.drills.site import Person, Site

SLOT = re.compile(r'name="slot" value="(\d+)(@[^"]+)"')
VISIT = re.compile(r"visit-(\d+)")
ROUNDS = 3


@dataclass
class Cost:
    """Of pages of one kind: round trips to the primary and milliseconds of each."""

    name: str
    trips: list[int] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)
    slowest: str = ""  # the page with most round trips

    @property
    def most(self) -> int:
        return max(self.trips)

    def take(self, trips: int, took_s: float, what: str) -> None:
        if not self.trips or trips > self.most:
            self.slowest = what
        self.trips.append(trips)
        self.times_ms.append(1000 * took_s)

    def as_text(self) -> str:
        return (
            f"{self.most} round trips at most, {statistics.median(self.times_ms):.0f} ms (median of {len(self.trips)})"
        )


class Visits:
    """Somebody of a branch, seated there. `trips` says how many round trips to the primary each port of the branch has
    made, and `probes` which ports wait for nobody's page; `first` is the first row of the samples to write about.
    """

    def __init__(
        self, site: Site, host: Host, trips: Callable[[], Counter[int]], probes: Callable[[], set[int]], *, first: int
    ):
        self.site, self.host, self.trips, self.probes, self.first = site, host, trips, probes, first
        self.person: Person = host.run(site.sign_in, "reception")
        host.run(settle, self.person)

    def read(self) -> Cost:
        """Reading pages of somebody who has written nothing lately."""
        cost, paths = (
            Cost("read"),
            [path.format(owner=self.site.owners[0]["id"], pet=self.site.pets[0]) for path in READING],
        )
        for path in paths * ROUNDS:
            self._measure(cost, path, lambda path=path: self.person.get(path), 200)
        return cost

    def write(self) -> list[Cost]:
        edit, book, step = Cost("change an owner"), Cost("book a visit"), Cost("confirm one")
        for number in range(self.first, self.first + ROUNDS):
            owner = self.site.owners[number]
            self._measure(edit, "edit", lambda: self.person.rename(owner, f"Далёкий{number}"), 302)  # noqa: B023
            visit = self._book(book, number)
            self._measure(step, "confirm", lambda: self.person.post(f"/appointments/{visit}/confirm/", {}), 302)  # noqa: B023
        return [edit, book, step]

    def _book(self, cost: Cost, number: int) -> str:
        pet = self.site.pets[number]
        day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)  # of today nothing may be left
        form = self.host.run(self.person.get, f"/book/?pet={pet}&day={day}")
        slot = SLOT.search(form.text)
        check(slot, "no free time to book")
        typed = {
            "slot": slot[1] + slot[2].replace("&#x2B;", "+"),
            "day": slot[2][1:11],
            "reason": "check_up",
            "pet": pet,
        }
        typed["request_key"] = str(uuid.uuid4())
        answer = self._measure(cost, "book", lambda: self.person.post("/book/", typed), 302)
        return VISIT.search(answer.headers["Location"])[1]

    def _measure(self, cost: Cost, what: str, ask: Callable[[], requests.Response], status: int) -> requests.Response:
        before, begun = self.trips(), time.monotonic()
        answer = self.host.run(ask)
        took_s, made = time.monotonic() - begun, self.trips() - before
        cost.take(sum(made[port] for port in made.keys() - self.probes()), took_s, what)
        check(answer.status_code == status, f"{what} answered {answer.status_code}: {answer.text[-300:]}")
        return answer
