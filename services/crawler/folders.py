"""Folder sources at work: look when a look is due, ask for new and changed files, read them."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from services.crawler import folder
from services.crawler.archives import PassedOver
from services.crawler.documents import MOST_BYTES, NotADocument, path_of
from services.crawler.files import documents_of
from services.crawler.media_types import is_archive
from services.crawler.reading import Read
from shared.clock import Clock
from shared.contracts.messages import FetchedDocument, FetchRequest, Source
from shared.contracts.wire import Outgoing
from shared.runner.service import Handled, Owns
from shared.store.port import Store, Write

log = logging.getLogger(__name__)

INTERVAL = 2.0
MOST_FAULTS = 5


class Folders:
    """`tick` asks for the files of folders that are new or changed, `handle` reads them, feeds among them by `read`."""

    def __init__(
        self, sources: Callable[[], Sequence[Source]], store: Store, clock: Clock, read: Read
    ) -> None:
        self._sources = sources
        self._store = store
        self._clock = clock
        self._read = read
        self._seen: dict[str, folder.SeenFile] = {}
        self._known: set[str] = set()
        self._next: dict[str, datetime] = {}
        self._unreadable: dict[str, str] = {}

    def reload(self) -> None:
        """Read anew which files were asked for."""
        self._seen, self._known = {}, set()

    def tick(self, now: datetime, owns: Owns) -> Handled:
        """Requests for the files of the owned folders that are new or changed and due for a look."""
        outputs: list[Outgoing] = []
        writes: list[Write] = []
        for source in self._sources():
            if not owns("fetch-requests", folder.host_key(source)) or now < self._next.get(source.id, now):
                continue
            self._next[source.id] = now + timedelta(seconds=source.interval or INTERVAL)
            self._recall(source)
            found = self._look(source, now)
            outputs += found.outputs
            writes += found.remember
        # Asked for from here on: should writing them fail, `reload` reads what really was remembered.
        self._seen.update((w.id, msgspec.json.decode(w.body, type=folder.SeenFile)) for w in writes)
        return Handled(tuple(outputs), tuple(writes))

    def _recall(self, source: Source) -> None:
        """What was asked for of this folder, before we were started."""
        if source.id not in self._known:
            for stored in self._store.list(folder.COLLECTION, {"source": source.id}):
                self._seen[stored.id] = msgspec.json.decode(stored.body, type=folder.SeenFile)
            self._known.add(source.id)

    def _look(self, source: Source, now: datetime) -> Handled:
        try:
            found = folder.requests(source, self._seen, now)
        except OSError as e:
            if self._unreadable.get(source.id) != str(e):
                log.warning("source %s: folder %s: %s", source.id, e.filename, e.strerror)
            self._unreadable[source.id] = str(e)
            return Handled()
        if self._unreadable.pop(source.id, None):
            log.warning("source %s: folder %s can be read again", source.id, source.path)
        return found

    def handle(self, request: FetchRequest) -> Handled:
        """Read the file a request names. Raises BadMessage when it is gone or cannot be read."""
        path = path_of(request.url)
        try:
            _check_size(path)
            found = list(documents_of(path, request.source, self._clock(), self._read))
        except NotADocument as e:
            return Handled(ends=f"passed over: {e}")
        documents = [d for d in found if not isinstance(d, PassedOver)]
        outputs = tuple(Outgoing("fetched", d.url, d) for d in documents)
        is_itself = len(documents) == 1 and documents[0].url == request.url
        return Handled(outputs, ends="" if is_itself else _split(documents, found))


def _check_size(path: Path) -> None:
    """What a folder's file becomes goes out in one go. Raises NotADocument."""
    if is_archive(path) and path.is_file() and (size := path.stat().st_size) > MOST_BYTES:
        raise NotADocument(
            f"too large for a folder: {size:,} bytes, at most {MOST_BYTES:,}; put it in with 'heritage-wire ingest'"
        )


def _split(documents: Sequence[FetchedDocument], found: Sequence[FetchedDocument | PassedOver]) -> str:
    """What became of a file that is several documents. The first faults stand for the others."""
    said = f"split into {len(documents)} entries"
    faults = [one.why for one in found if isinstance(one, PassedOver) and one.fault]
    if not faults:
        return said
    more = f" and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
    return f"{said}; not read: {'; '.join(faults[:MOST_FAULTS])}{more}"
