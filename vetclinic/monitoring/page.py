"""What the operations page shows. Each part gives names to the templates; the page asks all of PARTS."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vetclinic.monitoring import asking, counted
from vetclinic.monitoring.backups import backups
from vetclinic.monitoring.standbys import Standby, standbys
from vetclinic.replication.reasons import Reason

SLOT_IS_FULL = 0.5  # of its limit: somebody should look
SECONDS_IS_LATE = 10
STAGE_NAMES = {"write": _("Writes late by"), "flush": _("Flushes late by"), "replay": _("Replays late by")}
REASONS: dict[str, str | Promise] = {
    Reason.AWAY: _("it did not answer"),
    Reason.FAILED: _("a query failed there"),
    Reason.SILENT: _("it heard nothing from its primary"),
    Reason.LAGGING: _("it was too late"),
    Reason.PAUSED: _("its replay was paused"),
    Reason.PROMOTED: _("it had become a primary"),
    Reason.BLIND: _("the role may not see its state (pg_monitor)"),
}


@dataclass(frozen=True)
class Row:
    """A standby as a line of the page. `read_share`: the part of this web server's reads, None if it never reads it;
    `may_be_ours`: it is one that does not answer this web server, or another's.
    """

    standby: Standby
    read_share: float | None
    may_be_ours: bool

    @property
    def look(self) -> str:
        """The colour of its chip: ok, warn or bad."""
        if not self.standby.is_connected:
            return "bad"
        late = any((seconds or 0) > SECONDS_IS_LATE for seconds in self.standby.lag_s.values())
        return "warn" if late or self.slot_look or self.standby.state != "streaming" else "ok"

    @property
    def stages(self) -> list[dict]:
        """How late it writes, flushes and replays."""
        lag_s, lag_bytes = self.standby.lag_s, self.standby.lag_bytes
        return [{"name": name, "seconds": lag_s[key], "bytes": lag_bytes[key]} for key, name in STAGE_NAMES.items()]

    @property
    def slot_look(self) -> str:
        if self.standby.wal_status in ("lost", "unreserved"):
            return "bad"
        return "warn" if (self.standby.kept_of_limit or 0) > SLOT_IS_FULL else ""


def replication() -> dict:
    """Works whoever is away: what nobody can be asked about is shown as not known."""
    answers, shares = asking.ask_all(), counted.shares()
    primary = answers[DEFAULT_DB_ALIAS]
    silent = [alias for alias in settings.STANDBYS if answers[alias] is None]
    rows = [
        Row(one, shares.get(one.alias, 0.0) if one.alias else None, may_be_ours=bool(silent) and not one.alias)
        for one in standbys(answers)
    ]
    switch = counted.last_switch()
    return {
        "now": timezone.now(),
        "primary_answers": primary is not None and not primary["in_recovery"],
        "primary_is_standby": bool(primary and primary["in_recovery"]),
        "may_see": all(answer["may_see"] for answer in answers.values() if answer),
        "role": settings.DATABASES[DEFAULT_DB_ALIAS]["USER"],
        "silent": silent,
        "rows": rows,
        "connected": sum(row.standby.is_connected for row in rows),
        "has_standby": bool(settings.STANDBYS),
        "share": sum(part for server, part in shares.items() if server != DEFAULT_DB_ALIAS) if shares else None,
        "switch": switch,
        "switch_reason": REASONS.get(switch.reason, switch.reason) if switch else "",
    }


PARTS: list[Callable[[], dict]] = [replication, backups]
