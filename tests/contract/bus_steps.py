"""What many bus tests do: write some, read until all are there, watch a listener."""

import time
from collections.abc import Iterable, Mapping

from shared.bus.port import Bus, Consumer, NewRecord, Partition, Record, TopicSettings
from tests.contract.bus_engines import BusFactory


class Heard:
    """A listener that remembers what it was told, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, frozenset[Partition]]] = []

    def assigned(self, partitions: frozenset[Partition]) -> None:
        self.calls.append(("assigned", partitions))

    def revoked(self, partitions: frozenset[Partition]) -> None:
        self.calls.append(("revoked", partitions))

    def lost(self, partitions: frozenset[Partition]) -> None:
        self.calls.append(("lost", partitions))


def write(bus: Bus, topic: TopicSettings, *pairs: tuple[str, bytes]) -> None:
    """Write these keys and values with a producer of their own."""
    producer = bus.producer()
    producer.produce([NewRecord(topic.name, key, value) for key, value in pairs])
    producer.close()


def numbered(key: str, count: int, start: int = 0) -> list[tuple[str, bytes]]:
    """The values 0, 1, 2, … under one key."""
    return [(key, str(number).encode()) for number in range(start, start + count)]


def take(factory: BusFactory, consumer: Consumer, count: int, limit: int = 100) -> list[Record]:
    """Poll until `count` records are there; fails when they are not within the engine's patience."""
    deadline = time.monotonic() + factory.engine.patience
    found: list[Record] = []
    while len(found) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} records within the engine's patience"
        found += consumer.poll(min(limit, count - len(found)), 0.2)
    return found


def join(factory: BusFactory, consumer: Consumer, *topics: TopicSettings) -> None:
    """Poll until the consumer holds all partitions of these topics, which are empty as yet."""
    wanted = {Partition(topic.name, number) for topic in topics for number in range(topic.partitions)}
    deadline = time.monotonic() + factory.engine.patience
    while not wanted <= consumer.assignment():
        assert time.monotonic() < deadline, "not all partitions within the engine's patience"
        assert not consumer.poll(1, 0.05)


def nothing_comes(consumer: Consumer, seconds: float = 0.3) -> bool:
    """Whether a poll of that long brings nothing."""
    return not consumer.poll(100, seconds)


def after(records: Iterable[Record]) -> Mapping[Partition, int]:
    """The offsets to commit when these have been dealt with."""
    return {record.place: record.offset + 1 for record in records}


def values(records: Iterable[Record]) -> list[bytes]:
    """Their values alone."""
    return [record.value for record in records]
