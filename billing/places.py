"""Where money comes or goes, and on which day: that of the clock there, kept beside the moment.

A branch whose clock is put right, or a vet who moves, changes no day that has been counted.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Func
from django.utils import timezone

from clinic.models import Branch
from clinic.models.branch import clock_of


def day_at(branch: Branch | None, now: dt.datetime) -> dt.date:
    return timezone.localdate(now, clock_of(branch))


def is_day_of(day: str, moment: str, *, name: str) -> models.CheckConstraint:
    """The column `day` is the day of `moment` on some clock of the world."""
    is_it = Func(F(day), F(moment), function="is_day_of", output_field=models.BooleanField())
    return models.CheckConstraint(condition=is_it, name=name)


def first_branch() -> Branch | None:
    """Whose till it is when nobody says: no money is in no till, unless the clinic has none."""
    return Branch.objects.order_by("pk").first()


def till_for(invoice) -> Branch | None:
    """Where an invoice is paid when nobody says: where the visit was."""
    return invoice.branch or first_branch()
