"""The bus as everything else sees it: topics, partitions, consumer groups, offsets and lag.

Two adapters stand behind it, `local` (SQLite) and `kafka`; `tests/contract/test_bus.py` holds both to this page.

Errors:
    BusError
    ├── UnknownTopic        a name that is not in the table
    ├── RecordTooLarge      larger than the topic allows; nothing of its batch was written
    ├── NotOwned            a commit for a partition that this consumer does not hold (any more)
    └── BusUnavailable      the bus cannot be reached now; trying again may work
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple, Protocol


class BusError(Exception):
    """Base of all errors of the bus."""


class UnknownTopic(BusError):
    """The topic is not in the table."""


class RecordTooLarge(BusError):
    """The record is larger than its topic allows."""


class NotOwned(BusError):
    """This consumer does not hold that partition."""


class BusUnavailable(BusError):
    """The bus cannot be reached now."""


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How a topic is kept. `retention` of None keeps all; a `backfill` topic is read when live ones are empty."""

    name: str
    partitions: int = 1
    retention: timedelta | None = None
    compacted: bool = False
    max_bytes: int = 1024 * 1024
    backfill: bool = False


class Partition(NamedTuple):
    """One partition of one topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be written. Its partition follows from the key by Kafka's hash (murmur2)."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read. `timestamp` is milliseconds since the epoch, when it was written."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str]
    timestamp: int

    @property
    def place(self) -> Partition:
        """The partition it stands in."""
        return Partition(self.topic, self.partition)


class Producer(Protocol):
    """Writes records."""

    def produce(self, records: Sequence[NewRecord]) -> None:
        """Write all and return when every one is durable, in order within each key.

        Raises UnknownTopic and RecordTooLarge before anything is written, BusUnavailable at any time
        (then some may have been written: write again, readers tell copies by their ids).
        """

    def close(self) -> None:
        """Release what it holds. May be called twice."""


class AssignmentListener(Protocol):
    """Told, inside `poll` and `close`, of partitions that come and go."""

    def assigned(self, partitions: frozenset[Partition]) -> None:
        """These are ours from now on."""

    def revoked(self, partitions: frozenset[Partition]) -> None:
        """These are about to go to another member; committing for them is still allowed here."""

    def lost(self, partitions: frozenset[Partition]) -> None:
        """These are gone already; nothing may be committed for them."""


class Consumer(Protocol):
    """One member of a consumer group. Not safe to share between threads.

    It starts at the group's committed offsets, at the beginning where there are none. Members share the
    partitions of their topics evenly; each partition belongs to one member at a time.
    """

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Up to `limit` records, in order within each partition, waiting up to `timeout` seconds for the first.

        Records of backfill topics come only when no live record is to be had. Paused partitions are left out.
        """

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember durably the next offset to read, per partition. Raises NotOwned."""

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Read on from these offsets; what was polled and not committed comes again."""

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Give no records of these until resumed, and keep them."""

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Give records of these again."""

    def assignment(self) -> frozenset[Partition]:
        """The partitions held now."""

    def close(self) -> None:
        """Give up the partitions (the listener hears `revoked`) and leave the group. May be called twice."""


class Bus(Protocol):
    """The bus itself. Opening it creates the topics of the table that are missing."""

    def producer(self) -> Producer:
        """A new producer."""

    def consumer(
        self, group: str, topics: Sequence[str], listener: AssignmentListener | None = None
    ) -> Consumer:
        """A new member of `group`. Raises UnknownTopic."""

    def read(self, place: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Up to `limit` records from `offset` on, without a group: for people and for replay."""

    def ends(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """For each partition the first offset kept and the offset after the last."""

    def offset_at(self, place: Partition, timestamp: int) -> int:
        """The first offset written at or after `timestamp` (milliseconds); the end if there is none."""

    def committed(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """The group's committed offsets; partitions without one are left out."""

    def lag(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """How many records of each partition the group has not committed."""

    def reset(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Set a group's offsets. Raises NotOwned while a member holds one of the partitions."""

    def members(self, group: str) -> int:
        """How many live members the group has."""

    def maintain(self) -> None:
        """Apply retention and compaction where the bus does not do so by itself."""

    def close(self) -> None:
        """Release what it holds. May be called twice."""
