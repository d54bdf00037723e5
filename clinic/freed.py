"""What a visit that was moved, made shorter or cancelled leaves free for others."""

import datetime as dt
from typing import NamedTuple

from clinic.models import Appointment, Veterinarian
from clinic.timetable import working_time
from clinic.working_time import Stretch


class Taken(NamedTuple):
    """The time of a vet that a visit takes, noted before the visit changes."""

    vet: Veterinarian
    start: dt.datetime
    end: dt.datetime

    @classmethod
    def by(cls, visit: Appointment) -> "Taken":
        return cls(visit.vet, visit.date, visit.ends_at)

    def free_at(self, now: dt.datetime) -> Stretch | None:
        """The longest part of it that could be booked now: not what the visit still takes, nor what has passed, nor
        what another visit beneath it takes. One query."""
        day = self.start.astimezone(self.vet.zone).date()
        gaps = working_time([self.vet], day, 1).gaps(now).get(self.vet.pk, [])
        parts = [self._part_of(*gap) for gap in gaps]
        start, end = max(parts, key=lambda part: part[1] - part[0], default=(now, now))
        return (start, end) if start < end else None

    def _part_of(self, opens: dt.datetime, closes: dt.datetime) -> Stretch:
        """In UTC: two times on one clock would be compared by their hands."""
        start, opens, end, closes = (each.astimezone(dt.UTC) for each in (self.start, opens, self.end, closes))
        return max(start, opens), min(end, closes)
