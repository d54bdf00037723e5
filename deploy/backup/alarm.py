"""Tells the admins by mail that a job failed; systemd calls it (OnFailure=) with the name of the unit.

python3 -m deploy.backup.alarm vetclinic-base.service
"""

import json
import os
import sys
import time

import django
from django.core.mail import mail_admins

from deploy.backup.journal import Result, now, record
from deploy.backup.settings import Settings, read_settings

KILLED = "It ended before it could say why: killed, or its disk is full."
AGAIN_S = 6 * 3600  # a job that runs every five minutes must not fill a mailbox


def tell(unit: str, settings: Settings) -> bool:
    """Send the letter, unless the same trouble was told within the last hours; whether it was sent."""
    kind = unit.removeprefix("vetclinic-").partition(".")[0]
    folder = settings.folder
    told = folder / f"told-{kind}"
    if told.exists() and time.time() - told.stat().st_mtime < AGAIN_S:
        return False
    status = folder / "status.json"
    last = json.loads(status.read_text()).get(kind, {}) if status.exists() else {}
    why = last.get("detail")
    if last.get("state") != "failed":
        why = KILLED
        record(settings, kind, now(), "failed", Result(detail=KILLED))
    mail_admins(
        f"{unit} failed",
        f"{why}\n\nIts own words:  journalctl -u {unit} -n 50\nWhat to do: docs/operations.md, Backups.\n",
    )
    told.touch()
    return True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetclinic.settings")
    django.setup()
    print("told" if tell(sys.argv[1], read_settings()) else "told already")
