"""Sums of open days from the facts, branch by branch: after a bill or a payment its branch alone is read."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import add, sub
from typing import NamedTuple

from django.db import connections, router

from billing.income_facts import facts_sql
from billing.income_figures import DaySums
from billing.models import Invoice
from clinic.models import Branch
from vetclinic.audit.kept import Look, Shelf, whenever
from vetclinic.audit.newest import Changed

NO_BRANCH = 0
MOST_DAYS = 7  # more are open in a clinic whose worker does not run: too much to keep
BRANCHES = "branches"


class Part(NamedTuple):
    """Open days, both ends included, of one branch."""

    first: dt.date
    last: dt.date
    dimensions: tuple[str, ...]
    branch: int


class Whole(NamedTuple):
    """Several parts, and all of them added up."""

    parts: dict[Part, DaySums]
    sums: DaySums


NOTHING_YET = Whole({}, {})


def branches_of_money(look: Look) -> list[int]:
    """All that money may belong to."""
    found = _known_branches.found(look, [BRANCHES])
    if not found:
        found = {BRANCHES: [NO_BRANCH, *Branch.objects.values_list("pk", flat=True)]}
        _known_branches.keep(look, found)
    return found[BRANCHES]


def open_sums(look: Look, first: dt.date, last: dt.date, dimensions: Sequence[str], branches: Iterable[int]) -> DaySums:
    """Of all these branches. One query, or none if this process has read the same and they have got no money since."""
    parts = tuple(Part(first, last, tuple(dimensions), branch) for branch in branches)
    found = _parts.found(look, parts)
    missing = [part for part in parts if part not in found]
    read = _read(missing) if missing else {}
    added_up = _added_up(_wholes.found(look, [parts]).get(parts, NOTHING_YET), found | read)
    if (last - first).days < MOST_DAYS:
        _parts.keep(look, read)
        _wholes.keep(look, {parts: added_up})
    return added_up.sums


def _read(parts: Sequence[Part]) -> dict[Part, DaySums]:
    """Parts of the same days."""
    first, last, dimensions, _branch = parts[0]
    asked = {"first": first, "last": last, "only_place": [part.branch for part in parts]}
    sums: dict[int, DaySums] = defaultdict(dict)
    with connections[router.db_for_read(Invoice)].cursor() as cursor:
        cursor.execute(facts_sql(dimensions, ["place"], each="place, day"), asked)
        for place, day, dimension, key, *figures in cursor.fetchall():
            sums[place][day, dimension, key] = figures
    return {part: sums[part.branch] for part in parts}


def _added_up(known: Whole, parts: dict[Part, DaySums]) -> Whole:
    """Exact, however often it is done. Thirty branches have a thousand sums: of those that have changed alone."""
    sums, gone = dict(known.sums), set()
    for part, now in parts.items():
        before = known.parts.get(part, {})
        if now is before:
            continue
        for key, figures in before.items():
            sums[key] = list(map(sub, sums[key], figures))
        for key, figures in now.items():
            sums[key] = list(map(add, sums[key], figures)) if key in sums else figures
        gone |= before.keys() - now.keys()
    for key in gone:
        if not any(key in each for each in parts.values()):
            del sums[key]
    return Whole(parts, sums)


def _stale(changes: list[Changed], kept: Mapping[Part, DaySums]) -> Iterable[Part]:
    """Of the branches whose money has changed; a bill that is issued or void says only so, and is asked for its own."""
    branches, bills = set(), set()
    for change in changes:
        values = [each for each in (change.before, change.after) if each]
        if change.table == "service" or (change.table in ("payment", "deposit") and change.operation != "INSERT"):
            return kept
        if change.table in ("payment", "deposit", "invoice"):
            branches |= {each["branch_id"] or NO_BRANCH for each in values if "branch_id" in each}
        if change.table == "invoice":
            bills.add(change.row_id)
        if change.table == "credit_note":
            bills |= {each["invoice_id"] for each in values if "invoice_id" in each}
    if bills:
        of_bills = Invoice.objects.filter(pk__in=bills).values_list("branch_id", flat=True)
        branches |= {branch or NO_BRANCH for branch in of_bills}
    return [part for part in kept if part.branch in branches]


_parts: Shelf[Part, DaySums] = Shelf(most=512, stale=_stale)
# Never stale: what its parts are now is looked up anyway.
_wholes: Shelf[tuple[Part, ...], Whole] = Shelf(most=16, stale=lambda _changes, _kept: ())
_known_branches: Shelf[str, list[int]] = Shelf(most=1, stale=whenever("branch"))
