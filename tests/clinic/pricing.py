"""What tests of prices are told in: days from today, rows of the price list, a treatment of today."""

import datetime as dt
from decimal import Decimal
from functools import partial

from django.utils import timezone

from clinic.models import Service
from clinic.price_plans import plan_bulk
from clinic.pricing import change_prices
from records.actions import add_treatment, start_visit
from tests.factories import AppointmentFactory, UserFactory


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def rows(**of) -> list[dict]:
    """All columns of the price list, in the order of their making."""
    return list(Service.objects.filter(**of).order_by("id").values())


def curve(code: str) -> list[tuple]:
    """(cost, from, until) of a service, in order."""
    prices = Service.objects.filter(code=code).order_by("valid_from")
    return list(prices.values_list("cost", "valid_from", "valid_to"))


def bulk(since: dt.date, **rule) -> partial:
    """The planner of +7 %, to the kopeck, of all services; `rule` says what is otherwise."""
    plain = {"categories": [], "by": Decimal(7), "measure": "percent", "step": Decimal("0.01"), "rounding": "nearest"}
    return partial(plan_bulk, since=since, **plain | rule)


def apply(planner, *, by=None, **more):
    """The change that a person makes who has seen what the plan is now."""
    by = by or UserFactory(role="admin")
    return change_prices(planner=planner, shown=planner().digest, reason="Dearer supplies", by=by, **more)


def treat_with(service: Service):
    """A treatment of today, in a visit that is going on."""
    visit = AppointmentFactory()
    start_visit(appointment=visit, by=visit.vet.user)
    return add_treatment(appointment=visit, service=service, by=visit.vet.user)
