"""The articles themselves, in SQLite: what the search structures are made from and what a search gives back.

Every change, a deletion too, takes the next sequence number. A deleted article's row stays without its body until
tantivy has seen the deletion. `key` is the article's number for tantivy; it never changes and is never used again.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.article import Article
from shared.index.fields import micros
from shared.index.port import IndexUnavailable, age

FILE = "articles.db"
VARIABLES = 500  # values in one statement; SQLite allows 999 in its oldest builds

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    sequence INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    parse_version INTEGER NOT NULL,
    body BLOB
);
CREATE INDEX IF NOT EXISTS by_sequence ON articles (sequence);
CREATE INDEX IF NOT EXISTS deleted ON articles (sequence) WHERE body IS NULL;
CREATE TABLE IF NOT EXISTS last (sequence INTEGER NOT NULL);
INSERT INTO last SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM last);
"""

KEEP = """
INSERT INTO articles (id, sequence, fetched_at, parse_version, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, fetched_at = excluded.fetched_at,
    parse_version = excluded.parse_version, body = excluded.body
"""

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Article).decode


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an article. `article` is None when it was deleted."""

    key: int
    sequence: int
    article: Article | None


class Truth:
    """The file of articles. Threads take turns; a reader never waits for the writer."""

    def __init__(self, folder: Path, *, writing: bool) -> None:
        """Raises IndexUnavailable; a reader also when there is no file yet."""
        self._file = folder / FILE
        self._lock = threading.Lock()
        with self._naming():
            mode = "rwc" if writing else "rw"
            uri = f"{self._file.absolute().as_uri()}?mode={mode}"
            self._db = sqlite3.connect(
                uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(writing)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, writing: bool) -> None:
        if writing:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(SCHEMA)
        else:
            self._db.execute("PRAGMA query_only = TRUE")

    def put(self, articles: Iterable[Article]) -> None:
        """Keep these, but for those older than what is kept and those that say nothing new."""
        rows = [(a.id, micros(age(a)[0]), age(a)[1], encode(a)) for a in articles]
        with self._transaction() as sequence:
            for id, fetched_at, parse_version, body in rows:
                kept = self._db.execute(
                    "SELECT fetched_at, parse_version, body FROM articles WHERE id = ? AND body IS NOT NULL",
                    (id,),
                ).fetchone()
                version = (fetched_at, parse_version)
                if kept is None or (kept[:2] <= version and kept != (*version, body)):
                    self._db.execute(KEEP, (id, next(sequence), *version, body))

    def remove(self, ids: Iterable[str]) -> None:
        """Delete these; unknown ids are passed over."""
        with self._transaction() as sequence:
            for id in ids:
                number = next(sequence)
                self._db.execute(
                    "UPDATE articles SET body = NULL, sequence = ? WHERE id = ? AND body IS NOT NULL",
                    (number, id),
                )

    def forget_deleted(self, until: int) -> None:
        """Drop what is left of articles whose deletion, with a number up to `until`, tantivy has seen."""
        with self._transaction():
            self._db.execute("DELETE FROM articles WHERE body IS NULL AND sequence <= ?", (until,))

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """The next changes after this sequence number, in order."""
        rows = self._rows(
            "SELECT key, sequence, body FROM articles WHERE sequence > ? ORDER BY sequence LIMIT ?",
            (after, limit),
        )
        return [Change(key, sequence, None if body is None else decode(body)) for key, sequence, body in rows]

    def count(self) -> int:
        """How many articles are kept."""
        total, deleted = self._rows(
            "SELECT (SELECT COUNT(*) FROM articles), (SELECT COUNT(*) FROM articles WHERE body IS NULL)"
        )[0]
        return int(total - deleted)

    def get(self, id: str) -> Article | None:
        """One article."""
        rows = self._rows("SELECT body FROM articles WHERE id = ? AND body IS NOT NULL", (id,))
        return decode(rows[0][0]) if rows else None

    def articles(self, keys: Sequence[int]) -> Mapping[int, Article]:
        """The articles of these keys, without those deleted meanwhile."""
        return {key: decode(body) for key, body in self._of_keys("body", keys)}

    def ids(self, keys: Sequence[int]) -> Mapping[int, str]:
        """The article ids of these keys, without those deleted meanwhile."""
        return dict(self._of_keys("id", keys))

    def close(self) -> None:
        """Release the file. May be called twice."""
        with self._lock:
            self._db.close()

    def _of_keys(self, column: str, keys: Sequence[int]) -> Iterator[Any]:
        for at in range(0, len(keys), VARIABLES):
            some = keys[at : at + VARIABLES]
            marks = ",".join("?" * len(some))
            sql = f"SELECT key, {column} FROM articles WHERE key IN ({marks}) AND body IS NOT NULL"  # noqa: S608
            yield from self._rows(sql, some)

    def _rows(self, sql: str, values: Sequence[str | int] = ()) -> list[Any]:
        with self._lock, self._naming():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[Iterator[int]]:
        """All or nothing, on disk at the end. Gives the sequence numbers to be used, in order."""
        with self._lock, self._naming():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                used = [self._db.execute("SELECT sequence FROM last").fetchone()[0]]
                yield _numbers(used)
                self._db.execute("UPDATE last SET sequence = ?", (used[0],))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as e:
            raise IndexUnavailable(
                f"{self._file}: {e}; check that it was not closed, the disk's space and permissions, then try again"
            ) from e


def _numbers(used: list[int]) -> Iterator[int]:
    while True:
        used[0] += 1
        yield used[0]
