"""The locustfile of a rush: many receptionists book at the same time, each booking another time and animal.

Reads rush.json that deploy.bench wrote (VETCLINIC_BENCH names its folder), and leaves there how many were accepted and
in how many seconds.
"""

import json
import os
import time
import urllib.parse
from pathlib import Path

import gevent
from gevent.lock import BoundedSemaphore
from locust import FastHttpUser, task
from locust.exception import StopUser

from deploy.bench.cookies import TOKEN, as_header, cookies_of

FOLDER = Path(os.environ["VETCLINIC_BENCH"])
PLAN = json.loads((FOLDER / "rush.json").read_text())
WAITING = iter(PLAN["forms"])
ONE = BoundedSemaphore()
STATE = {"cookies": "", "token": "", "signed_in": 0, "working": 0, "accepted": 0, "refused": 0, "began": 0.0}


class Receptionist(FastHttpUser):
    """All share one sign-in: what is measured is booking."""

    def on_start(self) -> None:
        with ONE:
            if not STATE["cookies"]:
                sign_in(self.client)
        STATE["signed_in"] += 1
        while STATE["signed_in"] < PLAN["users"]:  # nobody begins before all are there
            gevent.sleep(0.01)
        STATE["began"] = STATE["began"] or time.perf_counter()
        STATE["working"] += 1

    @task
    def book(self) -> None:
        form = next(WAITING, None)
        if form is None:
            self.leave()
        typed = form | {"csrfmiddlewaretoken": STATE["token"], "intent": "book", "reason": "check_up"}
        answer = post(self.client, "/book/", typed, STATE["cookies"])
        STATE["accepted" if answer.status_code == 302 else "refused"] += 1

    def leave(self) -> None:
        """The last one writes down what came of it."""
        STATE["working"] -= 1
        if STATE["working"] == 0:
            seconds = time.perf_counter() - STATE["began"]
            result = {"accepted": STATE["accepted"], "refused": STATE["refused"], "seconds": seconds}
            (FOLDER / "rushed.json").write_text(json.dumps(result))
            self.environment.runner.quit()
        raise StopUser


def sign_in(client) -> None:
    client.cookiejar.clear()
    form = client.get("/login/")
    cookies = cookies_of(form)
    typed = {"username": "reception", "password": PLAN["password"], "csrfmiddlewaretoken": TOKEN.search(form.text)[1]}
    cookies |= cookies_of(post(client, "/login/", typed, as_header(cookies)))
    STATE["token"], STATE["cookies"] = cookies["csrftoken"], as_header(cookies)


def post(client, path: str, form: dict, cookies: str):
    client.cookiejar.clear()
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    return client.post(path, headers=headers, data=urllib.parse.urlencode(form), allow_redirects=False)
