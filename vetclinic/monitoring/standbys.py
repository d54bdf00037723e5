"""The standbys, as one list: what their upstream, their slot, they themselves and this web server know of them."""

from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PREFIX = "branch_"  # of the slots that deploy/postgres/branch makes
STAGES = ("write", "flush", "replay")
LOST, AWAY = "lost", "away"
PRIMARY = "primary"
STATES: dict[str, str | Promise] = {
    "streaming": _("streaming"),
    "catchup": _("catching up"),
    "startup": _("connecting"),
    "backup": _("being copied"),
    AWAY: _("away"),
    LOST: _("has lost its slot"),
}
WAL_STATES: dict[str, str | Promise] = {
    "reserved": _("kept"),
    "extended": _("kept beyond the usual"),
    "unreserved": _("about to be cut"),
    "lost": _("lost"),
}


@dataclass(frozen=True)
class Standby:
    """Bytes and seconds by the stages of STAGES; None where nobody knows. `alias`: under which this server reads it."""

    name: str
    upstream: str
    branch: str = ""
    alias: str = ""
    address: str = ""
    state: str = AWAY
    lag_bytes: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(STAGES))
    lag_s: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(STAGES))
    slot: str = ""
    kept: int | None = None
    limit: int | None = None
    wal_status: str = ""
    conflicts: dict[str, int] | None = None
    is_alone: bool = False  # nobody was asked who would know its slot

    @property
    def follows_primary(self) -> bool:
        return self.upstream == PRIMARY

    @property
    def is_connected(self) -> bool:
        return self.state not in (AWAY, LOST)

    @property
    def state_name(self) -> str | Promise:
        return STATES.get(self.state, self.state)

    @property
    def wal_status_name(self) -> str | Promise:
        return WAL_STATES.get(self.wal_status, self.wal_status)

    @property
    def kept_of_limit(self) -> float | None:
        """The part of its limit that the slot keeps: at 1 it is cut."""
        return self.kept / self.limit if self.kept is not None and self.limit else None

    @property
    def conflict_count(self) -> int | None:
        return None if self.conflicts is None else sum(self.conflicts.values())


def standbys(answers: dict[str, dict | None]) -> list[Standby]:
    """All that the servers which answered know of (`asking.ask_all`); each once, those of the primary first."""
    own = {alias: answer for alias, answer in answers.items() if answer and answer["in_recovery"]}
    by_slot = {slot: alias for alias, answer in own.items() if (slot := (answer["receiver"] or {}).get("slot"))}
    found = [
        _with_own_words(standby, by_slot, own)
        for alias, answer in answers.items()
        if answer
        for standby in _of(_upstream(alias, own), answer)
    ]
    seen = {standby.alias for standby in found}
    return found + [_alone(alias, answer) for alias, answer in own.items() if alias not in seen]


def _upstream(alias: str, own: dict[str, dict]) -> str:
    if alias == DEFAULT_DB_ALIAS:
        return PRIMARY
    return _branch((own.get(alias, {}).get("receiver") or {}).get("slot") or "") or alias


def _of(upstream: str, answer: dict) -> list[Standby]:
    """A server's slots with who uses them, and who follows it without one."""
    senders = {sender["pid"]: sender for sender in answer["senders"]}
    # A negative limit is none.
    limit = answer["limit"] if (answer["limit"] or -1) >= 0 else None
    with_slot = [_slot(slot, senders.pop(slot["pid"], None), upstream, limit) for slot in answer["slots"]]
    return with_slot + [Standby(**_sender(sender), upstream=upstream) for sender in senders.values()]


def _slot(slot: dict, sender: dict | None, upstream: str, limit: int | None) -> Standby:
    is_lost = slot["status"] == LOST
    known = _sender(sender) if sender else {"name": _branch(slot["name"]) or slot["name"]}
    return Standby(
        **known | {"state": LOST if is_lost else known.get("state", AWAY)},
        upstream=upstream,
        branch=_branch(slot["name"]),
        slot=slot["name"],
        kept=slot["kept"],
        limit=limit,
        wal_status=slot["status"] or "",
    )


def _sender(sender: dict) -> dict:
    """The server gives no seconds once nothing is on the way: then nothing is late."""
    in_bytes = {stage: sender["bytes"][stage] for stage in STAGES}
    seconds = {stage: 0.0 if in_bytes[stage] == 0 else sender["seconds"][stage] for stage in STAGES}
    return {
        "name": sender["name"] or "?",
        "address": sender["address"] or "",
        "state": sender["state"] or "?",
        "lag_bytes": in_bytes,
        "lag_s": seconds,
    }


def _branch(slot: str) -> str:
    return slot.removeprefix(PREFIX) if slot.startswith(PREFIX) else ""


def _with_own_words(standby: Standby, by_slot: dict[str, str], own: dict[str, dict]) -> Standby:
    alias = by_slot.get(standby.slot, "") if standby.slot else ""
    if not alias:
        return standby
    return Standby(**standby.__dict__ | {"alias": alias, "conflicts": own[alias]["conflicts"]})


def _alone(alias: str, answer: dict) -> Standby:
    """One whose upstream this web server does not ask: it is away, or itself a standby elsewhere."""
    receiver = answer["receiver"] or {}
    return Standby(
        name=_branch(receiver.get("slot") or "") or alias,
        branch=_branch(receiver.get("slot") or ""),
        upstream=receiver.get("host") or "?",
        alias=alias,
        state=receiver.get("status") or AWAY,
        lag_bytes=dict.fromkeys(STAGES) | {"replay": answer["behind"]},
        conflicts=answer["conflicts"],
        is_alone=True,
    )
