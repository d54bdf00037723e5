"""How far a long answer is, as another page of the same person reads it."""

import pytest

from vetclinic.ui import progress as module
from vetclinic.ui.progress import Progress, State


@pytest.fixture
def progress(request):
    return Progress(request.node.name)


def test_progress_is_seen_from_before_the_first_part_to_the_last(progress):
    parts = progress.counted("ab", total=2)

    seen = [progress.state()]
    for _part in parts:
        seen.append(progress.state())

    assert seen == [State("running", 0, 2), State("running", 0, 2), State("running", 1, 2)]
    assert progress.state() == State("done", 2, 2)


def test_progress_of_a_download_that_was_given_up_is_stopped(progress):
    parts = progress.counted("abc", total=3)
    next(parts)
    next(parts)

    parts.close()

    assert progress.state() == State("stopped", 1, 3)


def test_progress_of_a_worker_that_died_is_stopped_after_a_while(progress, monkeypatch):
    progress.counted("abc", total=3)
    now = module.time.time()

    monkeypatch.setattr(module.time, "time", lambda: now + module.SILENT_S + 1)

    assert progress.state().phase == "stopped"


def test_progress_that_never_began_is_empty(progress):
    assert progress.state() == State()
