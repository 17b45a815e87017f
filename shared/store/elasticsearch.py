"""The store on Elasticsearch: one index per collection, which the first write makes.

What is read by id comes from Elasticsearch's real-time get; listings come from the search side, which is refreshed
every second. A document's version is Elasticsearch's own `_version`; a compare-and-set looks up which sequence number
that version has and makes the write conditional on it (`if_seq_no`, `if_primary_term`).
https://www.elastic.co/docs/reference/elasticsearch/rest-apis/optimistic-concurrency-control
"""

import base64
import hashlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import msgspec
from elasticsearch import ApiError, Elasticsearch

from shared.elastic import Done, ElasticSecurity, Operation, connect, in_words, refusal, send, shown
from shared.store.port import AlreadyExists, Store, Stored, StoreUnavailable, VersionConflict, Write

NAME = re.compile(r"[a-z][a-z0-9-]*")
PAGE = 200  # documents a listing holds in memory at once
AT_ONCE = 500  # ids read in one request
READY_WITHIN = 5.0  # seconds until the shards of an index must be there
TAKEN_WITHIN = "10s"  # until a node has taken a new index; full disks take none
BUCKETS = 1000  # label values counted in one request
LONGEST_ID = 512  # bytes of an `_id`; longer ones are kept under a fingerprint
LONGEST_TERM = 32_766  # bytes; Lucene's limit
FINGERPRINT = "blake2b:"

TEMPLATE: dict[str, Any] = {
    "settings": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        # Said outright, or an index that nobody lists would not be refreshed at all.
        "refresh_interval": "1s",
    },
    "mappings": {
        "dynamic": False,
        "properties": {
            "id": {"type": "keyword"},
            "labels": {"type": "keyword"},
            "body": {"type": "object", "enabled": False},
        },
    },
}

_encode = msgspec.json.Encoder().encode


def open_elasticsearch_store(
    address: str, *, prefix: str = "heritage-wire", security: ElasticSecurity | None = None
) -> Store:
    """The store on the server at `address`, in indices whose names begin with `prefix`. Makes no request yet.

    Raises ValueError for an address or prefix that is none. Open it after a fork, not before.
    """
    _check_name("prefix", prefix)
    return ElasticsearchStore(connect(address, security), address, prefix)


class _Place(NamedTuple):
    """Where a document stands in the order of writes."""

    version: int
    sequence: int
    term: int


class ElasticsearchStore:
    """See `shared.store.port.Store`; every method keeps its promises."""

    def __init__(self, client: Elasticsearch, address: str, prefix: str) -> None:
        self._client = client
        # A request that was cut off may have been done: what must happen once is not sent a second time.
        self._once = client.options(max_retries=0)
        self._address = address
        self._prefix = prefix
        self._lock = threading.Lock()
        self._made: set[str] = set()
        self._closed = False

    def get(self, collection: str, id: str) -> Stored | None:
        return self.get_many(collection, [id]).get(id)

    def get_many(self, collection: str, ids: Sequence[str]) -> Mapping[str, Stored]:
        index = self._index(collection)
        found: dict[str, Stored] = {}
        for at in range(0, len(ids), AT_ONCE):
            wanted = [{"_index": index, "_id": _key(id)} for id in ids[at : at + AT_ONCE]]
            found.update((kept.id, kept) for kept in map(_stored, self._read(wanted)))
        return found

    def create(
        self, collection: str, id: str, body: bytes, labels: Mapping[str, str] | None = None
    ) -> Stored:
        write = Write(collection, id, body, labels or {}, expected=0)
        while True:
            stored, _ = self._put(write)
            if stored is not None:
                return stored
            existing = self.get(collection, id)
            if existing is not None:  # else it was deleted in between
                raise AlreadyExists(collection, existing)

    def put(self, write: Write) -> Stored:
        stored, conflict = self._put(write)
        if stored is None:
            raise VersionConflict(conflict)
        return stored

    def put_many(self, writes: Sequence[Write]) -> None:
        conflicts: list[str] = []
        for some in _rounds(writes, self._index):
            conflicts += [conflict for _, conflict in self._write(some) if conflict]
        if conflicts:
            more = f" (and {len(conflicts) - 1} more)" if len(conflicts) > 1 else ""
            raise VersionConflict(conflicts[0] + more)

    def delete(self, collection: str, id: str) -> bool:
        index = self._index(collection)
        with self._naming():
            if not self._client.indices.exists(index=index):
                return False
            (done,) = send(self._client, [Operation({"delete": {"_index": index, "_id": _key(id)}})])
        if done.status not in (200, 404):
            raise self._fault(done)
        return done.ok

    def list(
        self,
        collection: str,
        where: Mapping[str, str] | None = None,
        after: str = "",
        limit: int | None = None,
    ) -> Iterator[Stored]:
        index, left = self._index(collection), limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            with self._naming():
                answer = self._client.search(
                    index=index,
                    ignore_unavailable=True,
                    allow_partial_search_results=False,
                    query=_matching(where),
                    sort=[{"id": "asc"}],
                    search_after=[after] if after else None,
                    size=size,
                    track_total_hits=False,
                    version=True,
                )
            page = [_stored(hit) for hit in answer["hits"]["hits"]]
            yield from page
            if len(page) < size:
                return
            after = page[-1].id
            left = None if left is None else left - len(page)

    def count(self, collection: str, where: Mapping[str, str] | None = None) -> int:
        index = self._index(collection)
        with self._naming():
            return int(
                self._client.count(index=index, ignore_unavailable=True, query=_matching(where))["count"]
            )

    def count_by(self, collection: str, label: str) -> Mapping[str, int]:
        index, wanted = self._index(collection), _term(label, "")
        counts: dict[str, int] = {}
        # Just before the first value in the order of bytes, where "<" comes before "=".
        after = f"{wanted[:-1]}<\U0010ffff"
        while True:
            buckets = self._label_values(index, wanted, after)
            for bucket in buckets:
                after = bucket["key"]["label"]
                if after.startswith(wanted):
                    counts[after[len(wanted) :]] = bucket["doc_count"]
            if len(buckets) < BUCKETS or not after.startswith(wanted):
                return counts

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self._client.close()

    def _label_values(self, index: str, wanted: str, after: str) -> Sequence[Mapping[str, Any]]:
        """The next label values in order, with their counts; those of other labels may be among them."""
        pages = {"size": BUCKETS, "sources": [{"label": {"terms": {"field": "labels"}}}]}
        with self._naming():
            answer = self._client.search(
                index=index,
                ignore_unavailable=True,
                allow_partial_search_results=False,
                query={"prefix": {"labels": wanted}},
                size=0,
                aggs={"values": {"composite": {**pages, "after": {"label": after}}}},
            )
        values = answer.get("aggregations", {}).get("values", {})
        return list(values.get("buckets", ()))

    def _put(self, write: Write) -> tuple[Stored | None, str]:
        self._index(write.collection)
        ((version, conflict),) = self._write([write])
        return (None if conflict else Stored(write.id, write.body, dict(write.labels), version)), conflict

    def _write(self, writes: Sequence[Write]) -> Sequence[tuple[int, str]]:
        """Of each write its version, or the conflict that kept it from happening. No two are of one document."""
        self._make(sorted({write.collection for write in writes}))
        places = self._places([write for write in writes if write.expected])
        conflicts: dict[tuple[str, str], str] = {}
        operations = []
        for write in writes:
            at = (self._index(write.collection), _key(write.id))
            there = places.get(at)
            if write.expected and (there is None or there.version != write.expected):
                conflicts[at] = _conflict(write, there.version if there else 0)
            else:
                operations.append(_operation(at, write, there))
        conditional = any(write.expected is not None for write in writes)
        with self._naming():
            done = {(d.index, d.id): d for d in send(self._once if conditional else self._client, operations)}
        return [self._outcome(write, done, conflicts) for write in writes]

    def _outcome(
        self, write: Write, done: Mapping[tuple[str, str], Done], conflicts: Mapping[tuple[str, str], str]
    ) -> tuple[int, str]:
        at = (self._index(write.collection), _key(write.id))
        if at in conflicts:
            return 0, conflicts[at]
        if done[at].status == 409:
            return 0, _conflict(write, None)
        if not done[at].ok:
            raise self._fault(done[at])
        return int(done[at].item["_version"]), ""

    def _places(self, writes: Sequence[Write]) -> Mapping[tuple[str, str], _Place]:
        """Where the documents of these writes stand now."""
        wanted = [
            {"_index": self._index(write.collection), "_id": _key(write.id), "_source": False}
            for write in writes
        ]
        return {
            (doc["_index"], doc["_id"]): _Place(doc["_version"], doc["_seq_no"], doc["_primary_term"])
            for at in range(0, len(wanted), AT_ONCE)
            for doc in self._read(wanted[at : at + AT_ONCE])
        }

    def _read(self, wanted: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The documents that exist, in real time."""
        if not wanted:
            return []
        deadline = time.monotonic() + READY_WITHIN
        while True:
            with self._naming():
                docs = self._client.mget(docs=wanted)["docs"]
            errors = [error for doc in docs if (error := doc.get("error"))]
            faults = [error for error in errors if error["type"] != "index_not_found_exception"]
            if not faults:
                return [doc for doc in docs if doc.get("found")]
            # An index that somebody has just made, or a node that has just gone.
            if faults[0]["type"] != "no_shard_available_action_exception" or time.monotonic() > deadline:
                said = refusal(503, faults[0]["type"], faults[0]["reason"])
                raise StoreUnavailable(f"{shown(self._address)}: {said}")
            time.sleep(0.05)

    def _make(self, collections: Sequence[str]) -> None:
        """The indices of collections that this process writes for the first time, from the template."""
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"{shown(self._address)}: the store was closed; open it again")
            for collection in collections:
                if collection not in self._made:
                    with self._naming():
                        self._make_index(self._index(collection))
                    self._made.add(collection)

    def _make_index(self, index: str) -> None:
        if self._client.indices.exists(index=index):
            return
        self._client.indices.put_index_template(
            name=f"{self._prefix}-store",
            index_patterns=[f"{self._prefix}-store-*"],
            template=TEMPLATE,
            priority=500,
        )
        try:
            made = self._client.indices.create(index=index, timeout=TAKEN_WITHIN)
        except ApiError as e:
            if e.message != "resource_already_exists_exception":
                raise
        else:
            if not made["shards_acknowledged"]:
                said = refusal(
                    503, "unassigned", f"no node has taken the new index {index} within {TAKEN_WITHIN}"
                )
                raise StoreUnavailable(f"{shown(self._address)}: {said}")

    def _index(self, collection: str) -> str:
        _check_name("collection", collection)
        if self._closed:
            raise StoreUnavailable(f"{shown(self._address)}: the store was closed; open it again")
        return f"{self._prefix}-store-{collection}"

    def _fault(self, done: Done) -> Exception:
        said = refusal(done.status, done.kind, done.reason)
        if done.never_fits:
            return ValueError(f"{shown(self._address)}: {done.index}/{done.id} is too large: it {said}")
        return StoreUnavailable(f"{shown(self._address)}: {done.index}/{done.id}: {said}")

    def _naming(self) -> AbstractContextManager[None]:
        return in_words(self._address, StoreUnavailable)


def _rounds(writes: Sequence[Write], index: Any) -> Sequence[Sequence[Write]]:
    """The writes in order, such that no round has two of one document: the later one may expect the earlier."""
    rounds: list[list[Write]] = []
    seen: dict[tuple[str, str], int] = {}
    for write in writes:
        at = (index(write.collection), write.id)
        turn = seen[at] = seen.get(at, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(write)
    return rounds


def _operation(at: tuple[str, str], write: Write, there: _Place | None) -> Operation:
    index, id = at
    header: dict[str, Any] = {"_index": index, "_id": id}
    if there is not None:
        header |= {"if_seq_no": there.sequence, "if_primary_term": there.term}
    labels = [_term(name, value) for name, value in write.labels.items()]
    for term in (write.id, *labels):
        if len(term.encode()) > LONGEST_TERM:
            raise ValueError(
                f"{write.collection}/{write.id[:80]}: {term[:80]!r}… has more than {LONGEST_TERM} bytes"
            )
    document = {"id": write.id, "labels": labels, "body": base64.b64encode(write.body).decode()}
    return Operation({"create" if write.expected == 0 else "index": header}, _encode(document))


def _stored(document: Mapping[str, Any]) -> Stored:
    source = document["_source"]
    return Stored(
        id=source["id"],
        body=base64.b64decode(source["body"]),
        labels=dict(map(_label, source["labels"])),
        version=document["_version"],
    )


def _conflict(write: Write, version: int | None) -> str:
    if version is None:
        found = "exists" if write.expected == 0 else "was written in between"
    else:
        found = f"is at version {version}" if version else "does not exist"
    return f"{write.collection}/{write.id} {found}, not at the expected {write.expected}; read it again"


def _matching(where: Mapping[str, str] | None) -> Mapping[str, Any]:
    terms = [{"term": {"labels": _term(name, value)}} for name, value in (where or {}).items()]
    return {"bool": {"filter": terms}} if terms else {"match_all": {}}


def _term(name: str, value: str) -> str:
    """A label as one term. The first "=" ends the name, so one within the name is written otherwise."""
    return f"{name.replace('%', '%25').replace('=', '%3D')}={value}"


def _label(term: str) -> tuple[str, str]:
    name, _, value = term.partition("=")
    return name.replace("%3D", "=").replace("%25", "%"), value


def _key(id: str) -> str:
    """The `_id` that a document has in Elasticsearch: its own, or a fingerprint of one that is too long."""
    encoded = id.encode()
    if len(encoded) <= LONGEST_ID and not id.startswith(FINGERPRINT):
        return id
    return FINGERPRINT + hashlib.blake2b(encoded).hexdigest()


def _check_name(what: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"{what} {name!r}: a name is lower-case letters, digits and hyphens, a letter first")
