"""Three branches as three hosts with a distance between them: what do pages pay?

The centre has the primary (and a standby beside it), the north follows the primary, the south follows the north. Each
has its own gunicorn with the environment of a branch. Who visits a page is in the branch, too.
"""

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from deploy.drills.distance import Distance, Host, check_possible
from deploy.drills.pages import ROUNDS, Visits
from deploy.drills.people import check
from deploy.drills.site import ROOT, Clinic, Servers
from deploy.postgres.admit import admit
from deploy.postgres.follow import follow
from deploy.postgres.pair import free_port
from deploy.postgres.programs import run, runs

ONE_WAY_S, LOSS = 0.025, 0.01
STREAM, APP = "10.77.0.1", "10.77.0.10"  # the centre: standbys follow one address, web servers use the other
NORTH, SOUTH = "10.77.0.2", "10.77.0.3"
WRITES_URL = f"http://{APP}:8000"
MOST_TO_WRITE = 3


@dataclass
class Place:
    """A branch, or the centre: its host, and where its standby (the centre: the primary) listens."""

    name: str
    host: Host
    clinic: Clinic
    port: int

    @property
    def address(self) -> str:
        return self.host.addresses[0]

    def superuser(self) -> str:
        """How `admit` reaches the server here."""
        return re.sub(r"port=\d+", f"port={self.port}", self.clinic.servers._admin_dsn("primary", "postgres"))

    def environment(self) -> dict[str, str]:
        """What makes a web server that of this branch."""
        own = self.clinic.servers.url("primary")
        root = self.clinic.servers.folder / f"{self.name}.primary.crt"
        far = own.replace("127.0.0.1", APP) + f"?sslmode=verify-ca&sslrootcert={root}"
        near = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{self.port}", own)
        return {"DATABASE_URL": far, "DATABASE_REPLICA_URL": near, "WRITES_URL": WRITES_URL}


def branches() -> str:
    check_possible()
    with contextlib.ExitStack() as stack:
        hosts = _hosts(stack)
        distance = Distance(list(hosts.values()), one_way_s=ONE_WAY_S, loss=LOSS, counted=APP)
        distance.start()
        stack.callback(distance.stop)
        centre = stack.enter_context(_centre(hosts["centre"]))
        north = stack.enter_context(_branch("north", hosts["north"], centre, [centre]))
        south = stack.enter_context(_branch("south", hosts["south"], centre, [centre, north]))
        stack.enter_context(_web_server(centre))
        direct = _visit(north, centre, distance, 0, WRITES_URL="")
        figures = [_visit(place, centre, distance, first) for place, first in ((north, ROUNDS), (south, 2 * ROUNDS))]
        check(max(most for _text, most in figures) <= MOST_TO_WRITE, [text for text, _most in figures])
    lost = 100 * distance.dropped / distance.carried
    texts = [*(text for text, _most in figures), f"without WRITES_URL {direct[0]}"]
    return f"{2000 * ONE_WAY_S:.0f} ms there and back, {lost:.1f} % of packets lost; " + "; ".join(texts)


def _hosts(stack: contextlib.ExitStack) -> dict[str, Host]:
    hosts = {}
    for name, addresses in (("centre", [STREAM, APP]), ("north", [NORTH]), ("south", [SOUTH])):
        hosts[name] = Host(name, addresses)
        stack.callback(hosts[name].remove)
    return hosts


@contextlib.contextmanager
def _centre(host: Host) -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="vetclinic-branches-"))
    folder.chmod(0o711)  # the servers run as another user
    servers = Servers(folder / "postgres", settings={"listen_addresses": f"'127.0.0.1,{STREAM},{APP}'"})
    try:
        host.run(servers.start)
        clinic = Clinic(folder, servers)
        host.run(clinic.fill)
        yield Place("centre", host, clinic, servers.port("primary"))
    finally:
        host.run(servers.destroy)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _branch(name: str, host: Host, centre: Place, upstreams: list[Place]) -> Iterator[Place]:
    """By the commands that a clinic uses: `admit` on the primary and on the standby to follow, if it is one."""
    folder = centre.clinic.servers.folder
    bundle, data = folder / f"{name}.json", folder / name
    for upstream in upstreams:
        upstream.host.run(
            admit, name, network="10.77.0.0/24", address=upstream.address, bundle=bundle,
            connect=upstream.superuser(), app_role="vetclinic_site", database="vetclinic",
        )  # fmt: skip
    place = Place(name, host, centre.clinic, host.run(free_port))
    try:
        listen = f"127.0.0.1,{place.address}"
        host.run(follow, json.loads(bundle.read_text()), data=data, port=place.port, listen=listen)
        yield place
    finally:
        if runs(data):
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


@contextlib.contextmanager
def _web_server(centre: Place) -> Iterator[None]:
    """Beside the primary, with the primary and its near standby: it takes the branches' forms."""
    clinic, url = centre.clinic, f"{WRITES_URL}/health/live"
    environment = clinic.environment | {"WEB_BIND": f"{APP}:8000", "CACHE_DIR": str(clinic.folder / "centre.cache")}
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py"), "vetclinic.wsgi"]
    gunicorn = centre.host.run(subprocess.Popen, command, cwd=ROOT, env=environment)
    try:
        centre.host.run(_wait_for, url)
        yield
    finally:
        gunicorn.terminate()
        gunicorn.wait(40)


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=10, headers={"Host": "localhost"}).status_code == 200:
                return
        check(time.monotonic() < until, f"{url} does not answer")
        time.sleep(0.1)


def _visit(place: Place, centre: Place, distance: Distance, first: int, **changes: str) -> tuple[str, int]:
    """What pages cost in words, and the most round trips of one that writes."""
    served = place.clinic.served(**place.environment() | changes)
    site = place.host.run(served.__enter__)
    try:
        visits = Visits(
            site, place.host, lambda: distance.trips.of(place.address), lambda: _probes(centre, place), first=first
        )
        reading, writing = visits.read(), visits.write()
    finally:
        place.host.run(served.__exit__, None, None, None)
    check(reading.most == 0, f"{place.name}: {reading.slowest} went to the primary {reading.most} times")
    costs = [f"{cost.as_text()} to {cost.name}" for cost in (reading, *writing)]
    return f"{place.name}: {', '.join(costs)}", max(cost.most for cost in writing)


def _probes(centre: Place, place: Place) -> set[int]:
    """The ports from which the branch's web server asks whether the primary is there: no page waits for that."""
    ports = centre.host.run(
        centre.clinic.servers.sql,
        "SELECT client_port FROM pg_stat_activity"
        f" WHERE application_name = 'vetclinic probe' AND client_addr = '{place.address}'",
    )
    return {int(port) for port in ports.split()}
