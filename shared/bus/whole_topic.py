"""A topic read whole, from its beginning on, by whoever holds its latest states in memory."""

from collections.abc import Iterator

from shared.bus.port import Bus, Partition, Record

READ_AT_ONCE = 500


class WholeTopic:
    """Reads on where it stopped. How far it has read is held in memory alone. Not for several threads."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self._bus, self._topic = bus, topic
        self._next: dict[Partition, int] = {}

    def news(self) -> Iterator[Record]:
        """Everything that was published until now and not read yet. Raises BusUnavailable; what was read is kept."""
        for place, (first, end) in self._bus.ends(self._topic).items():
            self._next[place] = max(first, self._next.get(place, first))
            while self._next[place] < end:
                records = self._bus.read(place, self._next[place], READ_AT_ONCE)
                yield from records
                # Nothing is left where the last records were compacted away.
                self._next[place] = records[-1].offset + 1 if records else end
