"""What backups have said, as a reader gets it."""

from django.utils import translation

from vetclinic.monitoring.words import in_words

FULL = {
    "text": "Only %(free)s MB are free in %(folder)s; %(needed)s are needed.",
    "facts": {"free": 1700, "folder": "/var", "needed": 2048},
}


def test_sentence_has_its_figures_in_the_readers_language():
    with translation.override("ru"):
        words = in_words([FULL, {"text": "The bucket was not listed.", "facts": {}}])

    assert words == "На диске с папкой /var свободно 1\xa0700 МБ, нужно 2\xa0048. Список бакета не получен."


def test_moment_is_written_as_the_reader_writes_moments():
    said = {"text": "The last transaction is of %(moment_at)s.", "facts": {"moment_at": "2026-11-22 11:05:00+00:00"}}

    with translation.override("ru"):
        assert in_words([said]) == "Последняя транзакция — 22.11.2026 14:05."


def test_words_of_another_program_are_shown_as_they_are():
    assert in_words([{"text": "100% of the disk", "facts": {}}, {"text": "", "facts": {}}]) == "100% of the disk "


def test_sentence_whose_figures_are_missing_is_shown_without_them():
    assert in_words([{"text": "%(free)s MB", "facts": {"folder": "/var"}}]) == "%(free)s MB"
