"""Parts of the income that change, come and go, are added up as if all of them were added up anew."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billing.income_open import NOTHING_YET, Part, _added_up

DAY = dt.date(2026, 3, 10)
PARTS = [Part(DAY, DAY, ("vet",), branch) for branch in range(3)]
keys = st.sampled_from([(DAY, "vet", key) for key in ("", "1", "2")])
figures = st.lists(st.decimals(-1000, 1000, places=2), min_size=2, max_size=2)
states = st.fixed_dictionaries({part: st.dictionaries(keys, figures) for part in PARTS})


@given(st.lists(states, min_size=1, max_size=5), st.lists(st.booleans(), min_size=15, max_size=15))
def test_sums_after_any_changes_are_those_of_all_parts(looks, stays):
    known, parts, turns = NOTHING_YET, {}, iter(stays)
    for look in looks:
        parts = {part: parts[part] if part in parts and next(turns) else look[part] for part in PARTS}
        known = _added_up(known, parts)

        assert known.sums == anew(parts)


def anew(parts: dict) -> dict:
    of_key: dict = {}
    for sums in parts.values():
        for key, amounts in sums.items():
            of_key.setdefault(key, []).append(amounts)
    return {key: [sum(column, Decimal(0)) for column in zip(*rows, strict=True)] for key, rows in of_key.items()}
