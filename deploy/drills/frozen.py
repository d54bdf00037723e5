"""The primary keeps its sockets and answers nothing any more: its machine hangs, or its packets are lost on the way."""

import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import kill

import requests

from deploy.drills.black_hole import far_away
from deploy.drills.people import READING, check, seconds_until_saved, settle
from deploy.drills.site import THREADS, WORKERS, Person, Site, served_site, site

FORMS = 24  # more than there are threads to wait in
WAITED_S = 12  # at most, of a form that is sent when nobody knows yet
READ_S = 8  # the same of a reading page, behind those forms
LATER_S = 1.0  # once it is known


def primary_frozen() -> str:
    """Every process of it is stopped; then, where that can be made, its packets are lost."""
    served = served_site()
    frozen = _cut_off(served, lambda cut: _freeze(served, signal.SIGSTOP if cut else signal.SIGCONT))
    clinic = site()
    with far_away(clinic.servers.port("primary")) as far:
        if far is None:
            return f"stopped: {frozen}; packets lost: not tried, needs root and ip"
        url = clinic.servers.url("primary").replace(
            f"127.0.0.1:{clinic.servers.port('primary')}", far.forwarder.address
        )
        with clinic.served(DATABASE_URL=url) as there:
            lost = _cut_off(there, far.lose_packets)
    return f"stopped: {frozen}; packets lost: {lost}"


def _freeze(served: Site, how: signal.Signals) -> None:
    for process in served.servers.processes("primary"):
        kill(process, how)


def _cut_off(served: Site, cut: Callable[[bool], None]) -> str:
    person = served.sign_in("reception")
    with ThreadPoolExecutor(FORMS) as crowd:
        _open_connections(served, person, crowd)
        settle(person)
        cut(True)
        try:
            waiting = [crowd.submit(_timed, person.rename, served.owners[number], "Typed") for number in range(FORMS)]
            time.sleep(1)
            read = [_timed(person.get, path) for path in _paths(served)]
            forms = [form.result() for form in waiting]
            time.sleep(1)
            later = [_timed(person.get, path) for path in _paths(served) * 3]
            late_form = _timed(person.rename, served.owners[0], "Typed")
        finally:
            cut(False)
    for answers, most in ((forms, WAITED_S), ([late_form], LATER_S)):
        _expect(answers, 503, most)
        check(all('value="Typed"' in answer.text for answer, _s in answers), "what was typed is lost")
    _expect(read, 200, READ_S)
    _expect(later, 200, LATER_S)
    check(all(re.search(r"Reading only, data as of", answer.text) for answer, _s in later), "no banner")
    back_s = seconds_until_saved(person, served.owners[0], "Typed")
    return (
        f"{FORMS} forms kept what was typed (503), slowest {_slowest(forms):.1f} s, one more {late_form[1]:.2f} s;"
        f" {len(read)} reading pages meanwhile, slowest {_slowest(read):.1f} s,"
        f" {len(later)} after that {_slowest(later):.2f} s; saved {back_s:.1f} s after its return"
    )


def _open_connections(served: Site, person: Person, crowd: ThreadPoolExecutor) -> None:
    """Every thread of the web server has one to the primary: it is these that hang."""
    answers = crowd.map(lambda n: person.rename(served.owners[n % 40], "Before"), range(8 * WORKERS * THREADS))
    check({answer.status_code for answer in answers} == {302}, "nothing can be saved")


def _paths(served: Site) -> list[str]:
    return [path.format(owner=served.owners[0]["id"], pet=served.pets[0]) for path in READING]


def _timed(ask: Callable[..., requests.Response], *words) -> tuple[requests.Response, float]:
    answer = ask(*words)
    return answer, answer.elapsed.total_seconds()


def _slowest(answers: list[tuple[requests.Response, float]]) -> float:
    return max(seconds for _answer, seconds in answers)


def _expect(answers: list[tuple[requests.Response, float]], status: int, most_s: float) -> None:
    seen = {answer.status_code for answer, _s in answers}
    check(seen == {status}, f"answers {seen}, not {status}: {[answer.url for answer, _s in answers][:3]}")
    check(_slowest(answers) < most_s, f"{answers[0][0].url} took {_slowest(answers):.1f} s, not {most_s} at most")
