"""The locustfile: one person after another opens every page, in rounds, so that a noisy minute hits all alike.

Reads the plan that deploy.bench wrote (VETCLINIC_BENCH names its folder) and leaves the times of every request there.
"""

import datetime as dt
import itertools
import json
import os
import re
import time
import urllib.parse
import uuid
from collections import defaultdict
from pathlib import Path

import gevent
import psycopg
from locust import FastHttpUser, task
from locust.exception import StopUser

from deploy.bench.cookies import TOKEN, as_header, cookies_of

FOLDER = Path(os.environ["VETCLINIC_BENCH"])
SLOT = re.compile(r'name="slot" value="([^"]+)"')
WARM_UP_ROUNDS = 2


class WrongAnswer(Exception):  # noqa: N818 (it says what is wrong)
    """A page answered something else than it should: its times would mean nothing."""


class Person(FastHttpUser):
    """Signs in as each role in turn; a session is a cookie, kept for its role."""

    def on_start(self) -> None:
        self.plan = json.loads((FOLDER / "plan.json").read_text())
        self.cookies: dict[str, str] = {}
        self.animals = itertools.cycle(self.plan["animals"])
        self.days = itertools.cycle(range(1, 300))  # ahead of today
        self.primary = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        standby = os.environ["DATABASE_REPLICA_URL"]
        self.standby = psycopg.connect(standby, autocommit=True) if standby else None

    @task
    def measure(self) -> None:
        try:
            for role in sorted({page["role"] for page in self.plan["pages"]}):
                self.sign_in(role)
            result = self.rounds()
        except WrongAnswer as error:
            result = {"error": str(error)}
        (FOLDER / "result.json").write_text(json.dumps(result))
        self.environment.runner.quit()
        raise StopUser

    def rounds(self) -> dict:
        """For each page the seconds of every request, and the statements of the last one."""
        times, counts = defaultdict(list), {}
        for number in range(WARM_UP_ROUNDS + self.plan["rounds"]):
            for page in self.plan["pages"]:
                for _request in range(self.plan["requests"]):
                    seconds, counts[page["name"]] = self.book(page) if page["books"] else self.open(page)
                    if number >= WARM_UP_ROUNDS:
                        times[page["name"]].append(seconds)
        return {"times": times, "counts": counts}

    def sign_in(self, role: str) -> None:
        form = self.request("GET", "/login/", "")
        cookies = cookies_of(form)
        typed = {
            "username": role,
            "password": self.plan["password"],
            "csrfmiddlewaretoken": TOKEN.search(form.text)[1],
        }
        answer = self.request("POST", "/login/", as_header(cookies), typed, expected=(302,))
        self.cookies[role] = as_header(cookies | cookies_of(answer))

    def open(self, page: dict) -> tuple[float, int]:
        """A `known` page is asked for as a browser does that has it already: only the second look is measured."""
        cookies, expected, known = self.cookies[page["role"]], (200,), {}
        if page["changes"]:
            self.change(page["changes"])
        if page["known"]:
            known, expected = {"If-None-Match": self.request("GET", page["path"], cookies).headers["ETag"]}, (304,)
        start = time.perf_counter()
        answer = self.request("GET", page["path"], cookies, expected=expected, headers=known)
        return time.perf_counter() - start, int(answer.headers["SQL-Count"])

    def change(self, statement: str) -> None:
        """Write on the primary, and wait until a standby has it too: the page after that is of the new state."""
        self.primary.execute(statement)
        if not self.standby:
            return
        written = self.primary.execute("SELECT pg_current_wal_lsn()").fetchone()
        while not self.standby.execute("SELECT pg_last_wal_replay_lsn() >= %s", written).fetchone()[0]:
            gevent.sleep(0.001)

    def book(self, page: dict) -> tuple[float, int]:
        """The form is fetched for its free times, and then sent: only the sending is measured."""
        cookies = self.cookies[page["role"]]
        for _attempt in range(5):  # an animal may have a visit of its own at that time
            typed = self.fill_in(page["path"], next(self.animals), cookies)
            start = time.perf_counter()
            answer = self.request("POST", page["path"], cookies, typed, expected=(302, 409))
            seconds = time.perf_counter() - start
            if answer.status_code == 302:
                return seconds, int(answer.headers["SQL-Count"])
        raise WrongAnswer("Five bookings in a row were refused as taken.")

    def fill_in(self, path: str, animal: int, cookies: str) -> dict:
        """The booking form for an animal, with a free time of the next day that has one."""
        for ahead in self.days:
            day = dt.date.today() + dt.timedelta(days=ahead)  # noqa: DTZ011 (any coming day does)
            form = self.request("GET", f"{path}?pet={animal}&day={day}&reason=check_up", cookies).text
            slots = SLOT.findall(form)
            if slots:
                break
        return {
            "csrfmiddlewaretoken": TOKEN.search(form)[1],
            "request_key": str(uuid.uuid4()),
            "intent": "book",
            "pet": animal,
            "reason": "check_up",
            "day": str(day),
            "slot": slots[-1],
        }

    def request(
        self,
        method: str,
        path: str,
        cookies: str,
        form: dict | None = None,
        *,
        expected=(200,),
        headers: dict | None = None,
    ):
        self.client.cookiejar.clear()
        headers = {"Cookie": cookies, "Accept-Language": "ru"} | (headers or {})
        data = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            data = urllib.parse.urlencode(form)
        answer = self.client.request(method, path, headers=headers, data=data, allow_redirects=False)
        if answer.status_code not in expected:
            raise WrongAnswer(f"{method} {path} answered {answer.status_code} instead of {expected[0]}.")
        return answer
