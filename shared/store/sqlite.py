"""The store on SQLite: one file per collection, so that services writing different ones never wait on each other.

WAL with `synchronous=FULL`: what a call has returned from survives a kill and a power cut
(https://www.sqlite.org/pragma.html#pragma_synchronous). Labels lie in a table of their own, indexed by
(label, value, id), so listings read only what they give.
"""

import fcntl
import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from shared.store.port import AlreadyExists, Store, Stored, StoreUnavailable, VersionConflict, Write

COLLECTION_NAME = re.compile(r"[a-z][a-z0-9-]*")
PAGE = 200  # documents a listing holds in memory at once
VARIABLES = 500  # ids in one statement; SQLite allows 999 in its oldest builds

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, labels BLOB NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS labels (
    label TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (label, value, id)
) WITHOUT ROWID;
"""

_encode_labels = msgspec.json.Encoder().encode
_decode_labels = msgspec.json.Decoder(dict[str, str]).decode


def open_sqlite_store(folder: Path, *, patience: float = 30.0) -> Store:
    """The store in `folder`, which the first write makes. Open it after a fork, not before.

    A write waits up to `patience` seconds for another process to finish its own, then raises StoreUnavailable.
    Collection names are lower-case letters, digits and hyphens; another name raises ValueError.
    """
    return SqliteStore(folder, patience)


class SqliteStore:
    """See `shared.store.port.Store`; every method keeps its promises."""

    def __init__(self, folder: Path, patience: float) -> None:
        self._folder = folder
        self._patience = patience
        self._lock = threading.Lock()
        self._open: dict[str, _Collection] = {}
        self._closed = False

    def get(self, collection: str, id: str) -> Stored | None:
        return self.get_many(collection, [id]).get(id)

    def get_many(self, collection: str, ids: Sequence[str]) -> Mapping[str, Stored]:
        kept = self._reading(collection)
        return {} if kept is None else kept.get_many(ids)

    def create(
        self, collection: str, id: str, body: bytes, labels: Mapping[str, str] | None = None
    ) -> Stored:
        kept = self._writing(collection)
        with kept.transaction() as db:
            existing = _find(db, id)
            if existing is None:
                return _keep(db, Write(collection, id, body, labels or {}), None)
        raise AlreadyExists(collection, existing)

    def put(self, write: Write) -> Stored:
        with self._writing(write.collection).transaction() as db:
            stored, conflict = _put(db, write)
        if stored is None:
            raise VersionConflict(conflict)
        return stored

    def put_many(self, writes: Sequence[Write]) -> None:
        grouped: dict[str, list[Write]] = defaultdict(list)
        for write in writes:
            _check_name(write.collection)
            grouped[write.collection].append(write)
        conflicts: list[str] = []
        for collection, group in grouped.items():
            with self._writing(collection).transaction() as db:
                outcomes = [_put(db, write) for write in group]
            conflicts += [conflict for stored, conflict in outcomes if stored is None]
        if conflicts:
            more = f" (and {len(conflicts) - 1} more)" if len(conflicts) > 1 else ""
            raise VersionConflict(conflicts[0] + more)

    def delete(self, collection: str, id: str) -> bool:
        kept = self._reading(collection)
        if kept is None:
            return False
        with kept.transaction() as db:
            existing = _find(db, id)
            if existing is not None:
                _drop_labels(db, existing)
                db.execute("DELETE FROM documents WHERE id = ?", (id,))
        return existing is not None

    def list(
        self,
        collection: str,
        where: Mapping[str, str] | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> Iterator[Stored]:
        kept = self._reading(collection)
        left = limit
        while kept is not None and (left is None or left > 0):
            page = kept.page(where or {}, after, PAGE if left is None else min(PAGE, left))
            yield from page
            if not page:
                return
            after = page[-1].id
            left = None if left is None else left - len(page)

    def count(self, collection: str, where: Mapping[str, str] | None = None) -> int:
        kept = self._reading(collection)
        return 0 if kept is None else kept.count(where or {})

    def count_by(self, collection: str, label: str) -> Mapping[str, int]:
        kept = self._reading(collection)
        return {} if kept is None else kept.count_by(label)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for kept in self._open.values():
                kept.close()
            self._open.clear()

    def _reading(self, name: str) -> "_Collection | None":
        """The collection, or None when nothing was ever written to it; makes nothing on disk."""
        _check_name(name)
        there = name in self._open or (self._folder / f"{name}.db").exists()
        return self._writing(name) if there else None

    def _writing(self, name: str) -> "_Collection":
        _check_name(name)
        file = self._folder / f"{name}.db"
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"{file}: the store was closed; open it again")
            if name not in self._open:
                self._open[name] = _Collection(file, self._patience)
            return self._open[name]


class _Collection:
    """One file, one connection, one lock: threads take turns here, processes take turns in SQLite."""

    def __init__(self, file: Path, patience: float) -> None:
        self._file = file
        self._lock = threading.Lock()
        with _naming(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
            try:
                # Two processes turning WAL on at the same moment fail on each other without waiting.
                with (file.parent / ".making").open("w") as turn:
                    fcntl.flock(turn, fcntl.LOCK_EX)
                    self._db.execute("PRAGMA journal_mode = WAL")
                    self._db.execute("PRAGMA synchronous = FULL")
                    self._db.executescript(SCHEMA)
            except BaseException:
                self._db.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Holds the file's write lock; commits at the end, or undoes everything on an error."""
        with self._lock, _naming(self._file):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def get_many(self, ids: Sequence[str]) -> dict[str, Stored]:
        found: dict[str, Stored] = {}
        for at in range(0, len(ids), VARIABLES):
            some = ids[at : at + VARIABLES]
            marks = ",".join("?" * len(some))
            sql = f"SELECT id, version, labels, body FROM documents WHERE id IN ({marks})"  # noqa: S608
            found.update((row[0], _stored(row)) for row in self._rows(sql, some))
        return found

    def page(self, where: Mapping[str, str], after: str, limit: int) -> Sequence[Stored]:
        clause, values = _matching(where)
        table, id = "documents d", "d.id"
        if where:  # the index on labels gives the ids in order; the documents are then looked up one by one
            table, id = "labels l CROSS JOIN documents d ON d.id = l.id", "l.id"
        sql = (
            f"SELECT d.id, d.version, d.labels, d.body FROM {table}"  # noqa: S608
            f" WHERE {clause} AND {id} > ? ORDER BY {id} LIMIT ?"
        )
        return [_stored(row) for row in self._rows(sql, [*values, after, limit])]

    def count(self, where: Mapping[str, str]) -> int:
        clause, values = _matching(where)
        table = "labels l" if where else "documents"
        rows = self._rows(f"SELECT COUNT(*) FROM {table} WHERE {clause}", values)  # noqa: S608
        return int(rows[0][0])

    def count_by(self, label: str) -> dict[str, int]:
        return dict(self._rows("SELECT value, COUNT(*) FROM labels WHERE label = ? GROUP BY value", [label]))

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, values: Sequence[str | int]) -> list[Any]:
        with self._lock, _naming(self._file):
            return self._db.execute(sql, values).fetchall()


def _matching(where: Mapping[str, str]) -> tuple[str, list[str | int]]:
    """SQL that holds for label rows `l` of documents with all these labels, and its values."""
    if not where:
        return "TRUE", []
    clause = "l.label = ? AND l.value = ?"
    more = " AND EXISTS (SELECT 1 FROM labels m WHERE m.label = ? AND m.value = ? AND m.id = l.id)"
    return clause + more * (len(where) - 1), [part for pair in where.items() for part in pair]


def _put(db: sqlite3.Connection, write: Write) -> tuple[Stored | None, str]:
    """Keep it, or say why its expectation fails."""
    existing = _find(db, write.id)
    version = 0 if existing is None else existing.version
    if write.expected is not None and write.expected != version:
        found = f"is at version {version}" if version else "does not exist"
        return None, (
            f"{write.collection}/{write.id} {found}, not at the expected {write.expected}; read it again"
        )
    return _keep(db, write, existing), ""


def _keep(db: sqlite3.Connection, write: Write, existing: Stored | None) -> Stored:
    stored = Stored(write.id, write.body, dict(write.labels), 1 if existing is None else existing.version + 1)
    if existing is not None:
        _drop_labels(db, existing)
    db.execute(
        "INSERT OR REPLACE INTO documents (id, version, labels, body) VALUES (?, ?, ?, ?)",
        (stored.id, stored.version, _encode_labels(stored.labels), stored.body),
    )
    db.executemany(
        "INSERT INTO labels VALUES (?, ?, ?)", [(k, v, stored.id) for k, v in write.labels.items()]
    )
    return stored


def _drop_labels(db: sqlite3.Connection, existing: Stored) -> None:
    rows = [(label, value, existing.id) for label, value in existing.labels.items()]
    db.executemany("DELETE FROM labels WHERE label = ? AND value = ? AND id = ?", rows)


def _find(db: sqlite3.Connection, id: str) -> Stored | None:
    row = db.execute("SELECT id, version, labels, body FROM documents WHERE id = ?", (id,)).fetchone()
    return None if row is None else _stored(row)


def _stored(row: tuple[str, int, bytes, bytes]) -> Stored:
    return Stored(id=row[0], version=row[1], labels=_decode_labels(row[2]), body=row[3])


def _check_name(collection: str) -> None:
    if not COLLECTION_NAME.fullmatch(collection):
        raise ValueError(
            f"collection {collection!r}: a name is lower-case letters, digits and hyphens, a letter first"
        )


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Turns what SQLite and the system say into StoreUnavailable that names the file."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise  # a fault of the caller, which no later try would mend
    except (sqlite3.DatabaseError, OSError) as e:
        advice = "check the disk's space, its permissions and that no other program holds it, then try again"
        raise StoreUnavailable(f"{file}: {e}; {advice}") from e
