"""Sums of open days from the facts, branch by branch: after a bill or a payment those of its branch alone are read."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db import connections, router

from billing.income_facts import facts_sql
from billing.models import Invoice
from clinic.models import Branch
from vetclinic.audit.kept import Look, Shelf, whenever
from vetclinic.audit.newest import Changed

NO_BRANCH = 0
MOST_DAYS = 7  # more are open in a clinic whose worker does not run: too much to keep
BRANCHES = "branches"
Row = tuple  # day, dimension, key, and SUMS of income_facts


class Part(NamedTuple):
    """Open days, both ends included, of one branch."""

    first: dt.date
    last: dt.date
    dimensions: tuple[str, ...]
    branch: int


def branches_of_money(look: Look) -> list[int]:
    """All that money may belong to."""
    found = _known_branches.found(look, [BRANCHES])
    if not found:
        found = {BRANCHES: [NO_BRANCH, *Branch.objects.values_list("pk", flat=True)]}
        _known_branches.keep(look, found)
    return found[BRANCHES]


def open_sums(
    look: Look, first: dt.date, last: dt.date, dimensions: Sequence[str], branches: Iterable[int]
) -> Iterator[Row]:
    """One query, or none if this process has read the same and no money of these branches has come since."""
    parts = [Part(first, last, tuple(dimensions), branch) for branch in branches]
    found = _parts.found(look, parts)
    missing = [part for part in parts if part not in found]
    if missing:
        read = _read(missing)
        if (last - first).days < MOST_DAYS:
            _parts.keep(look, read)
        found |= read
    return (row for rows in found.values() for row in rows)


def _read(parts: list[Part]) -> dict[Part, list[Row]]:
    """Parts of the same days."""
    first, last, dimensions, _branch = parts[0]
    asked = {"first": first, "last": last, "only_place": [part.branch for part in parts]}
    rows = defaultdict(list)
    with connections[router.db_for_read(Invoice)].cursor() as cursor:
        cursor.execute(facts_sql(dimensions, ["place"], each="place, day"), asked)
        for place, *row in cursor.fetchall():
            rows[place].append(tuple(row))
    return {part: rows[part.branch] for part in parts}


def _stale(changes: list[Changed], kept: Mapping[Part, list[Row]]) -> Iterable[Part]:
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


_parts: Shelf[Part, list[Row]] = Shelf(most=512, stale=_stale)
_known_branches: Shelf[str, list[int]] = Shelf(most=1, stale=whenever("branch"))
