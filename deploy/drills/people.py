"""People who use a served clinic all at once: they write and read it back, or ask for reading pages in turn."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from deploy.drills.site import PEOPLE_COUNT, Person, Site

USERS, ROUND_TRIPS = PEOPLE_COUNT, 10
READING = ("/owners/{owner}/", "/pets/{pet}/", "/board/", "/search/?q=ан", "/appointments/", "/owners/", "/prices/")


def check(true: bool, why: object) -> None:
    if not true:
        raise AssertionError(why)


def servers_of(answer) -> set[str]:
    """The aliases that a page asked."""
    return {part.partition("=")[0] for part in answer.headers["SQL-Servers"].split()}


def round_trips(served: Site, seen: Counter | None = None, pause_s: float = 0.0) -> tuple[int, float]:
    """Everybody renames an owner and reads the page, ten times. Counts an onlooker's pages from a standby."""
    people = [served.sign_in(f"drill{number}") for number in range(USERS)]
    onlooker, stop, from_standby = served.sign_in("manager"), threading.Event(), []
    settle(onlooker)

    def look() -> None:
        while not stop.wait(0.2):
            from_standby.append("replica" in str(servers_of(onlooker.get("/owners/"))))

    def write_and_read(number: int) -> float:
        person, owner, slowest = people[number], served.owners[number], 0.0
        for time_number in range(ROUND_TRIPS):
            name = f"Renamed{number}x{time_number}"
            begun = time.monotonic()
            written = person.rename(owner, name)
            check(written.status_code == 302, f"writing answered {written.status_code}")
            time.sleep(pause_s)
            page = person.get(f"/owners/{owner['id']}/")
            slowest = max(slowest, time.monotonic() - begun - pause_s)
            check(name in page.text, f"{person.browser.cookies.keys()}: stale after writing {name}")
            if seen is not None:
                seen.update(servers_of(page))
        return slowest

    thread = threading.Thread(target=look)
    thread.start()
    try:
        with ThreadPoolExecutor(len(people)) as pool:
            slowest = max(pool.map(write_and_read, range(len(people))))
    finally:
        stop.set()
        thread.join()
    check(any(from_standby), "nobody read from a standby: the drill proves nothing")
    return sum(from_standby), slowest


def settle(person: Person) -> None:
    """Until the position of signing in is replayed, and both workers know the standby."""
    until, in_a_row = time.monotonic() + 30, 0
    while in_a_row < 12:
        in_a_row = 0 if "default" in servers_of(person.get("/owners/")) else in_a_row + 1
        check(time.monotonic() < until, "the pages do not come from the standby")
        time.sleep(0.05)


def seconds_until_saved(person: Person, owner: dict, name: str) -> float:
    """Until both workers save a form again: one knows before the other that the primary is back."""
    begun = saved_since = time.monotonic()
    in_a_row = 0
    while in_a_row < 12:
        in_a_row += 1
        if person.rename(owner, name).status_code != 302:
            check(time.monotonic() - begun < 30, "cannot be saved although the primary is back")
            time.sleep(0.1)
            saved_since, in_a_row = time.monotonic(), 0
    check(name in person.get(f"/owners/{owner['id']}/").text, "saved, but not shown")
    return saved_since - begun


@dataclass
class Crowd:
    """People who ask for reading pages, as many at once, until told to stop."""

    served: Site
    count: int
    statuses: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    switched: list[float] = field(default_factory=list)

    def __enter__(self) -> "Crowd":
        self._stop, self._lock = threading.Event(), threading.Lock()
        people = [self.served.sign_in(role) for role in ("reception", "manager")]
        settle(people[0])
        self._threads = [
            threading.Thread(target=self._ask, args=[people[number % 2], number]) for number in range(self.count)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def _ask(self, person: Person, number: int) -> None:
        turn = number
        cookies = "; ".join(f"{name}={value}" for name, value in person.browser.cookies.items())
        while not self._stop.is_set():
            turn += 1
            begun = time.monotonic()
            status = self._status(self._path(turn), cookies)
            with self._lock:
                self.statuses[status] += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
            time.sleep(0.05)

    def _status(self, path: str, cookies: str) -> int | str:
        try:
            return requests.get(self.served.url + path, headers={"Cookie": cookies}, timeout=60).status_code
        except requests.RequestException as error:
            return type(error).__name__

    def _path(self, turn: int) -> str:
        owner, pet = self.served.owners[turn % 40]["id"], self.served.pets[turn % 20]
        return READING[turn % len(READING)].format(owner=owner, pet=pet)

    def __exit__(self, *_error) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def figures(self) -> str:
        check(set(self.statuses) == {200}, f"answers: {dict(self.statuses)}. {self.served.last_fault()}")
        return f"{self.statuses[200]} pages to {self.count} clients, all 200, slowest {self.slowest:.2f} s"
