"""The cache in files: it keeps what is set, and does not grow without end."""

from vetclinic import cache


def test_files_that_are_too_many_are_noticed_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LOOKS_AT_ONE_OF", 5)
    files = cache.Files(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 10}})

    for number in range(300):
        files.set(number, "kept")

    assert (files.get(299), len(list(tmp_path.iterdir())) < 150) == ("kept", True)
