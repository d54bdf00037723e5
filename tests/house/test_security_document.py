"""The figures of docs/security.md are those of the code."""

import re

from django.conf import settings

from tests.house.test_import_order import ROOT
from vetclinic.access import actions, passwords, slowing
from vetclinic.ui.guard import LONGEST_ADDRESS

TEXT = (ROOT / "docs/security.md").read_text()


def figures(what: str) -> list[float]:
    """The numbers of the second cell in the row of a first cell."""
    row = re.search(rf"^\| {re.escape(what)} \| ([^|]+) \|", TEXT, re.MULTILINE)
    assert row, what
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row[1].replace(",", ""))]


def minutes(limit: slowing.Limit) -> list[float]:
    return [limit.failures, limit.within.total_seconds() / 60]


def test_figures_of_passwords_are_those_of_the_code():
    shortest = next(each["OPTIONS"] for each in settings.AUTH_PASSWORD_VALIDATORS if "OPTIONS" in each)

    assert figures("shortest password") == [shortest["min_length"]]
    assert figures("longest") == [passwords.LONGEST]
    assert figures("wrong ones from one address before none is accepted") == minutes(slowing.FROM_ONE_ADDRESS)
    assert figures("from all addresses") == minutes(slowing.FROM_ANYWHERE)
    assert figures("a first password opens the door for") == [actions.FIRST_PASSWORD_HOLDS.total_seconds() / 3600]
    assert figures("recovery codes") == [actions.RECOVERY_CODES]


def test_figures_of_sessions_are_those_of_the_settings():
    assert figures("without a step") == [settings.SESSION_IDLE_S / 60]
    assert figures("in all") == [settings.SESSION_COOKIE_AGE / 3600]


def test_figures_of_what_is_taken_in_are_those_of_the_code():
    megabytes, fields = figures("a form")

    assert figures("an address line") == [LONGEST_ADDRESS, 414]
    assert megabytes == settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20
    assert fields == settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_logs_that_the_document_names_are_those_of_the_code():
    named = set(re.findall(r"`(vetclinic\.\w+)`", TEXT.partition("## What is written down")[2]))
    code = "\n".join(
        path.read_text() for app in ("vetclinic", "clinic", "records", "billing") for path in (ROOT / app).rglob("*.py")
    )

    assert named == set(re.findall(r'getLogger\("(vetclinic\.\w+)"\)', code))
