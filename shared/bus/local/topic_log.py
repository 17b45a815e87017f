"""One topic's file: partitions as dense runs of records, appended at the end and thinned out by upkeep.

A record's row number is `partition << 40 | offset`, so a partition is one run of the table's own tree and needs no
index. Offsets are counted in `partitions`, so none is used twice, even after all records are gone. Timestamps never go
back within a partition, whatever the clock does; that lets a point in time be found by halving.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.bus.local.database import connect, create, telling, writing
from shared.bus.partitioning import partition_of
from shared.bus.port import BusError, NewRecord, Partition, Record, TopicSettings

_SHIFT = 40
_OFFSETS = (1 << _SHIFT) - 1

_SCHEMA = """
CREATE TABLE partitions (
    number INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL, last_timestamp INTEGER NOT NULL);
CREATE TABLE records (
    position INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key TEXT NOT NULL, headers TEXT, value BLOB NOT NULL)
"""

_TAILS = "SELECT number, next_offset, last_timestamp FROM partitions"
_ENDS = """
SELECT number, next_offset, (
    SELECT min(position) FROM records WHERE position >= number << :shift AND position < (number + 1) << :shift)
FROM partitions
"""
_SUPERSEDED = """
SELECT position FROM (
    SELECT position, row_number() OVER (PARTITION BY position >> :shift, key ORDER BY position DESC) AS age
    FROM records)
WHERE age > 1 ORDER BY position
"""
_TOMBSTONES = "SELECT position FROM records WHERE timestamp < :before AND length(value) = 0 ORDER BY position"


class TopicLog:
    """A connection to one topic's file. One thread at a time."""

    def __init__(self, folder: Path, settings: TopicSettings) -> None:
        self.settings = settings
        self.path = topic_path(folder, settings.name)
        self._open: sqlite3.Connection | None = None
        self._partitions = 0

    @property
    def partitions(self) -> int:
        """How many there are: fixed when the topic was made, since keys would move otherwise."""
        if not self._partitions:
            self._partitions = len(self.next_offsets())
        return self._partitions

    def append(self, records: Iterable[NewRecord], clock: Callable[[], int]) -> None:
        """Write all, durably, or nothing. `clock` gives milliseconds since the epoch."""
        rows = [
            (
                partition_of(r.key, self.partitions),
                r.key,
                json.dumps(dict(r.headers)) if r.headers else None,
                r.value,
            )
            for r in records
        ]
        with telling(self.path), writing(self._connection):
            tails = {n: (end, last) for n, end, last in self._rows(_TAILS)}
            now = clock()
            placed = []
            for number, key, headers, value in rows:
                end, last = tails[number]
                now = max(now, last)
                placed.append((number << _SHIFT | end, now, key, headers, value))
                tails[number] = end + 1, now
            touched = {row[0] for row in rows}
            self._connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", placed)
            self._connection.executemany(
                "UPDATE partitions SET next_offset = ?, last_timestamp = ? WHERE number = ?",
                [(*tails[number], number) for number in touched],
            )

    def read(self, number: int, start: int, end: int, limit: int, budget: int | None = None) -> list[Record]:
        """Up to `limit` records from offset `start` to before `end`, cut short past `budget` bytes of values."""
        found: list[Record] = []
        with telling(self.path):
            rows = self._connection.execute(
                "SELECT position, timestamp, key, headers, value FROM records "
                "WHERE position >= ? AND position < ? ORDER BY position LIMIT ?",
                (*_span(number, start, end), limit),
            )
            try:
                for position, timestamp, key, headers, value in rows:
                    labels: Mapping[str, str] = json.loads(headers) if headers else {}
                    offset = position & _OFFSETS
                    found.append(Record(self.settings.name, number, offset, key, value, labels, timestamp))
                    if budget is not None and (budget := budget - len(value)) <= 0:
                        break
            finally:
                rows.close()  # an open cursor would hold up the checkpoint
        return found

    def version(self) -> int:
        """Another number whenever another connection has written; cheap enough to ask all the time."""
        with telling(self.path):
            return int(self._rows("PRAGMA data_version")[0][0])

    def next_offsets(self) -> dict[int, int]:
        """For each partition the offset after its last record."""
        with telling(self.path):
            return dict(self._rows("SELECT number, next_offset FROM partitions"))

    def ends(self) -> dict[int, tuple[int, int]]:
        """For each partition the first offset kept and the offset after the last."""
        with telling(self.path):
            rows = self._rows(_ENDS, {"shift": _SHIFT})
        return {number: (end if first is None else first & _OFFSETS, end) for number, end, first in rows}

    def count(self, number: int, start: int) -> int:
        """How many records of a partition stand at offset `start` or after. Takes as long as there are many."""
        with telling(self.path):
            span = _span(number, start, _OFFSETS)
            return int(
                self._rows("SELECT count(*) FROM records WHERE position >= ? AND position < ?", span)[0][0]
            )

    def offset_at(self, number: int, timestamp: int) -> int:
        """The first offset written at or after `timestamp`, or the end."""
        low, high = self.ends()[number]
        end = high
        while low < high:
            middle = (low + high) // 2
            found = self._first_from(number, middle, high)
            if found is None or found[1] >= timestamp:
                high = middle
            else:
                low = found[0] + 1
        found = self._first_from(number, low, end)
        return end if found is None else found[0]

    def delete_before(self, number: int, offset: int, limit: int) -> int:
        """Remove up to `limit` of the oldest records before `offset`; returns how many went."""
        with telling(self.path), writing(self._connection):
            return self._connection.execute(
                "DELETE FROM records WHERE position IN (SELECT position FROM records "
                "WHERE position >= ? AND position < ? ORDER BY position LIMIT ?)",
                (*_span(number, 0, offset), limit),
            ).rowcount

    def superseded(self, tombstones_before: int) -> list[int]:
        """The rows that a later one of the same key replaces, then tombstones from before that time (milliseconds)."""
        with telling(self.path):
            replaced = [row[0] for row in self._rows(_SUPERSEDED, {"shift": _SHIFT})]
            emptied = [row[0] for row in self._rows(_TOMBSTONES, {"before": tombstones_before})]
        return list(dict.fromkeys(replaced + emptied))

    def delete_rows(self, positions: Iterable[int]) -> None:
        """Remove these rows, those that are still there."""
        with telling(self.path), writing(self._connection):
            self._connection.executemany("DELETE FROM records WHERE position = ?", [(p,) for p in positions])

    def empty_pages(self) -> int:
        """How many pages of the file hold nothing."""
        with telling(self.path):
            return int(self._rows("PRAGMA freelist_count")[0][0])

    def give_back(self, pages: int) -> None:
        """Give up to `pages` empty pages back to the disk."""
        with telling(self.path):
            # As a script: Python takes only the first of this statement's steps otherwise, one page.
            self._connection.executescript(f"PRAGMA incremental_vacuum({pages})")

    def fold_journal(self) -> None:
        """Move what is in the write-ahead file into the main one, as far as readers let go of it."""
        with telling(self.path):
            self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; it opens again when it is used."""
        if self._open is not None:
            self._open.close()
            self._open = None

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = connect(self.path)
        return self._open

    def _rows(
        self, statement: str, values: Sequence[object] | Mapping[str, object] = ()
    ) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def _first_from(self, number: int, start: int, end: int) -> tuple[int, int] | None:
        with telling(self.path):
            rows = self._rows(
                "SELECT position, timestamp FROM records WHERE position >= ? AND position < ? ORDER BY position LIMIT 1",
                _span(number, start, end),
            )
        return (rows[0][0] & _OFFSETS, rows[0][1]) if rows else None


def topic_path(folder: Path, name: str) -> Path:
    """Where the topic `name` is kept."""
    return folder / "topics" / f"{name}.sqlite"


def create_topic(folder: Path, settings: TopicSettings) -> None:
    """Make the topic unless it is there; one that is there keeps the number of partitions it has."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", settings.name):
        raise BusError(
            f"{settings.name!r} is no name for a topic: use up to 200 of A-Z a-z 0-9 . _ - and no dot in front"
        )
    if settings.partitions < 1:
        raise BusError(
            f"topic {settings.name!r} asks for {settings.partitions} partitions: give it at least 1"
        )
    numbers = ", ".join(f"({number}, 0, 0)" for number in range(settings.partitions))
    create(topic_path(folder, settings.name), f"{_SCHEMA}; INSERT INTO partitions VALUES {numbers}")  # noqa: S608


def places(log: TopicLog) -> list[Partition]:
    """All partitions of the topic."""
    return [Partition(log.settings.name, number) for number in range(log.partitions)]


def _span(number: int, start: int, end: int) -> tuple[int, int]:
    return number << _SHIFT | max(0, start), number << _SHIFT | max(0, min(end, _OFFSETS))
