"""What every page's frame needs."""

import datetime as dt

from django.conf import settings

from vetclinic.replication import state, watch


def page(request) -> dict:
    return {"clinic_name": settings.CLINIC_NAME} | _as_of()


def _as_of() -> dict:
    """Of a page that read a standby: up to when that has all (None: nobody knows), and if it is for reading only."""
    reads = state.current.get()
    if reads is None or not reads.standby or (reads.refused and not reads.reading_only):
        return {}
    as_of = watch.watch(reads.standby).verdict.as_of
    known = {"data_as_of": dt.datetime.fromtimestamp(as_of, dt.UTC) if as_of else None}
    return known | {"reading_only": True} if reads.reading_only else known
