"""Rebuilding the index on request: who wants it leaves a request in the store, and an indexer carries it out.

Only the indexer writes the index, so nobody else rebuilds it; this way is the same for one indexer and for many. The
request is one document. An indexer claims it by compare-and-set, works in a thread of its own while articles go on
being written, and tells in the document how far it is. One that stops gives the request back. One that is killed falls
silent, and after a while another begins anew: until the end a rebuild changes nothing that is searched.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from shared.clock import Clock
from shared.contracts.article import Struct
from shared.index.port import IndexUnavailable, IndexWriter
from shared.runner.service import Handled, Owns, Tick
from shared.store.port import Store, Stored, StoreUnavailable, VersionConflict, Write

log = logging.getLogger(__name__)

COLLECTION = "reindex"
ID = "request"
LOOK_EVERY = timedelta(seconds=1)
TELL_EVERY = timedelta(seconds=1)
# Longer than any step of a rebuild; one that has told nothing for so long is taken for dead.
SILENT = timedelta(seconds=30)
# Seconds between two steps of a rebuild, so that a write that waits for its turn is sure to get it.
BREATH = 0.005


class Request(Struct, frozen=True, kw_only=True):
    """A wish to have the index rebuilt, and how far it is."""

    id: str
    state: Literal["asked", "under way", "done", "failed"]
    told_at: datetime
    done: int = 0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out, or to its end."""
        return self.state in ("asked", "under way")


class AskedAlready(Exception):
    """A rebuild was asked for before and has not ended."""


def ask(store: Store, now: datetime) -> Request:
    """Ask for a rebuild. Raises AskedAlready, unless the earlier request is one that nobody works on any more."""
    stored = store.get(COLLECTION, ID)
    known = _read(stored)
    if known and known.is_open and now - known.told_at < SILENT:
        told = f"{known.done} documents are done" if known.state == "under way" else "it is about to begin"
        raise AskedAlready(f"the index is being rebuilt already ({told}); wait until that has ended")
    request = Request(id=uuid4().hex, state="asked", told_at=now)
    try:
        store.put(_write(request, stored.version if stored else 0))
    except VersionConflict as e:
        raise AskedAlready(
            "somebody else has asked for a rebuild this moment; wait until that has ended"
        ) from e
    return request


def withdraw(store: Store, asked: Request, now: datetime) -> None:
    """Give a request up: whoever works on it stops, and the index stays as it was. One that has ended is left alone."""
    while True:
        stored = store.get(COLLECTION, ID)
        known = _read(stored)
        if stored is None or known is None or known.id != asked.id or not known.is_open:
            return
        try:
            store.put(
                _write(replace(known, state="failed", reason="was given up", told_at=now), stored.version)
            )
        except VersionConflict:  # the indexer told how far it is
            continue


def standing(store: Store) -> Request | None:
    """The last request, as of now."""
    return _read(store.get(COLLECTION, ID))


def _read(stored: Stored | None) -> Request | None:
    """The request; None also for what another version of this program left there."""
    try:
        return msgspec.json.decode(stored.body, type=Request) if stored else None
    except msgspec.DecodeError:
        return None


def _write(request: Request, expected: int) -> Write:
    return Write(COLLECTION, ID, msgspec.json.encode(request), expected=expected)


class Claim:
    """A request that is ours. Every word about it raises VersionConflict once it is not any more."""

    def __init__(self, store: Store, stored: Stored, request: Request, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._version = stored.version
        self._request = request
        self._told_at = clock()
        self._put(replace(request, state="under way", done=0, told_at=self._told_at))

    def tell(self, done: int) -> None:
        """How many documents are done; now and then it is written down."""
        now = self._clock()
        if now - self._told_at >= TELL_EVERY:
            self._told_at = now
            try:
                self._put(replace(self._request, done=done, told_at=now))
            except StoreUnavailable as e:
                log.warning("reindex: cannot tell that %d documents are done: %s", done, e)

    def give_back(self) -> None:
        """Leave it to the next indexer, from the beginning."""
        self._put(replace(self._request, state="asked", done=0, told_at=self._clock()))

    def finish(self, done: int) -> None:
        """It is done."""
        self._put(replace(self._request, state="done", done=done, told_at=self._clock()))

    def fail(self, reason: str) -> None:
        """It cannot be done."""
        self._put(replace(self._request, state="failed", reason=reason, told_at=self._clock()))

    def _put(self, request: Request) -> None:
        self._version = self._store.put(_write(request, self._version)).version
        self._request = request


class Reindexer:
    """Carries requests out, one at a time. `tick` and `close` are for one thread."""

    def __init__(self, writer: IndexWriter, store: Store, clock: Clock, silent: timedelta = SILENT) -> None:
        """`silent`: how long another indexer says nothing before it is dead; zero where there can be no other."""
        self._writer = writer
        self._store = store
        self._clock = clock
        self._silent = silent
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # The version of a claimed request, and since when it is the same.
        self._watched: tuple[int, datetime] | None = None

    def tick(self, now: datetime, _owns: Owns) -> Handled:
        """Begin what was asked for. Raises StoreUnavailable."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = None
            claim = self._claim(now)
            if claim is not None:
                self._thread = threading.Thread(target=self._work, args=(claim,), name="reindex", daemon=True)
                self._thread.start()
        return Handled()

    def close(self) -> None:
        """Give back what is under way, and return when nothing is. May be called twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _claim(self, now: datetime) -> Claim | None:
        stored = self._store.get(COLLECTION, ID)
        request = _read(stored)
        if stored is None or request is None or not request.is_open:
            return None
        if request.state == "under way" and not self._is_silent(stored, now):
            return None
        try:
            return Claim(self._store, stored, request, self._clock)
        except VersionConflict:  # another indexer was faster
            return None

    def _is_silent(self, stored: Stored, now: datetime) -> bool:
        """Seen by our own clock: those of other machines may differ."""
        if self._watched is None or self._watched[0] != stored.version:
            self._watched = (stored.version, now)
        return now - self._watched[1] >= self._silent

    def _work(self, claim: Claim) -> None:
        try:
            self._told(self._carry_out(claim))
        except VersionConflict:
            log.warning("reindex: the request was given up or taken over by another indexer")

    def _carry_out(self, claim: Claim) -> Callable[[], None]:
        """Rebuild; returns how it ended, to be told once nothing of it is left open. Raises VersionConflict."""
        done = 0
        try:
            with closing(self._writer.rebuild()) as steps:
                for done in steps:
                    claim.tell(done)
                    if self._stop.wait(BREATH):
                        return claim.give_back
        except VersionConflict:
            raise
        except IndexUnavailable as e:
            reason = str(e)
        except Exception as e:  # told to whoever asked; indexing goes on
            log.exception("reindex")
            reason = f"{type(e).__name__}: {e}; this is a fault of the program, see the indexer's log"
        else:
            return lambda: claim.finish(done)
        return claim.give_back if self._stop.is_set() else lambda: claim.fail(reason)

    def _told(self, end: Callable[[], None]) -> None:
        try:
            end()
        except StoreUnavailable as e:
            log.warning("reindex: cannot tell how it ended, so it will be done again: %s", e)


def reindex_tick(reindexer: Reindexer) -> Tick:
    """Looks for requests."""
    return Tick("reindex", LOOK_EVERY, reindexer.tick)
