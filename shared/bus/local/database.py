"""SQLite files: made in one step, opened for durable writes, and their faults told in words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from shared.bus.port import BusError, BusUnavailable

BUSY_SECONDS = 10.0
"""How long a write waits for another process before it gives up."""

_WAL_KEPT = 16 * 1024 * 1024


def create(path: Path, schema: str) -> None:
    """Make the file with `schema`, unless it is there. Another process sees it whole or not at all."""
    if path.exists():
        return
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own, because SQLite puts further files beside the database.
        workshop = Path(mkdtemp(prefix=".new-", dir=path.parent))
        draft = workshop / path.name
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.executescript(f"BEGIN; {schema}; COMMIT")
            with suppress(FileExistsError):  # another process was faster: its file is as good
                os.link(draft, path)
            _sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
            workshop.rmdir()


def _sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; its writes are durable when they return."""
    with telling(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,  # transactions are begun in so many words
            check_same_thread=False,  # made in one thread, used in another: one at a time
        )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT}")
        return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about `path` into the errors of the bus."""
    try:
        yield
    except sqlite3.Error as fault:
        raise _in_words(path, fault) from fault
    except OSError as fault:
        raise BusUnavailable(
            f"{fault.filename or path}: {fault.strerror or fault}; see to it and try again"
        ) from fault


def _in_words(path: Path, fault: sqlite3.Error) -> BusError:
    code = getattr(fault, "sqlite_errorname", "")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusUnavailable(
            f"{path} is busy: another process has been writing to it for over {BUSY_SECONDS:.0f} s; try again, "
            "and look for a process that hangs if it stays so"
        )
    if code.startswith("SQLITE_FULL"):
        return BusUnavailable(f"the disk that holds {path} is full: make room and try again")
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return BusUnavailable(
            f"{path} cannot be written ({fault}): see that it and its folder exist and belong to this user"
        )
    if code.startswith("SQLITE_IOERR"):
        return BusUnavailable(f"the disk that holds {path} fails ({fault}, {code}): check it and try again")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return BusError(f"{path} is damaged ({fault}): restore it from a backup")
    return BusError(f"{path}: {fault} ({code or type(fault).__name__})")
