#!/usr/bin/env python
"""Vetclinic's command line."""

import os
import sys

from django.core.management import execute_from_command_line

CHANGES_TABLES = {"migrate", "seed_demo"}  # seed_demo takes indexes away while it loads

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetclinic.settings")
    if CHANGES_TABLES.intersection(sys.argv[1:2]):
        os.environ["DATABASE_AS_OWNER"] = "true"
    execute_from_command_line(sys.argv)
