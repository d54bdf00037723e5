"""What waits with money, in four numbers for the page of invoices."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from billing import unbilled
from billing.models import Invoice

RECENT = 7  # days: further back the page of what is not billed looks


@dataclass(frozen=True)
class Today:
    unpaid: int
    overdue: int
    drafts: int
    visits: int  # of the last RECENT days, without a bill

    @property
    def waiting(self) -> int:
        """What somebody at the reception has to do."""
        return self.drafts + self.visits


def money_today() -> Today:
    """Three queries, none of which looks at what is paid."""
    today = timezone.localdate()
    owed = Invoice.objects.unpaid().aggregate(all=Count("pk"), overdue=Count("pk", filter=Q(due_date__lt=today)))
    since = timezone.now() - dt.timedelta(days=RECENT)
    visits = unbilled.visits_not_billed().filter(date__gte=since)
    return Today(owed["all"], owed["overdue"], unbilled.drafts().count(), visits.count())
