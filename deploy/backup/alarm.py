"""Tells the admins by mail that a job failed; systemd calls it (OnFailure=) with the name of the unit.

python3 -m deploy.backup.alarm vetclinic-base.service
"""

import json
import os
import sys
import time

import django

from deploy.backup.journal import Result, now, record
from deploy.backup.settings import Settings, read_settings
from deploy.backup.words import Said, _

KILLED = Said(_("It ended before it could say why: killed, or its disk is full."))
AGAIN_S = 6 * 3600  # a job that runs every five minutes must not fill a mailbox


def tell(unit: str, settings: Settings) -> bool:
    """Send the letter, unless the same trouble was told within the last hours; whether it was sent."""
    kind = unit.removeprefix("vetclinic-").partition(".")[0]
    told = settings.folder / f"told-{kind}"
    if told.exists() and time.time() - told.stat().st_mtime < AGAIN_S:
        return False
    send(unit, kind, _why(kind, settings))
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
        mail_admins(subject, body % {"words": in_words(said), "unit": unit})


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetclinic.settings")
    django.setup()
    print("told" if tell(sys.argv[1], read_settings()) else "told already")
