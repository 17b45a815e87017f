"""What a consumer has fetched and not yet given out, dealt out in turn so that no partition waits for another."""

from collections import deque
from collections.abc import Collection, Iterable

from shared.bus.port import Partition, Record

_ENOUGH = 256
"""Records of one partition; with so many waiting no more are fetched."""

_BUDGET = 16 * 1024 * 1024
"""Bytes of values in all; above it only partitions with nothing waiting are fetched."""

_AT_A_TIME = 16 * 1024 * 1024
"""Bytes of values after which a batch is large enough, so that large records do not fill the memory twice."""


class Fetched:
    """The records waiting, per partition held. `backfill` names the topics that wait for the others."""

    def __init__(self, backfill: Iterable[str]) -> None:
        self._late = frozenset(backfill)
        # In the order in which they are served next.
        self._waiting: dict[Partition, deque[Record]] = {}
        self._bytes = 0

    def held(self) -> frozenset[Partition]:
        """All partitions, those with nothing waiting among them."""
        return frozenset(self._waiting)

    def backfill(self) -> frozenset[Partition]:
        """Those that wait for the others."""
        return frozenset(place for place in self._waiting if place.topic in self._late)

    def full(self) -> frozenset[Partition]:
        """Those of which no more should be fetched for now."""
        enough = 1 if self._bytes > _BUDGET else _ENOUGH
        return frozenset(place for place, records in self._waiting.items() if len(records) >= enough)

    def has_live(self, paused: Collection[Partition]) -> bool:
        """Whether a record waits that is not backfill and not paused."""
        return any(
            records and place.topic not in self._late and place not in paused
            for place, records in self._waiting.items()
        )

    def has_backfill(self, paused: Collection[Partition]) -> bool:
        """Whether a backfill record waits that is not paused."""
        return any(
            records and place.topic in self._late and place not in paused
            for place, records in self._waiting.items()
        )

    def add(self, places: Iterable[Partition]) -> None:
        """Hold these from now on."""
        for place in sorted(places):
            self._waiting.setdefault(place, deque())

    def drop(self, places: Iterable[Partition]) -> None:
        """Hold these no longer; what waits of them is another's to give out."""
        for place in places:
            self.forget(place)
            self._waiting.pop(place, None)

    def forget(self, place: Partition) -> None:
        """Let go what waits of a partition: it is read again from elsewhere."""
        records = self._waiting.get(place, deque())
        self._bytes -= sum(len(record.value) for record in records)
        records.clear()

    def append(self, place: Partition, records: Iterable[Record]) -> None:
        """More of a partition; left out when it is not held."""
        if place in self._waiting:
            for record in records:
                self._waiting[place].append(record)
                self._bytes += len(record.value)

    def take(self, limit: int, paused: Collection[Partition], *, backfill: bool) -> list[Record]:
        """Up to `limit` records of one lane, about as many of each partition; who was served goes to the back."""
        taken: list[Record] = []
        served: dict[Partition, None] = {}
        size = 0
        more = [
            place
            for place, records in self._waiting.items()
            if records and (place.topic in self._late) is backfill and place not in paused
        ]
        while more and len(taken) < limit and size < _AT_A_TIME:
            each = max(1, (limit - len(taken)) // len(more))
            for place in more.copy():
                records = self._waiting[place]
                for _ in range(min(each, len(records), limit - len(taken))):
                    if size >= _AT_A_TIME:
                        break
                    taken.append(records.popleft())
                    size += len(taken[-1].value)
                    served[place] = None
                if not records:
                    more.remove(place)
        self._bytes -= size
        for place in served:
            self._waiting[place] = self._waiting.pop(place)
        return taken
