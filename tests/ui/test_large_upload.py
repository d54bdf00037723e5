"""A file of 200 MB sent to a clinic that is served as in production: refused while it is read, memory flat."""

import http.client
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import PASSWORD, served

MB = 2**20
SIZE, LARGEST_GROWTH = 200 * MB, 30 * MB
BOUNDARY = "----vetclinic"
SET_UP = f"""
from clinic.models import Pet
from vetclinic.access.models import User
User.objects.create_user("vera", password="{PASSWORD}", role="vet")
Pet.objects.create(name="Tom", species="cat")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("large")


@pytest.fixture(scope="module")
def large_clinic(folder):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("temporary", "media"):
            (folder / name).mkdir()
        patch.setenv("TMPDIR", str(folder / "temporary"))
        patch.setenv("ATTACHMENT_DIR", str(folder / "media"))
        with served("large_upload", folder) as clinic:
            clinic.manage("shell", "-c", SET_UP)
            yield clinic


class Browser:
    """Just enough of one: cookies, and bodies sent piece by piece."""

    def __init__(self, url: str):
        self.host, self.cookies = url.removeprefix("http://"), {}

    def get(self, path: str) -> str:
        return self.send("GET", path, {}, [])[1]

    def post(self, path: str, kind: str, body, length: int) -> tuple[int, str]:
        return self.send("POST", path, {"Content-Type": kind, "Content-Length": str(length)}, body)

    def send(self, method: str, path: str, headers: dict, body) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for name, value in (headers | {"Cookie": cookies, "Accept-Language": "en"}).items():
            connection.putheader(name, value)
        connection.endheaders()
        for piece in body:
            connection.send(piece)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                self.cookies.update([value.partition(";")[0].split("=", 1)])
        return answer.status, answer.read().decode()

    def token(self, path: str) -> str:
        return re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))[1]


@pytest.fixture
def vet(large_clinic):
    browser = Browser(large_clinic.url)
    form = f"csrfmiddlewaretoken={browser.token('/login/')}&username=vera&password={PASSWORD}".encode()
    status, _page = browser.post("/login/", "application/x-www-form-urlencoded", [form], len(form))
    assert status == 302
    return browser


def upload(browser: Browser, size: int) -> tuple[int, str]:
    page = browser.get("/pets/1/files/add/")
    fields = {
        name: re.search(f'name="{name}" value="([^"]+)"', page)[1] for name in ("csrfmiddlewaretoken", "request_key")
    }
    fields |= {"kind": "lab", "note": "typed beside it"}
    head = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    piece = b"\x89PNG" + b"x" * (MB - 4)
    body = [head.encode(), *([piece] * (size // MB)), tail]
    return browser.post("/pets/1/files/add/", f"multipart/form-data; boundary={BOUNDARY}", body, sum(map(len, body)))


def memory_of(url: str) -> int:
    """Bytes of the processes that serve the address."""
    address, total = url.removeprefix("http://"), 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if address.encode() in (process / "cmdline").read_bytes():
                total += int(re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())[1]) * 1024
        except OSError:
            continue
    return total


def files_in(folder: Path) -> list[Path]:
    return [path for name in ("temporary", "media") for path in (folder / name).rglob("*") if path.is_file()]


def test_file_of_200_mb_is_refused_in_words_with_memory_flat(large_clinic, vet, folder):
    upload(vet, MB)  # both have served a page before
    before = memory_of(large_clinic.url)

    status, page = upload(vet, SIZE)

    assert (status, "This file is larger than 20.0\u00a0MB" in page, 'value="typed beside it"' in page) == (
        422,
        True,
        True,
    )
    assert memory_of(large_clinic.url) - before < LARGEST_GROWTH
    assert files_in(folder) == []


def test_body_beyond_what_is_read_past_is_refused_unread(vet, folder):
    with pytest.raises(ConnectionError):  # the server has hung up long before the end
        upload(vet, 400 * MB)

    assert files_in(folder) == []
