"""The settings of a clinic in production: complete, or the program does not start."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(*words: str, **variables: str) -> subprocess.CompletedProcess:
    """manage.py in a process of its own, with good production settings but for `variables`."""
    good = {
        "DEBUG": "false",
        "HTTPS": "true",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "clinic.example",
        "SECOND_FACTOR_FOR": "manager,admin",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | good | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_without_a_secret_key_does_not_start():
    done = manage("check", SECRET_KEY="")

    assert done.returncode != 0
    assert "Set SECRET_KEY to at least 50 random characters" in done.stderr


def test_production_for_every_host_does_not_start():
    done = manage("check", ALLOWED_HOSTS="*")

    assert done.returncode != 0
    assert "ALLOWED_HOSTS must name the clinic's hosts" in done.stderr


def test_production_settings_pass_the_deployment_check():
    done = manage("check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr


def test_deployment_check_warns_where_managers_or_admins_need_no_telephone():
    done = manage("check", "--deploy", "--fail-level", "WARNING", SECOND_FACTOR_FOR="manager")

    assert done.returncode != 0
    assert "(access.W001) A password alone opens the door for: admin." in done.stderr
