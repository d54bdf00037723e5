"""A branch's forms are sent on to a web server beside the primary: a real gunicorn, on the suite's servers."""

import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from clinic.models import PetOwner
from deploy.postgres.pair import free_port
from tests.factories import OwnerFactory, UserFactory
from tests.servers import PAIR, ROOT
from vetclinic.replication.forward import MARK

pytestmark = [
    pytest.mark.pair,
    pytest.mark.django_db(transaction=True, serialized_rollback=True, databases=["default", "replica"]),
]


@pytest.fixture(scope="module")
def centre(tmp_path_factory, django_db_setup):
    """The address of a web server that shares the tests' database and secret, but not their cache."""
    folder, port = tmp_path_factory.mktemp("centre"), free_port()
    environment = os.environ | PAIR.environment(connection.settings_dict["NAME"]) | {
        "WEB_BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1", "WEB_THREADS": "4", "CACHE_DIR": str(folder / "cache"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "counts"), "DEBUG": "true",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "vetclinic.wsgi"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    until = time.monotonic() + 60
    while not _listens(port):
        assert server.poll() is None and time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def owner():
    return OwnerFactory(last_name="Before")


def branch(settings, url: str) -> Client:
    """Somebody signed in at a branch that sends its forms to `url`."""
    settings.WRITES_URL = url
    client = Client(headers={"host": "localhost"})
    client.force_login(UserFactory(role="reception"))
    return client


def rename(client: Client, owner: PetOwner, name: str, **headers):
    form = {"first_name": owner.first_name, "last_name": name, "phone": owner.phone}
    token = "t" * 32
    client.cookies["csrftoken"] = token
    headers |= {"host": "localhost", "x-csrftoken": token}
    return client.post(f"/owners/{owner.pk}/edit/", form, headers=headers)


def test_form_is_saved_by_the_other_web_server_and_its_answer_passed_on(settings, centre, owner):
    client = branch(settings, centre)

    response = rename(client, owner, "Далёкий")

    owner.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (302, f"/owners/{owner.pk}/")
    assert owner.last_name == "Далёкий"
    assert any(name.startswith("written") for name in response.cookies)
    assert "Далёкий" in client.get(f"/owners/{owner.pk}/", headers={"host": "localhost"}).text


def test_rejected_form_comes_back_with_what_was_typed(settings, centre, owner):
    response = rename(branch(settings, centre), owner, "x" * 300)

    assert response.status_code == 422
    assert "x" * 300 in response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_reading_page_is_made_here(settings, owner, catch_up):
    client = branch(settings, "http://127.0.0.1:1")
    catch_up()

    response = client.get(f"/owners/{owner.pk}/", headers={"host": "localhost"})

    assert response.status_code == 200


def test_form_is_saved_from_here_when_nothing_answers_there(settings, owner):
    response = rename(branch(settings, f"http://127.0.0.1:{free_port()}"), owner, "Near")

    owner.refresh_from_db()
    assert (response.status_code, owner.last_name) == (302, "Near")


def test_form_is_kept_when_the_other_side_hangs_up(settings, owner):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = branch(settings, f"http://127.0.0.1:{server.getsockname()[1]}")
        caller = threading.Thread(target=lambda: server.accept()[0].close())
        caller.start()
        response = rename(client, owner, "Far")
        caller.join()

    owner.refresh_from_db()
    assert (response.status_code, owner.last_name) == (503, "Before")
    assert 'name="last_name" value="Far"' in response.text


@pytest.fixture
def proxy():
    """The address of a proxy whose web server is away."""

    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(502)

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_form_is_kept_when_a_proxy_says_that_nobody_is_there(settings, owner, proxy):
    response = rename(branch(settings, proxy), owner, "Kept")

    owner.refresh_from_db()
    assert (response.status_code, owner.last_name) == (503, "Before")
    assert 'name="last_name" value="Kept"' in response.text


def test_form_that_is_sent_again_after_a_proxys_answer_is_saved_from_here(settings, owner, proxy):
    client = branch(settings, proxy)
    rename(client, owner, "Kept")

    response = rename(client, owner, "Kept")

    owner.refresh_from_db()
    assert (response.status_code, owner.last_name) == (302, "Kept")


def test_form_that_was_sent_on_is_answered_with_the_mark(settings, owner):
    response = rename(branch(settings, ""), owner, "Marked", **{MARK: "1"})

    assert response.headers[MARK] == "1"


def test_form_that_was_sent_on_is_not_sent_on_again(settings, owner):
    response = rename(branch(settings, "http://127.0.0.1:1"), owner, "Here", **{MARK: "1"})

    assert response.status_code == 302


def test_session_that_was_ended_there_is_not_known_here_any_more(settings, centre):
    client = branch(settings, centre)
    client.get("/account/", headers={"host": "localhost"})
    key = client.session.session_key
    client.cookies["csrftoken"] = "t" * 32

    response = client.post("/logout/", headers={"host": "localhost", "x-csrftoken": "t" * 32})

    stolen = Client(headers={"host": "localhost"})
    stolen.cookies["sessionid"] = key
    assert response.status_code == 302
    assert cache.get(f"django.contrib.sessions.cached_db{key}") is None
    assert stolen.get("/account/").status_code == 302


def test_connection_that_the_other_side_may_have_closed_is_not_used_again(settings, centre, owner, monkeypatch):
    client = branch(settings, centre)
    monkeypatch.setattr("vetclinic.replication.forward.IDLE_S", 0)  # each is too old for the next form
    codes = [rename(client, owner, name).status_code for name in ("One", "Two", "Three")]

    owner.refresh_from_db()
    assert (codes, owner.last_name) == ([302, 302, 302], "Three")
