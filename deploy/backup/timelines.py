"""A promotion begins a new timeline. What the archive lacks of it is sent by the set-up on the new primary.

A standby that archived nothing before it was promoted has sent no history of its timeline, without which no restore
gets past the promotion; and what the lost primary had written and not yet sent may be here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from deploy.backup.catalogue import lsn
from deploy.backup.wal import NAME, SEGMENT, Archive, Segment, parse_segment, pgbackrest


@dataclass(frozen=True)
class Line:
    """The log of one server: its timeline, and the segment in which each earlier one was left."""

    timeline: int
    left: dict[int, int]

    @classmethod
    def of(cls, folder: Path, timeline: int) -> "Line":
        """As the history in the server's pg_wal tells; that of the first timeline is empty."""
        history = folder / f"{timeline:08X}.history"
        text = history.read_text() if history.exists() else ""
        ends = re.findall(r"^\s*(\d+)\s+([0-9A-F]+/[0-9A-F]+)", text, re.MULTILINE)
        return cls(timeline, {int(number): lsn(position) // SEGMENT for number, position in ends})

    def has(self, segment: Segment) -> bool:
        """Whether it is a whole segment of this log: where a timeline was left, the next one has the whole one."""
        return segment.timeline == self.timeline or segment.number < self.left.get(segment.timeline, 0)


def catch_up(config: Path, folder: Path, archive: Archive, written: Segment, since: Segment | None) -> list[str]:
    """Send the histories, and the segments from `since` on, that lie in pg_wal and not in the archive; their names.

    `written` is the segment that is being written now.
    """
    line, there = Line.of(folder, written.timeline), {segment.name for segment in archive.segments}
    histories = [path for path in folder.glob("*.history") if int(path.stem, 16) not in archive.histories]
    segments = [
        path
        for path in folder.iterdir()
        if since and NAME.fullmatch(path.name) and path.name not in there
        for segment in [parse_segment(path.name)]
        if line.has(segment) and since.number <= segment.number < written.number
    ]
    for path in sorted([*histories, *segments]):
        pgbackrest(config, "--no-archive-async", "archive-push", path)
    return [path.name for path in sorted([*histories, *segments])]
