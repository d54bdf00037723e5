"""Tells the admins by mail that a job failed; systemd calls it (OnFailure=) with the name of the unit.

python3 -m deploy.backup.alarm vetclinic-base.service
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from deploy.backup.journal import Result, now, record
from deploy.backup.settings import Settings, read_folder, read_settings
from deploy.backup.words import BackupError, Said, _

KILLED = Said(_("It ended before it could say why: killed, or its disk is full."))
AGAIN_S = 6 * 3600  # a job that runs every five minutes must not fill a mailbox


def tell(unit: str, settings: Settings) -> bool:
    """Why it failed; whether a letter was sent."""
    return tell_once(unit, settings.folder, lambda kind: _why(kind, settings))


def tell_once(unit: str, folder: Path, why: Callable[[str], list[dict]]) -> bool:
    """Send the letter, unless the same trouble was told within the last hours; whether it was sent."""
    kind = unit.removeprefix("vetclinic-").partition(".")[0]
    told = folder / f"told-{kind}"
    if told.exists() and time.time() - told.stat().st_mtime < AGAIN_S:
        return False
    send(unit, kind, why(kind))
    if folder.exists():  # where it cannot be made nothing else is told either
        told.touch()
    return True


def _why(kind: str, settings: Settings) -> list[dict]:
    status = settings.folder / "status.json"
    last = json.loads(status.read_text()).get(kind, {}) if status.exists() else {}
    if last.get("state") == "failed":
        return last["said"]
    killed = Result(said=[KILLED])
    record(settings, kind, now(), "failed", killed)
    return [vars(one) for one in killed.said]


def send(unit: str, kind: str, said: list[dict]) -> None:
    """In the clinic's language."""
    from django.conf import settings
    from django.core.mail import mail_admins
    from django.utils import translation

    from vetclinic.monitoring.models import BackupRun
    from vetclinic.monitoring.words import in_words

    with translation.override(settings.LANGUAGE_CODE):
        job = dict(BackupRun.Kind.choices).get(kind, kind)
        subject = translation.gettext("Failed: %(job)s") % {"job": job}
        body = translation.gettext(
            "%(words)s\n\n"
            "Its own words:  journalctl -u %(unit)s -n 50\n"
            "What to do: docs/operations.md, “When it is red”.\n"
        )
        if not settings.ADMINS:
            raise BackupError(_("ADMIN_EMAILS is empty: nobody is told."))
        mail_admins(subject, body % {"words": in_words(said), "unit": unit})


def main(unit: str) -> bool:
    try:
        settings = read_settings()
    except BackupError as error:  # then no job came to its first line
        said = [vars(one) for one in error.said]
        return tell_once(unit, read_folder(), lambda _kind: said)
    return tell(unit, settings)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetclinic.settings")
    django.setup()
    try:
        print("told" if main(sys.argv[1]) else "told already")
    except (BackupError, OSError) as problem:  # systemd tries again
        sys.exit(f"Nobody was told: {problem}")
