"""Drills of the reading side: every page fresh for who wrote, and none lost, whatever befalls the standby.

Each function returns its figures, and raises AssertionError with what went wrong.
"""

import re
import signal
import time
from collections import Counter
from os import kill

from deploy.drills.black_hole import far_away, forwarder
from deploy.drills.people import (
    READING,
    ROUND_TRIPS,
    USERS,
    Crowd,
    check,
    round_trips,
    seconds_until_saved,
    servers_of,
    settle,
)
from deploy.drills.site import Person, Site, served_site, site

CONNECT_TIMEOUT_S = 3
CLIENTS, CLIENTS_S = 50, 8
SELECTS = """
    SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid
    WHERE rolname = 'vetclinic_site'
        AND query ~* '^\\s*(SELECT|WITH)' AND query NOT LIKE '%json_build_object(%in_recovery%'
"""


def fresh_reads() -> str:
    served = served_site()
    with served.servers.late_replay("5s"):
        others, slowest = round_trips(served)
    return (
        f"{USERS * ROUND_TRIPS} write-then-read round trips by {USERS} people, replay 5 s late: all fresh;"
        f" {others} pages by people who wrote nothing came from the standby; slowest page {slowest:.2f} s"
    )


def two_standbys() -> str:
    clinic, seen = site(), Counter()
    clinic.servers.add_standby()
    with (
        clinic.served(DATABASE_REPLICA_URL=clinic.url("standby", "second")) as served,
        clinic.servers.late_replay("5s"),
    ):
        _others, slowest = round_trips(served, seen, pause_s=0.3)
    check(seen["replica_2"] > 0, f"the standby that has all was never read: {dict(seen)}")
    return (
        f"{USERS * ROUND_TRIPS} round trips by {USERS} people, one standby 5 s behind the other: all fresh;"
        f" read from the late one {seen['replica']}, the other {seen['replica_2']}, the primary {seen['default']};"
        f" slowest page {slowest:.2f} s"
    )


def standby_killed() -> str:
    served = served_site()
    with Crowd(served, CLIENTS) as crowd:
        time.sleep(CLIENTS_S / 2)
        before, crowd.slowest = crowd.slowest, 0.0
        for process in served.servers.processes("standby"):
            kill(process, signal.SIGKILL)
        time.sleep(CLIENTS_S / 2)
    (served.servers.folder / "standby" / "postmaster.pid").unlink(missing_ok=True)
    served.servers.start_server("standby")
    figures = crowd.figures()
    check(crowd.slowest < 2 * CONNECT_TIMEOUT_S, f"{figures}: too slow")
    back_s = _seconds_until_standby_is_read(served)
    return f"kill -9: {figures} ({before:.2f} s before it); read again {back_s:.1f} s after its start"


def _seconds_until_standby_is_read(served: Site) -> float:
    person, begun = served.sign_in("manager"), time.monotonic()
    settle(person)
    return time.monotonic() - begun


def black_hole() -> str:
    clinic = site()
    port = clinic.servers.port("standby")
    silent = forwarder(port)
    with clinic.served(DATABASE_REPLICA_URL=clinic.url(silent.address)) as served:
        mute = _cut_off(served, lambda cut: setattr(silent, "mute", cut))
    with far_away(port) as far:
        if far is None:
            return f"accepts, never answers: {mute}; packets lost: not tried, needs root and ip"
        with clinic.served(DATABASE_REPLICA_URL=clinic.url(far.forwarder.address)) as served:
            lost = _cut_off(served, far.lose_packets)
    return f"accepts, never answers: {mute}; packets lost: {lost}"


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
    served = served_site()
    served.servers.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database="vetclinic")
    served.servers.wait_until_replayed()
    people = [served.sign_in(role) for role in ("reception", "vet", "manager")]
    for person in people:
        settle(person)
    for server in ("primary", "standby"):
        served.servers.sql("SELECT pg_stat_statements_reset()", server, "vetclinic")
    answers = [person.get(path) for person in people for path in _paths(served) * 5]
    check({answer.status_code for answer in answers} == {200}, Counter(each.status_code for each in answers))
    counts = {server: int(served.servers.sql(SELECTS, server, "vetclinic")) for server in ("primary", "standby")}
    without = sum("default" not in servers_of(answer) for answer in answers)
    share = counts["standby"] / sum(counts.values())
    figures = f"{share:.1%} of {sum(counts.values())} SELECTs of {len(answers)} pages on the standby"
    check(share >= 0.9, figures)
    return f"{figures}; {without} pages asked the primary nothing"


def _paths(served: Site) -> list[str]:
    return [path.format(owner=served.owners[0]["id"], pet=served.pets[0]) for path in READING]


def primary_away() -> str:
    served = served_site()
    person, owner = served.sign_in("reception"), served.owners[0]
    settle(person)
    served.servers.stop_server("primary", "immediate")
    try:
        begun = time.monotonic()
        figures = _read_without_primary(served, person)
        typed = person.rename(owner, "Typed while away")
        check(typed.status_code == 503 and 'value="Typed while away"' in typed.text, "what was typed is lost")
        away_s = time.monotonic() - begun
    finally:
        served.servers.start_server("primary")
    back_s = seconds_until_saved(person, owner, "Typed while away")
    return (
        f"primary stopped {away_s:.1f} s: {figures};"
        f" a form kept what was typed (503) and was saved {back_s:.1f} s after the primary's start"
    )


def _read_without_primary(served: Site, person: Person) -> str:
    answers = [person.get(path) for path in _paths(served)]
    time.sleep(1)  # by then the standby, too, knows that it is alone
    answers += [person.get(path) for path in _paths(served) * 3]
    check({answer.status_code for answer in answers} == {200}, [(each.url, each.status_code) for each in answers])
    shown = [re.search(r"Reading only, data as of \d\d:\d\d", answer.text) for answer in answers[len(_paths(served)) :]]
    check(all(shown), "a page says nothing of the primary that is away")
    slowest = max(answer.elapsed.total_seconds() for answer in answers)
    return f"{len(answers)} reading pages all 200, slowest {slowest:.2f} s"
