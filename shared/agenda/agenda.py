"""What is to be done later: messages that are not due yet, kept per key and owned with their partition.

A message that has to wait goes here and its offset is committed, so nothing waits inside a partition. The owner
of the partition loads its items from the store, works what is due one at a time per key, and removes what is done.
A killed owner's items are there for the next one.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from shared.bus.port import Partition, Record
from shared.contracts.article import Struct
from shared.store.port import Store, Write


class AgendaItem(Struct, frozen=True, kw_only=True):
    """A record to be handled (again) at `due`. `id` is derived from where the record stands."""

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

    @property
    def place(self) -> Partition:
        """The partition that owns it."""
        return Partition(self.topic, self.partition)

    def record(self) -> Record:
        """The record as it was read."""
        return Record(
            self.topic, self.partition, self.offset, self.key, self.value, self.headers, self.timestamp
        )


def item_of(record: Record, id: str, due: datetime, attempts: int) -> AgendaItem:
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
    )


class Agenda:
    """The items of the partitions that one runner owns. Used by that runner's thread alone."""

    def __init__(self, store: Store, service: str) -> None:
        self._store = store
        self._collection = f"agenda-{service}"
        self._items: dict[str, AgendaItem] = {}

    def load(self, partitions: Iterable[Partition]) -> None:
        """Take over these partitions' items from the store."""
        for place in partitions:
            for stored in self._store.list(self._collection, {"partition": _label(place)}):
                item = msgspec.json.decode(stored.body, type=AgendaItem)
                self._items[item.id] = item

    def drop(self, partitions: Iterable[Partition]) -> None:
        """Forget these partitions' items here; they stay in the store for their next owner."""
        gone = frozenset(partitions)
        self._items = {id: item for id, item in self._items.items() if item.place not in gone}

    def put(self, items: Iterable[AgendaItem]) -> None:
        """Keep these, durably, in place of earlier ones of the same id."""
        kept = list(items)
        self._store.put_many([self._write(item) for item in kept])
        self._items.update((item.id, item) for item in kept)

    def done(self, ids: Iterable[str]) -> None:
        """Remove these, durably."""
        for id in ids:
            self._store.delete(self._collection, id)
            self._items.pop(id, None)

    def due(self, now: datetime, limit: int) -> list[AgendaItem]:
        """Up to `limit` items whose time has come, earliest first, one per key."""
        first: dict[str, AgendaItem] = {}
        for item in sorted(self._items.values(), key=lambda i: (i.due, i.id)):
            if item.due > now or len(first) == limit:
                break
            first.setdefault(item.key, item)
        return list(first.values())

    def __len__(self) -> int:
        return len(self._items)

    def _write(self, item: AgendaItem) -> Write:
        labels = {"partition": _label(item.place)}
        return Write(self._collection, item.id, msgspec.json.encode(item), labels)


def _label(place: Partition) -> str:
    return f"{place.topic}/{place.number}"
