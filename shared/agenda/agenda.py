"""What is to be done later: messages that are not due yet, kept per key and owned with their partition.

A message that has to wait goes here and its offset is committed, so nothing waits inside a partition. The owner
of the partition loads its items from the store, works what is due one at a time per key, and removes what is done.
A killed owner's items are there for the next one.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from heapq import heappop, heappush, nsmallest

import msgspec

from shared.bus.port import Partition, Record
from shared.contracts.article import Struct
from shared.contracts.topics import BACKFILL
from shared.store.port import Store, Write


class AgendaItem(Struct, frozen=True, kw_only=True):
    """A record to be handled (again) at `due`. `id` is derived from where the record stands.

    `attempts` counts tries that fail; `returns` how often it came back because it was timed to.
    """

    id: str
    due: datetime
    attempts: int
    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: dict[str, str]
    timestamp: int
    returns: int = 0

    @property
    def place(self) -> Partition:
        """The partition that owns it."""
        return Partition(self.topic, self.partition)

    def record(self) -> Record:
        """The record as it was read."""
        return Record(
            self.topic, self.partition, self.offset, self.key, self.value, self.headers, self.timestamp
        )


def item_of(record: Record, id: str, due: datetime, attempts: int, returns: int = 0) -> AgendaItem:
    """The agenda item for a record that is to come again."""
    return AgendaItem(
        id=id,
        due=due,
        attempts=attempts,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=dict(record.headers),
        timestamp=record.timestamp,
        returns=returns,
    )


class Agenda:
    """The items of the partitions that one runner owns. Used by that runner's thread alone."""

    def __init__(self, store: Store, service: str) -> None:
        self._store = store
        self._collection = f"agenda-{service}"
        self._items: dict[str, AgendaItem] = {}
        # Heaps hold what was; an entry counts while its item is still the one of that due time.
        self._later: list[tuple[datetime, str]] = []
        self._ready: dict[str, list[tuple[bool, datetime, str]]] = {}

    def load(self, partitions: Iterable[Partition]) -> None:
        """Take over these partitions' items from the store."""
        for place in partitions:
            for stored in self._store.list(self._collection, {"partition": _label(place)}):
                self._keep(msgspec.json.decode(stored.body, type=AgendaItem))

    def drop(self, partitions: Iterable[Partition]) -> None:
        """Forget these partitions' items here; they stay in the store for their next owner."""
        gone = frozenset(partitions)
        self._items = {id: item for id, item in self._items.items() if item.place not in gone}

    def put(self, items: Iterable[AgendaItem]) -> None:
        """Keep these, durably, in place of earlier ones of the same id."""
        kept = list(items)
        self._store.put_many([self._write(item) for item in kept])
        for item in kept:
            self._keep(item)

    def done(self, ids: Iterable[str]) -> None:
        """Remove these, durably."""
        for id in ids:
            self._store.delete(self._collection, id)
            self._items.pop(id, None)

    def due(
        self, now: datetime, limit: int, may: Callable[[str], bool] = lambda _key: True
    ) -> list[AgendaItem]:
        """Up to `limit` items whose time has come, one per key for which `may(key)` holds: news first, then earliest."""
        while self._later and self._later[0][0] <= now:
            due, id = heappop(self._later)
            item = self._items.get(id)
            if item and item.due == due:
                entry = (item.topic.endswith(BACKFILL), due, id)
                heappush(self._ready.setdefault(item.key, []), entry)
        first = [order for key in list(self._ready) if may(key) and (order := self._first(key))]
        return [self._items[id] for _, _, id in nsmallest(limit, first)]

    def __contains__(self, id: str) -> bool:
        return id in self._items

    def __len__(self) -> int:
        return len(self._items)

    def _keep(self, item: AgendaItem) -> None:
        known = self._items.get(item.id)
        self._items[item.id] = item
        if known is None or known.due != item.due:
            heappush(self._later, (item.due, item.id))

    def _first(self, key: str) -> tuple[bool, datetime, str] | None:
        """The key's first ready item; entries of items that are gone or not due any more are cleared away."""
        heap = self._ready[key]
        while heap:
            item = self._items.get(heap[0][2])
            if item and item.due == heap[0][1]:
                return heap[0]
            heappop(heap)
        del self._ready[key]
        return None

    def _write(self, item: AgendaItem) -> Write:
        labels = {"partition": _label(item.place)}
        return Write(self._collection, item.id, msgspec.json.encode(item), labels)


def _label(place: Partition) -> str:
    return f"{place.topic}/{place.number}"
