"""The crawler: what is due, fetched politely, as documents on `fetched`."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.crawler import folder
from services.crawler.documents import NotADocument, path_of, read_file
from shared.bus.port import Partition
from shared.clock import Clock
from shared.contracts.messages import FetchRequest, Source
from shared.contracts.wire import Outgoing, Received
from shared.errors import BadMessage
from shared.runner.service import Downstream, Handled, Owns, Service, Tick, each
from shared.store.port import Store, Write

log = logging.getLogger(__name__)

FOLDER_INTERVAL = 2.0
# Documents waiting for the parser above which nothing more is fetched.
MOST_AHEAD = 2000


class Crawler:
    """Folder sources today: `tick` asks for new and changed files, `handle` reads them."""

    def __init__(self, sources: Sequence[Source], store: Store, clock: Clock) -> None:
        self._sources = sources
        self._store = store
        self._clock = clock
        self._seen: dict[str, folder.SeenFile] = {}
        self._next: dict[str, datetime] = {}
        self._unreadable: dict[str, str] = {}

    def reload(self, _held: frozenset[Partition]) -> None:
        """Read anew which files were asked for."""
        self._seen = {
            stored.id: msgspec.json.decode(stored.body, type=folder.SeenFile)
            for source in self._sources
            for stored in self._store.list(folder.COLLECTION, {"source": source.id})
        }

    def tick(self, now: datetime, owns: Owns) -> Handled:
        """Requests for the files of the owned folders that are new or changed and due for a look."""
        outputs: list[Outgoing] = []
        writes: list[Write] = []
        for source in self._sources:
            if not owns("fetch-requests", folder.host_key(source)) or now < self._next.get(source.id, now):
                continue
            self._next[source.id] = now + timedelta(seconds=source.interval or FOLDER_INTERVAL)
            found = self._look(source, now)
            outputs += found.outputs
            writes += found.remember
        # Asked for from here on: should writing them fail, `reload` reads what really was remembered.
        self._seen.update((w.id, msgspec.json.decode(w.body, type=folder.SeenFile)) for w in writes)
        return Handled(tuple(outputs), tuple(writes))

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

    def handle(self, received: Received) -> Handled:
        """Read the file a request names."""
        request: FetchRequest = received.message
        if request.kind != "page" or not request.url.startswith("file:"):
            raise BadMessage(f"{request.url}: only files of folder sources are read so far")
        try:
            documents = read_file(path_of(request.url), request.source, self._clock())
        except NotADocument as e:
            return Handled(ends=f"passed over: {e}")
        outputs = tuple(Outgoing("fetched", d.url, d) for d in documents)
        is_itself = len(documents) == 1 and documents[0].url == request.url
        return Handled(outputs, ends="" if is_itself else f"split into {len(documents)} entries")


def crawler_service(sources: Sequence[Source], store: Store, clock: Clock) -> Service:
    """The crawler for these sources."""
    crawler = Crawler([s for s in sources if s.enabled], store, clock)
    return Service(
        name="crawler",
        inputs=("fetch-requests",),
        step=each(crawler.handle),
        ticks=(Tick("folders", timedelta(seconds=1), crawler.tick),),
        reload=crawler.reload,
        downstream=Downstream("parser", ("fetched", "fetched-backfill"), MOST_AHEAD),
    )
