"""The writing side: the truth first, then tantivy brought up to it."""

import shutil
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.contracts.article import Article
from shared.index.fields import check_searchable
from shared.index.local.folders import current_name, is_of_today, make_next, remove_others, switch
from shared.index.local.lock import WriterLock
from shared.index.local.searchable import Searchable
from shared.index.local.truth import Truth
from shared.index.port import IndexUnavailable, IndexWriter

BATCH = 50  # changes read from the truth at once; an article may hold megabytes


def open_local_writer(folder: Path, wait: float | None) -> IndexWriter:
    """The one writer of the index in `folder`, which is made if it is missing.

    Waits up to `wait` seconds (None: for ever) for another writer to end, then raises IndexUnavailable naming it.
    What an earlier writer was killed over is made good before this returns; a search folder that is missing,
    unreadable or of other fields is made anew.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = WriterLock.take(folder / "writer.lock", wait)
    except OSError as e:
        raise IndexUnavailable(f"{folder}: {e}; check that it is a folder that may be written to") from e
    try:
        return LocalWriter(folder, lock)
    except BaseException:
        lock.release()
        raise


class LocalWriter:
    """See `shared.index.port.IndexWriter`. Threads take turns."""

    def __init__(self, folder: Path, lock: WriterLock) -> None:
        self._folder = folder
        self._lock = lock
        self._turn = threading.RLock()
        self._rebuilding = False
        self._closed = False
        self._searchable: Searchable | None = None
        self._truth = Truth(folder, writing=True)
        try:
            self._catch_up()
        except BaseException:
            self._truth.close()
            raise

    def write(self, articles: Sequence[Article]) -> None:
        for article in articles:  # once kept, an article that cannot be indexed would stop all others
            check_searchable(article)
        with self._working():
            self._truth.put(articles)
            self._catch_up()

    def delete(self, ids: Sequence[str]) -> None:
        with self._working():
            self._truth.remove(ids)
            self._catch_up()

    def rebuild(self) -> Generator[int, None, None]:
        with self._working():
            if self._rebuilding:
                raise IndexUnavailable(f"{self._folder}: is being rebuilt already; wait until that is done")
            path = self._next_folder()
            self._rebuilding = True
        fresh: Searchable | None = None
        try:
            fresh = Searchable.create(path)
            yield from self._filled(fresh)
            with self._working():
                self._switch_to(fresh, path)
        except BaseException:
            if fresh is not None:  # or its threads go on making files there
                fresh.close()
            if current_name(self._folder) != path.name:  # what fails after the switch leaves it in place
                shutil.rmtree(path, ignore_errors=True)
            raise
        finally:
            self._rebuilding = False

    def _filled(self, fresh: Searchable) -> Iterator[int]:
        """Add everything, letting others write in between, until little is left: they may never stop."""
        done = 0
        while True:
            with self._working():
                changes = self._truth.changes(fresh.seen, BATCH)
                fresh.apply(changes)
            done += len(changes)
            if changes:
                yield done
            if len(changes) < BATCH:
                return

    def _switch_to(self, fresh: Searchable, path: Path) -> None:
        while changes := self._truth.changes(fresh.seen, BATCH):
            fresh.apply(changes)
        fresh.commit()
        self._let_go()
        switch(self._folder, path)
        self._truth.forget_deleted(fresh.seen)
        self._searchable = fresh

    def _next_folder(self) -> Path:
        try:
            return make_next(self._folder)
        except OSError as e:
            raise IndexUnavailable(f"{self._folder}: {e}; check the disk's space and permissions") from e

    def _let_go(self) -> None:
        """Forget what is open; its files are whole as of the last commit."""
        if self._searchable is not None:
            self._searchable.close()
            self._searchable = None

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._let_go()
            self._truth.close()
            self._lock.release()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._turn:
            if self._closed:
                raise IndexUnavailable(f"{self._folder}: this writer was closed; open another")
            yield

    def _catch_up(self) -> None:
        """Bring tantivy up to the truth. After an error it is opened anew the next time."""
        try:
            if self._searchable is None:
                self._reopen()
            else:
                self._add(self._searchable)
        except BaseException:
            self._let_go()
            raise

    def _reopen(self) -> None:
        """Take up the folder that is there if it is whole; else make another."""
        name = current_name(self._folder)
        if name is not None and is_of_today(name):
            with suppress(IndexUnavailable):
                searchable = Searchable.open(self._folder / name)
                self._add(searchable)
                if searchable.count() == self._truth.count():
                    self._searchable = searchable
                    if not self._rebuilding:
                        remove_others(self._folder, name)
                    return
                searchable.close()
        for _ in self.rebuild():
            pass

    def _add(self, searchable: Searchable) -> None:
        """Everything the truth has and this has not, committed."""
        before, deleted = searchable.seen, False
        while changes := self._truth.changes(searchable.seen, BATCH):
            searchable.apply(changes)
            deleted |= any(change.article is None for change in changes)
        if searchable.seen > before:
            searchable.commit()
        if deleted and not self._rebuilding:  # else the folder in the making has yet to see the deletions
            self._truth.forget_deleted(searchable.seen)
