"""Cookies as the locustfiles keep them: by hand, as one client is several people, or several clients are one."""

import re

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def cookies_of(answer) -> dict[str, str]:
    """The cookies that an answer sets."""
    pairs = (value.partition(";")[0].partition("=") for value in answer.headers.getlist("Set-Cookie"))
    return {name: value for name, _equals, value in pairs}


def as_header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
