"""What is to be compared, on disk: one row for each article, and the keys under which articles of one event meet.

A temporary SQLite file, so that an archive of any size fits: memory holds a batch at a time.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from services.events.keys import event_keys
from services.events.profile import Profile, profile
from services.parser.classify import Classification
from shared.contracts.messages import EventFacts

_READ_AT_ONCE = 500
# Some 200 bytes and some 3 KB each.
HEADS_HELD, PROFILES_HELD = 200_000, 20_000
_SCHEMA = """
CREATE TABLE article (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, seen TEXT NOT NULL, version TEXT NOT NULL,
    title TEXT NOT NULL, regroups INTEGER NOT NULL, facts BLOB NOT NULL, labels BLOB, now_event TEXT
);
CREATE TABLE posted (key INTEGER NOT NULL, n INTEGER NOT NULL);
"""
_facts = msgspec.msgpack.Decoder(EventFacts).decode
_labels = msgspec.msgpack.Decoder(Classification).decode
_packed = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Row:
    """An article: the event it is in, when it was first seen, its version, and the facts it would be grouped by.

    `regroups` says that these differ from those it was grouped by; `labels` are the new ones, where any differ;
    `moved` is the event it would be in, empty for none, and None where it stays.
    """

    id: str
    event: str
    seen: str
    version: str
    title: str
    regroups: bool
    facts: EventFacts
    labels: Classification | None
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """An article that may be about the same event: where it stands, and the event it is in."""

    n: int
    id: str
    event: str


class Ledger:
    """The rows. Not for several threads."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA}")
        self._count = 0
        # Whoever has many neighbours is a neighbour of many.
        self._near = lru_cache(HEADS_HELD)(self._read_near)
        self._profile = lru_cache(PROFILES_HELD)(self._read_profile)

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Keep more articles."""
        self._database.execute("BEGIN")
        for row in rows:
            self._count += 1
            labels = _packed(row.labels) if row.labels else None
            values = (self._count, row.id, row.event, row.seen, row.version, row.title, row.regroups)
            self._database.execute(
                "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (*values, _packed(row.facts), labels),
            )
            if described := profile(row.facts):
                keys = ((hash(key), self._count) for key in event_keys(described).posted)
                self._database.executemany("INSERT INTO posted VALUES (?, ?)", keys)
        self._database.execute("COMMIT")

    def indexed(self) -> None:
        """All are there: make them findable."""
        self._database.executescript(
            "CREATE INDEX by_key ON posted (key, n); CREATE INDEX by_event ON article (event) WHERE event != '';"
            "CREATE INDEX regrouping ON article (n) WHERE regroups;"
            "CREATE INDEX changed ON article (id) WHERE labels IS NOT NULL OR now_event IS NOT NULL;"
        )

    def regrouping(self) -> Iterator[str]:
        """The ids of articles whose facts changed, in the order they came."""
        last = 0
        while found := self._all(
            "SELECT n, id FROM article WHERE regroups AND n > ? ORDER BY n LIMIT ?", last
        ):
            last = found[-1][0]
            yield from (id for _, id in found)

    def count_regrouping(self) -> int:
        """How many they are."""
        return int(self._database.execute("SELECT count(*) FROM article WHERE regroups").fetchone()[0])

    def row(self, id: str) -> Row:
        """One article. Raises KeyError."""
        for row in self._rows("id = ?", (id,)):
            return row
        raise KeyError(id)

    def of_event(self, event: str) -> list[Row]:
        """The articles that are in an event."""
        return self._rows("event = ?", (event,))

    def near(self, described: Profile) -> list[Near]:
        """Every article that may be about the same event, without itself."""
        numbers: set[int] = set()
        for key in event_keys(described).probed:
            found = self._database.execute("SELECT n FROM posted WHERE key = ?", (hash(key),))
            numbers.update(n for (n,) in found)
        near = (self._near(n) for n in sorted(numbers))
        return [each for each in near if each.id != described.id]

    def profile(self, near: Near) -> Profile | None:
        """What such an article would be grouped by."""
        return self._profile(near.n)

    def moves(self, events: Iterable[tuple[str, str]]) -> None:
        """Note the event that articles would be in, as (article, event)."""
        self._database.executemany(
            "UPDATE article SET now_event = ? WHERE id = ?", [(e, id) for id, e in events]
        )

    def changed(self, after: str = "") -> Iterator[Row]:
        """Articles with new labels or another event, by id."""
        where = "(labels IS NOT NULL OR now_event IS NOT NULL) AND id > ? ORDER BY id LIMIT 100"
        while found := self._rows(where, (after,)):
            yield from found
            after = found[-1].id

    def count_changed(self) -> int:
        """How many have new labels."""
        return int(
            self._database.execute("SELECT count(*) FROM article WHERE labels IS NOT NULL").fetchone()[0]
        )

    def _read_near(self, n: int) -> Near:
        found = self._database.execute("SELECT n, id, event FROM article WHERE n = ?", (n,)).fetchone()
        return Near(*found)

    def _read_profile(self, n: int) -> Profile | None:
        (facts,) = self._database.execute("SELECT facts FROM article WHERE n = ?", (n,)).fetchone()
        return profile(_facts(facts))

    def _rows(self, where: str, values: Sequence[object]) -> list[Row]:
        columns = "id, event, seen, version, title, regroups, facts, labels, now_event"
        found = self._database.execute(f"SELECT {columns} FROM article WHERE {where}", values)  # noqa: S608 (ours)
        return [
            Row(id, event, seen, version, title, bool(new), _facts(facts), labels and _labels(labels), moved)
            for id, event, seen, version, title, new, facts, labels, moved in found
        ]

    def _all(self, query: str, after: int) -> list[tuple[int, str]]:
        return self._database.execute(query, (after, _READ_AT_ONCE)).fetchall()
