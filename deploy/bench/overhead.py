"""What the router costs: one page from a clinic with a standby and from the same clinic with one database, in turns."""

import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy import demo
from deploy.bench.pages import Page
from deploy.drills.people import settle
from deploy.drills.site import Person
from deploy.postgres.pair import free_port

ROUNDS, REQUESTS = 10, 60
PAGES = ("search, four letters", "history of an animal", "owners")
TARGET = 0.03


def show_overhead(folder: Path, chosen: list[Page], password: str) -> None:
    """Processor time of the web server alone: the databases answer the same statements on either side."""
    with _served(folder / "with-standby") as routed, _served(folder / "alone", DATABASE_REPLICA_URL="") as alone:
        people = {side: Person(side.url, "reception", password) for side in (routed, alone)}
        settle(people[routed])
        print(f"\n{'router, CPU of a page':<28}{'alone ms':>10}{'routed':>9}{'more':>13}{'target':>8}")
        for page in chosen:
            if page.name in PAGES:
                print(_line(page, routed, alone, people), flush=True)


class _Side:
    """One web server with one worker."""

    def __init__(self, url: str, gunicorn: subprocess.Popen):
        self.url, self.gunicorn = url, gunicorn

    def cpu_s(self) -> float:
        (worker,) = Path(f"/proc/{self.gunicorn.pid}/task/{self.gunicorn.pid}/children").read_text().split()
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _line(page: Page, routed: _Side, alone: _Side, people: dict[_Side, Person]) -> str:
    taken: dict[_Side, list[float]] = {routed: [], alone: []}
    for number in range(ROUNDS):
        for side in (routed, alone) if number % 2 else (alone, routed):
            before = side.cpu_s()
            for _request in range(REQUESTS):
                people[side].get(page.path)
            taken[side].append((side.cpu_s() - before) / REQUESTS * 1000)
    ratios = [one / other - 1 for one, other in zip(taken[routed], taken[alone], strict=True)]
    more, spread = statistics.median(ratios), statistics.stdev(ratios)
    missed = "  missed" if more > TARGET else ""
    times = [statistics.median(taken[side]) for side in (alone, routed)]
    more_and_spread = f"{more:+.1%} ± {spread:.1%}"
    return f"{page.name:<28}{times[0]:>10.2f}{times[1]:>9.2f}{more_and_spread:>16}{f'≤ {TARGET:.0%}':>8}{missed}"


@contextlib.contextmanager
def _served(folder: Path, **changes: str) -> Iterator[_Side]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", str(demo.ROOT / "deploy" / "gunicorn.conf.py")]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "1", "vetclinic.wsgi"]
    environment = os.environ | {"CACHE_DIR": str(folder)} | changes
    gunicorn = subprocess.Popen(command, cwd=demo.ROOT, env=environment)
    try:
        demo.wait_until_it_answers(gunicorn, port)
        yield _Side(f"http://127.0.0.1:{port}", gunicorn)
    finally:
        demo.stop(None, gunicorn)
