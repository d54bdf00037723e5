"""What every page's frame needs."""

import datetime as dt

from django.conf import settings

from vetclinic.replication import state, watch


def page(request) -> dict:
    return {"clinic_name": settings.CLINIC_NAME} | _reading_only()


def _reading_only() -> dict:
    """While the primary is away: from when the standby's data is that the page shows, if anybody knows."""
    reads = state.current.get()
    if reads is None or not reads.reading_only:
        return {}
    as_of = watch.watch(reads.standby).verdict.as_of
    return {"reading_only": True, "data_as_of": dt.datetime.fromtimestamp(as_of, dt.UTC) if as_of else None}
