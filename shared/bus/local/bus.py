"""The local bus as one object: the port of `shared/bus/port.py` over a folder."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock

from shared.bus.checking import unknown_topic
from shared.bus.local.consumer import LocalConsumer
from shared.bus.local.database import telling
from shared.bus.local.locks import FileLock
from shared.bus.local.membership import group_folder, live_members, partition_lock
from shared.bus.local.offsets import GroupOffsets
from shared.bus.local.producer import LocalProducer
from shared.bus.local.topic_log import TopicLog, create_topic, places
from shared.bus.local.upkeep import tidy
from shared.bus.port import (
    AssignmentListener,
    NotOwned,
    Partition,
    Record,
    TopicSettings,
    UnknownTopic,
)


def _milliseconds_now() -> int:
    return time.time_ns() // 1_000_000


def open_local_bus(
    root: Path, topics: Iterable[TopicSettings], clock: Callable[[], int] = _milliseconds_now
) -> "LocalBus":
    """The bus kept in the folder `root`; topics that are missing are made. `clock` gives milliseconds since the epoch.

    A topic that is there keeps the number of partitions it was made with. Raises BusUnavailable where the folder
    cannot be written, BusError where a file is damaged.
    """
    table = {settings.name: settings for settings in topics}
    for settings in table.values():
        create_topic(root, settings)
    return LocalBus(root, table, clock)


class LocalBus:
    """The bus in a folder. Its methods may be called from any thread; who opens producers and consumers closes them."""

    def __init__(self, root: Path, table: Mapping[str, TopicSettings], clock: Callable[[], int]) -> None:
        self._root = root
        self._table = table
        self._clock = clock
        self._turn = RLock()
        self._logs = self._new_logs(table)

    def producer(self) -> LocalProducer:
        """A new producer."""
        return LocalProducer(self._new_logs(self._table), self._clock)

    def consumer(
        self, group: str, topics: Sequence[str], listener: AssignmentListener | None = None
    ) -> LocalConsumer:
        """A new member of `group`; it joins with its first poll."""
        for topic in topics:
            self._log(topic)
        return LocalConsumer(group_folder(self._root, group), self._new_logs(topics), listener)

    def read(self, place: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Up to `limit` records from `offset` on, without a group."""
        with self._turn:
            log = self._log_at(place)
            return log.read(place.number, offset, log.next_offsets()[place.number], limit)

    def ends(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """For each partition the first offset kept and the offset after the last."""
        with self._turn:
            return {Partition(topic, number): span for number, span in self._log(topic).ends().items()}

    def offset_at(self, place: Partition, timestamp: int) -> int:
        """The first offset written at or after `timestamp` (milliseconds); the end if there is none."""
        with self._turn:
            return self._log_at(place).offset_at(place.number, timestamp)

    def committed(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """The group's committed offsets; partitions without one are left out."""
        for topic in topics:
            self._log(topic)
        with self._offsets(group) as offsets:
            return {place: offset for place, offset in offsets.load().items() if place.topic in topics}

    def lag(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """How many records of each partition the group has not committed."""
        committed = self.committed(group, topics)
        with self._turn:
            return {
                place: self._behind(place, committed.get(place, first), first, end)
                for topic in topics
                for place, (first, end) in self.ends(topic).items()
            }

    def reset(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Set a group's offsets. Raises NotOwned while a member holds one of the partitions."""
        folder = group_folder(self._root, group)
        locks: list[FileLock] = []
        try:
            for place in offsets:
                self._log_at(place)
                lock = partition_lock(folder, place)
                if lock is None:
                    raise NotOwned(
                        f"a member of group {group!r} holds {place.topic!r} partition {place.number}: stop the "
                        "group's services, then set its offsets"
                    )
                locks.append(lock)
            with self._offsets(group) as kept:
                kept.save(offsets)
        finally:
            for lock in locks:
                lock.release()

    def members(self, group: str) -> int:
        """How many live members the group has."""
        return len(live_members(group_folder(self._root, group)))

    def maintain(self) -> None:
        """Apply retention and compaction; nothing while another process is at it."""
        with telling(self._root):
            lock = FileLock.take(self._root / "upkeep.lock")
        if lock is None:
            return
        try:
            for log in self._new_logs(self._table).values():
                with closing(log):
                    tidy(log, self._clock())
        finally:
            lock.release()

    def close(self) -> None:
        """Release the files. May be called twice."""
        with self._turn:
            for log in self._logs.values():
                log.close()

    def _new_logs(self, topics: Iterable[str]) -> dict[str, TopicLog]:
        return {topic: TopicLog(self._root, self._table[topic]) for topic in topics}

    def _log(self, topic: str) -> TopicLog:
        if topic not in self._logs:
            raise unknown_topic(topic, self._logs)
        return self._logs[topic]

    def _log_at(self, place: Partition) -> TopicLog:
        log = self._log(place.topic)
        with self._turn:
            known = places(log)
        if place not in known:
            raise UnknownTopic(
                f"topic {place.topic!r} has partitions 0 to {len(known) - 1} and no {place.number}"
            )
        return log

    def _behind(self, place: Partition, committed: int, first: int, end: int) -> int:
        start = max(committed, first)
        if self._table[place.topic].compacted:
            return self._logs[place.topic].count(place.number, start)
        return max(0, end - start)

    @contextmanager
    def _offsets(self, group: str) -> Iterator[GroupOffsets]:
        offsets = GroupOffsets(group_folder(self._root, group))
        try:
            yield offsets
        finally:
            offsets.close()
