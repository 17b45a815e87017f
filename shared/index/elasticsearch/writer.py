"""The writing side: bulk operations into the months' indices, made as they are needed."""

import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from elasticsearch import Elasticsearch

from shared.contracts.article import Article
from shared.elastic import Done, ElasticSecurity, Operation, connect, in_words, refusal, send, shown
from shared.index.elasticsearch.deletion import Deletions
from shared.index.elasticsearch.document import operation
from shared.index.elasticsearch.indices import Indices
from shared.index.elasticsearch.layout import Layout
from shared.index.elasticsearch.rebuild import Rebuild, end_abandoned_rebuild
from shared.index.port import IndexUnavailable, IndexWriter, age

IDS_AT_ONCE = 1000
PAUSE = 0.05
# Articles of one request, and requests at once.
FIRST_PART, PART = 25, 200
SENDERS = 3


def open_elasticsearch_writer(
    address: str,
    *,
    prefix: str = "heritage-wire",
    shards: int = 1,
    patience: float = 30.0,
    security: ElasticSecurity | None = None,
) -> IndexWriter:
    """Writes the articles under `prefix` on the server at `address`. Makes no request yet.

    Any number of writers may be open at once, in any process. `shards` are of each month's index, for months that
    begin from now on. A rebuild stops writes for a moment; one that has stopped them for `patience` seconds is taken for
    dead and ended. Raises ValueError for an address or prefix that is none.
    """
    return ElasticsearchWriter(connect(address, security), address, Layout(prefix, shards), patience)


class ElasticsearchWriter:
    """See `shared.index.port.IndexWriter`. Safe to share between threads."""

    def __init__(self, client: Elasticsearch, address: str, layout: Layout, patience: float) -> None:
        self._client = client
        self._address = address
        self._layout = layout
        self._seconds = patience
        self._indices = Indices(client, layout)
        self._deletions = Deletions(client, layout)
        self._rebuilding = threading.Lock()
        self._closed = False

    def write(self, articles: Sequence[Article]) -> None:
        newest: dict[str, Article] = {}
        for article in articles:
            if article.id not in newest or age(article) >= age(newest[article.id]):
                newest[article.id] = article
        written: set[str] = set()
        sending: list[Future[None]] = []
        # While the server works on some parts, the next is made ready here. No article is in two of them.
        with self._working(), ThreadPoolExecutor(SENDERS) as senders:
            for part in _parts(list(newest.values())):
                operations = {article.id: operation(self._layout, article) for article in part}
                written.update(map(_alias, operations.values()))
                sending.append(senders.submit(self._send, operations))
            for sent in sending:
                sent.result()
            if written:
                self._client.indices.refresh(index=sorted(written))

    def delete(self, ids: Sequence[str]) -> None:
        with self._working():
            for at in range(0, len(ids), IDS_AT_ONCE):
                self._delete(list(dict.fromkeys(ids[at : at + IDS_AT_ONCE])))

    def rebuild(self) -> Generator[int, None, None]:
        if not self._rebuilding.acquire(blocking=False):
            raise IndexUnavailable(
                f"{shown(self._address)}: {self._layout.all} is being rebuilt already; wait until that is done"
            )
        try:
            with self._working():
                yield from Rebuild(self._client, self._layout).run()
        finally:
            self._rebuilding.release()

    def close(self) -> None:
        self._closed = True
        self._client.close()

    def _send(self, operations: Mapping[str, Operation]) -> None:
        """Until each was taken or found to be older than what is kept."""
        patience = _Patience(self._indices, self._seconds)
        while operations:
            results = send(self._client, operations.values(), require_alias=True)
            again = self._to_repeat([done for done in results if not done.ok], operations, patience)
            operations = {id: operations[id] for id in again}

    def _to_repeat(
        self, refused: Sequence[Done], operations: Mapping[str, Operation], patience: "_Patience"
    ) -> Sequence[str]:
        """The ids of what may be written now that what stood in its way is cleared; older versions are passed over.

        Raises IndexUnavailable, and ValueError for an article that Elasticsearch cannot take.
        """
        homeless, conflicts, stopped = [], [], []
        for done in refused:
            if done.status == 409:
                conflicts.append(done.id)
            elif done.kind == "index_not_found_exception":
                homeless.append(done.id)
            elif _is_stopped(done):
                stopped.append(done.id)
            else:
                raise self._fault(done)
        for alias in sorted({_alias(operations[id]) for id in homeless}):
            self._indices.make_month(alias.removeprefix(self._layout.write("")))
        deleted = self._deleted_before(conflicts, operations)
        again = [*homeless, *deleted, *stopped]
        if again:
            patience.wait(stopped=bool(stopped))
        return again

    def _deleted_before(self, ids: Sequence[str], operations: Mapping[str, Operation]) -> Sequence[str]:
        """Of the ids that are said to have a newer version those that do not exist: a deletion may linger a moment."""
        if not ids:
            return []
        aliases = sorted({_alias(operations[id]) for id in ids})
        self._client.indices.refresh(index=aliases)
        wanted = [{"_index": _alias(operations[id]), "_id": id, "_source": False} for id in ids]
        docs = self._client.mget(docs=wanted)["docs"]
        return [doc["_id"] for doc in docs if doc.get("found") is False]

    def _delete(self, ids: Sequence[str]) -> None:
        for done in self._deletions.note(ids):
            raise self._fault(done)
        patience = _Patience(self._indices, self._seconds)
        while True:
            places = self._deletions.places(ids, self._layout.all)
            if not places:
                return
            refused = self._deletions.remove(places)
            for done in refused:
                if not _is_stopped(done):
                    raise self._fault(done)
            self._client.indices.refresh(index=sorted({i for found in places.values() for i in found}))
            if not refused:
                return
            patience.wait(stopped=True)

    def _fault(self, done: Done) -> Exception:
        said = refusal(done.status, done.kind, done.reason)
        if done.status == 400 or done.never_fits:
            return ValueError(f"article {done.id} cannot be indexed: {shown(self._address)} {said}")
        return IndexUnavailable(f"{shown(self._address)}: {done.index}/{done.id}: {said}")

    @contextmanager
    def _working(self) -> Iterator[None]:
        if self._closed:
            raise IndexUnavailable(f"{shown(self._address)}: this writer was closed; open another")
        with in_words(self._address, IndexUnavailable):
            yield


def _parts(articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
    """A small part first, so that the server has something to do soon, then large ones."""
    yield from filter(None, (articles[:FIRST_PART],))
    for at in range(FIRST_PART, len(articles), PART):
        yield articles[at : at + PART]


class _Patience:
    """Waits for a rebuild to change places, and ends one that died over it."""

    def __init__(self, indices: Indices, seconds: float) -> None:
        self._indices = indices
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def wait(self, *, stopped: bool) -> None:
        """A moment. Raises IndexUnavailable when it has been too many."""
        if time.monotonic() > self._deadline:
            if not (stopped and end_abandoned_rebuild(self._indices)):
                raise IndexUnavailable(
                    f"{self._indices.layout.all}: has taken no writes for {self._seconds:g} s; if nobody set the "
                    "block index.blocks.write on purpose, set it to null, and try again"
                )
            self._deadline = time.monotonic() + self._seconds
        time.sleep(PAUSE)


def _is_stopped(done: Done) -> bool:
    return done.kind == "cluster_block_exception" and "index write (api)" in done.reason


def _alias(made: Operation) -> str:
    (action,) = made.action.values()
    return str(action["_index"])
