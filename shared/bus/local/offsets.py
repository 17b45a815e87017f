"""What a group has committed, in a file of its own."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from shared.bus.local.database import connect, create, telling, writing
from shared.bus.port import Partition

_SCHEMA = """
CREATE TABLE offsets (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID
"""


class GroupOffsets:
    """A connection to a group's offsets. One thread at a time."""

    def __init__(self, group: Path) -> None:
        self.path = group / "offsets.sqlite"
        self._open: sqlite3.Connection | None = None

    def load(self) -> dict[Partition, int]:
        """The next offset to read for every partition that has one; nothing for a group that never was."""
        if self._open is None and not self.path.exists():
            return {}
        with telling(self.path):
            rows = self._connection.execute("SELECT topic, partition, next_offset FROM offsets")
            return {Partition(topic, number): offset for topic, number, offset in rows.fetchall()}

    def save(self, offsets: Mapping[Partition, int]) -> None:
        """Write them, durably: all or none."""
        rows = [(place.topic, place.number, offset) for place, offset in offsets.items()]
        with telling(self.path), writing(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file. May be called twice."""
        if self._open is not None:
            self._open.close()
            self._open = None

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            create(self.path, _SCHEMA)
            self._open = connect(self.path)
        return self._open
