"""Dead letters as the dashboard keeps them in mind: their heads alone, read once each, so that asking again is cheap."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.bus.port import Bus, Partition, Record
from shared.contracts.messages import DeadLetter
from shared.contracts.wire import Undecodable, decode
from shared.dead_letters import COLLECTION, TOPIC
from shared.store.port import Store

# A letter may carry megabytes: few at a time.
READ_AT_ONCE = 25
# Older ones than these many are left to the command.
MOST = 20_000
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Head:
    """A letter without its message; `place` and `offset` are where the letter itself stands."""

    id: str
    service: str
    topic: str
    url: str
    error: str
    reason: str
    attempts: int
    at: datetime
    place: Partition
    offset: int


class Letters:
    """The letters that nobody has dealt with yet. Any number of threads may ask."""

    def __init__(self, bus: Bus, store: Store) -> None:
        self._bus, self._store = bus, store
        self._lock = threading.Lock()
        self._next: dict[Partition, int] = {}
        self._open: OrderedDict[str, Head] = OrderedDict()

    def open(self) -> list[Head]:
        """All of them, newest first. Raises BusUnavailable, StoreUnavailable."""
        with self._lock:
            for record in self._unread():
                self._take(record)
            for id in self._store.get_many(COLLECTION, list(self._open)):
                self._open.pop(id)
            return sorted(self._open.values(), key=lambda head: (head.at, head.id), reverse=True)

    def find(self, id: str) -> DeadLetter | None:
        """One of them whole; None when there is none, or it was dealt with."""
        head = next((head for head in self.open() if head.id == id), None)
        if head is None:
            return None
        for record in self._bus.read(head.place, head.offset, 1):
            if record.offset == head.offset:
                found: DeadLetter = decode(record).message
                return found
        return None

    def _unread(self) -> Iterator[Record]:
        """What was written since the last time."""
        for place, (first, end) in self._bus.ends(TOPIC).items():
            at = max(first, self._next.get(place, first))
            while at < end:
                records = self._bus.read(place, at, READ_AT_ONCE)
                yield from records
                at = records[-1].offset + 1 if records else end
            self._next[place] = at

    def _take(self, record: Record) -> None:
        try:
            letter: DeadLetter = decode(record).message
        except Undecodable:  # written by a later version of ours; the command of that version deals with it
            return
        self._open[letter.id] = Head(
            id=letter.id,
            service=letter.service,
            topic=letter.topic,
            url=(letter.url or letter.key)[:LONGEST],
            error=letter.error,
            reason=letter.reason[:LONGEST],
            attempts=letter.attempts,
            at=letter.at,
            place=record.place,
            offset=record.offset,
        )
        if len(self._open) > MOST:
            self._open.popitem(last=False)
