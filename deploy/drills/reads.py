"""Drills of the reading side: every page fresh for who wrote, and none lost, whatever befalls the standby.

Each function returns its figures, and raises AssertionError with what went wrong.
"""

import re
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import kill

from deploy.drills.black_hole import far_away, forwarder
from deploy.drills.site import Person, Site, site

CONNECT_TIMEOUT_S = 3
USERS, ROUND_TRIPS = 20, 10
CLIENTS, CLIENTS_S = 50, 8
READING = ("/owners/{owner}/", "/pets/{pet}/", "/board/", "/search/?q=ан", "/appointments/", "/owners/", "/prices/")
SELECTS = """
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
    WHERE rolname = 'vetclinic' AND query ~* '^\\s*(SELECT|WITH)' AND query NOT LIKE '%json_build_object(%in_recovery%'
"""


def check(true: bool, why: object) -> None:
    if not true:
        raise AssertionError(why)


def servers_of(answer) -> set[str]:
    """The aliases that a page asked."""
    return {part.partition("=")[0] for part in answer.headers["SQL-Servers"].split()}


def fresh_reads() -> str:
    with site(people=USERS) as clinic, clinic.served() as served:
        people = [served.sign_in(f"drill{number}") for number in range(USERS)]
        clinic.servers.delay_replay("5s")
        others, slowest = round_trips(served, people)
    return (
        f"{USERS * ROUND_TRIPS} write-then-read round trips by {USERS} people, replay 5 s late: all fresh;"
        f" {others} pages by people who wrote nothing came from the standby; slowest page {slowest:.2f} s"
    )


def two_standbys() -> str:
    with site(people=USERS) as clinic:
        clinic.servers.add_standby()
        with clinic.served(DATABASE_REPLICA_URL=clinic.url("standby", "second")) as served:
            people = [served.sign_in(f"drill{number}") for number in range(USERS)]
            clinic.servers.delay_replay("5s")
            seen: Counter = Counter()
            _others, slowest = round_trips(served, people, seen, pause_s=0.3)
    check(seen["replica_2"] > 0, f"the standby that has all was never read: {dict(seen)}")
    return (
        f"{USERS * ROUND_TRIPS} round trips by {USERS} people, one standby 5 s behind the other: all fresh;"
        f" read from the late one {seen['replica']}, the other {seen['replica_2']}, the primary {seen['default']};"
        f" slowest page {slowest:.2f} s"
    )


def round_trips(
    served: Site, people: list[Person], seen: Counter | None = None, pause_s: float = 0.0
) -> tuple[int, float]:
    """Everybody renames an owner and reads the page, ten times. Counts an onlooker's pages from a standby."""
    onlooker, stop, from_standby = served.sign_in("manager"), threading.Event(), []
    _settle(onlooker)

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


def _settle(person: Person) -> None:
    """Until the position of signing in is replayed, and both workers know the standby."""
    until, in_a_row = time.monotonic() + 30, 0
    while in_a_row < 12:
        in_a_row = 0 if "default" in servers_of(person.get("/owners/")) else in_a_row + 1
        check(time.monotonic() < until, "the pages do not come from the standby")
        time.sleep(0.05)


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
        _settle(people[0])
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
        import requests

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
        check(set(self.statuses) == {200}, f"answers: {dict(self.statuses)}")
        return f"{self.statuses[200]} pages to {self.count} clients, all 200, slowest {self.slowest:.2f} s"


def standby_killed() -> str:
    with site() as clinic, clinic.served() as served:
        with Crowd(served, CLIENTS) as crowd:
            time.sleep(CLIENTS_S / 2)
            before, crowd.slowest = crowd.slowest, 0.0
            for process in clinic.servers.processes("standby"):
                kill(process, signal.SIGKILL)
            time.sleep(CLIENTS_S / 2)
        figures = crowd.figures()
        check(crowd.slowest < 2 * CONNECT_TIMEOUT_S, f"{figures}: too slow")
        (clinic.servers.folder / "standby" / "postmaster.pid").unlink(missing_ok=True)
        clinic.servers.start_server("standby")
        back_s = _seconds_until_standby_is_read(served)
    return f"kill -9: {figures} ({before:.2f} s before it); read again {back_s:.1f} s after its start"


def _seconds_until_standby_is_read(served: Site) -> float:
    person, begun = served.sign_in("manager"), time.monotonic()
    _settle(person)
    return time.monotonic() - begun


def black_hole() -> str:
    with site() as clinic:
        port = clinic.servers._state()["standby"]
        silent = forwarder(port)
        with clinic.served(DATABASE_REPLICA_URL=clinic.url(silent.address)) as served:
            figures = [f"accepts, never answers: {_cut_off(served, lambda cut: setattr(silent, 'mute', cut))}"]
        with far_away(port) as far:
            if far is None:
                return f"{figures[0]}; lost packets: not tried, needs root and ip"
            with clinic.served(DATABASE_REPLICA_URL=clinic.url(far.forwarder.address)) as served:
                figures.append(f"packets lost: {_cut_off(served, far.lose_packets)}")
    return "; ".join(figures)


def _cut_off(served: Site, cut) -> str:
    with Crowd(served, 16) as crowd:
        time.sleep(2)
        crowd.slowest = 0.0
        cut(True)
        time.sleep(CLIENTS_S)
    figures = crowd.figures()
    check(crowd.slowest < 2 * CONNECT_TIMEOUT_S, f"{figures}: too slow")
    cut(False)
    return f"{figures}; read again after {_seconds_until_standby_is_read(served):.1f} s"


def share_of_reads() -> str:
    settings = {"shared_preload_libraries": "'pg_stat_statements'"}
    with site(settings=settings) as clinic, clinic.served() as served:
        clinic.servers.sql("CREATE EXTENSION pg_stat_statements", database="vetclinic")
        clinic.servers.wait_until_replayed()
        people = [served.sign_in(role) for role in ("reception", "vet", "manager")]
        for person in people:
            _settle(person)
        for server in ("primary", "standby"):
            clinic.servers.sql("SELECT pg_stat_statements_reset()", server, "vetclinic")
        answers = [person.get(path) for person in people for path in _paths(served) * 5]
        check({answer.status_code for answer in answers} == {200}, Counter(each.status_code for each in answers))
        counts = {server: int(clinic.servers.sql(SELECTS, server, "vetclinic")) for server in ("primary", "standby")}
        without = sum("default" not in servers_of(answer) for answer in answers)
    share = counts["standby"] / sum(counts.values())
    figures = f"{share:.1%} of {sum(counts.values())} SELECTs of {len(answers)} pages on the standby"
    check(share >= 0.9, figures)
    return f"{figures}; {without} pages asked the primary nothing"


def _paths(served: Site) -> list[str]:
    return [path.format(owner=served.owners[0]["id"], pet=served.pets[0]) for path in READING]


def primary_away() -> str:
    with site() as clinic, clinic.served() as served:
        person, owner = served.sign_in("reception"), served.owners[0]
        _settle(person)
        clinic.servers.stop_server("primary", "immediate")
        begun = time.monotonic()
        answers = [person.get(path) for path in _paths(served) * 4]
        first_s = max(answer.elapsed.total_seconds() for answer in answers)
        check({answer.status_code for answer in answers} == {200}, [(each.url, each.status_code) for each in answers])
        shown = [re.search(r"Reading only, data as of \d\d:\d\d", answer.text) for answer in answers[-7:]]
        check(all(shown), "a page says nothing of the primary that is away")
        typed = person.rename(owner, "Typed while away")
        check(typed.status_code == 503 and 'value="Typed while away"' in typed.text, "what was typed is lost")
        away_s = time.monotonic() - begun
        clinic.servers.start_server("primary")
        begun = time.monotonic()
        while person.rename(owner, "Typed while away").status_code != 302:
            check(time.monotonic() - begun < 20, "cannot be saved although the primary is back")
            time.sleep(0.1)
        back_s = time.monotonic() - begun
        check("Typed while away" in person.get(f"/owners/{owner['id']}/").text, "saved, but not shown")
    return (
        f"primary stopped {away_s:.1f} s: {len(answers)} reading pages all 200, slowest {first_s:.2f} s;"
        f" a form kept what was typed (503) and was saved {back_s:.1f} s after the primary's start"
    )
