"""The command of the drills: a line each, and an end that a machine can read."""

import importlib

import pytest

from deploy.drills import DRILLS, CannotRun, find
from deploy.drills.__main__ import main


def passes() -> str:
    return "3 pages"


def fails() -> str:
    raise AssertionError("two rows\nare gone")


def cannot() -> str:
    raise CannotRun("no root")


@pytest.fixture(autouse=True)
def drills(monkeypatch):
    for name in list(DRILLS):
        monkeypatch.delitem(DRILLS, name)
    for name, function in (("good", "passes"), ("bad one", "fails"), ("elsewhere", "cannot")):
        monkeypatch.setitem(DRILLS, name, f"{__name__}:{function}")
    monkeypatch.delenv("CI", raising=False)


def test_each_drill_prints_one_line_and_a_failed_one_ends_with_1(capsys):
    code = main([])

    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        "drill good: ok 3 pages",
        "drill bad one: FAILED two rows are gone",
        "drill elsewhere: cannot run no root",
    ]


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_drill_that_cannot_run_here_fails_only_in_ci(monkeypatch, ci, code):
    monkeypatch.setenv("CI", ci)

    assert main(["good", "elsewhere"]) == code


def test_unknown_name_says_which_there_are(capsys):
    code = main(["good", "nonsense"])

    assert code == 2
    assert capsys.readouterr().err == "No such drill: nonsense. There are: good, bad one, elsewhere\n"


def test_every_listed_drill_exists(monkeypatch):
    monkeypatch.undo()

    assert all(callable(find(name)) for name in importlib.import_module("deploy.drills").DRILLS)
