"""Income of a period by time and by dimension: closed months and days from their sums, what is open from the facts.

Exact at every moment: a day counts as closed only while its sums are those of its facts (billing.closing).
"""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connections, router

from billing.income_closed import closed_sums, closings_of
from billing.income_facts import TABLES, facts_sql
from billing.income_figures import NOTHING, DaySums, Sums
from billing.income_open import branches_of_money, open_sums
from billing.income_wishes import ALL, Only, Wish
from billing.models import Invoice
from billing.periods import Period
from vetclinic.audit.kept import Look, Shelf, whenever

Asked = tuple[tuple[Wish, ...], Only]


def add_up(look: Look, wishes: Sequence[Wish], only: Only = ALL) -> list[Sums]:
    """The sums of each wish, without empty ones; not to be changed, as others get the same.

    One query while no money in the clinic has changed since this process added the same up. Else one for the closings,
    one for their sums and one for the branches, unless this process has them already, and one for each stretch of open
    days: usually today.
    """
    asked = (tuple(wishes), only)
    found = _kept.found(look, [asked])
    if not found:
        found = {asked: _added_up(*asked, look)}
        _kept.keep(look, found)
    return found[asked]


def _added_up(wishes: tuple[Wish, ...], only: Only, look: Look) -> list[Sums]:
    closings = closings_of(look.alias, wishes) if only.has_sums else ()
    kept, still_open = closed_sums(wishes, only.place, look.alias, look.newest[0], closings)
    result = [defaultdict(lambda: NOTHING, sums) for sums in kept]
    dimensions = sorted({wish.by for wish in wishes})
    branches = [only.branch] if only.branch is not None else branches_of_money(look)
    for days in still_open:
        if only.has_sums:
            _distribute(open_sums(look, days.first, days.last, dimensions, branches), wishes, result)
        else:
            _distribute(_facts(days, dimensions, only), wishes, result)
    return [dict(sums) for sums in result]


def _facts(days: Period, dimensions: Sequence[str], only: Only) -> DaySums:
    values = {f"only_{name}": [value] for name, value in only.columns.items()}
    with connections[router.db_for_read(Invoice)].cursor() as cursor:
        cursor.execute(facts_sql(dimensions, list(only.columns)), values | {"first": days.first, "last": days.last})
        return {(day, dimension, key): sums for day, dimension, key, *sums in cursor.fetchall()}


def _distribute(open_sums: DaySums, wishes: Sequence[Wish], result: list[Sums]) -> None:
    buckets: dict[tuple, list[tuple]] = {}  # of a day and a dimension: where they go
    for (day, dimension, key), sums in open_sums.items():
        if (day, dimension) not in buckets:
            buckets[day, dimension] = [
                (wish.bucket(day), found)
                for wish, found in zip(wishes, result, strict=True)
                if wish.by == dimension and wish.period.first <= day <= wish.period.last
            ]
        for bucket, found in buckets[day, dimension]:
            found[bucket, key] = found[bucket, key].plus(sums)


_kept: Shelf[Asked, list[Sums]] = Shelf(most=64, stale=whenever(*TABLES))
