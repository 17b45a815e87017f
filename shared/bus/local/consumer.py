"""Reading from the local bus as a member of a group."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from shared.bus.local.membership import Membership
from shared.bus.local.offsets import GroupOffsets
from shared.bus.local.topic_log import TopicLog
from shared.bus.port import AssignmentListener, BusError, NotOwned, Partition, Record

_SHORTEST_NAP, _LONGEST_NAP = 0.0005, 0.04
"""Seconds between two looks for new records: about a fifth of the time since the last ones came."""

_LOOK_AROUND, _LOOK_AGAIN = 0.25, 0.02
"""Seconds between two looks at the group; the second while another member has yet to give up something of ours."""

_BUDGET = 16 * 1024 * 1024
"""Bytes of values after which a poll takes no more, so that large records do not fill the memory."""


class LocalConsumer:
    """One member of a group; it joins with its first poll. Not safe to share between threads."""

    def __init__(
        self, group: Path, logs: Mapping[str, TopicLog], listener: AssignmentListener | None = None
    ) -> None:
        self._group = group
        self._logs = logs
        self._listener = listener
        self._offsets = GroupOffsets(group)
        self._membership: Membership | None = None
        self._closed = False
        self._look_at = 0.0
        self._nap = _SHORTEST_NAP
        # The partitions held, in the order in which they are served next, with the offset to read next.
        self._next: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._versions: dict[str, int] = {}
        self._ends: dict[str, dict[int, int]] = {}

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Up to `limit` records; backfill when no live one is to be had. Partitions come and go in here."""
        if self._closed:
            raise BusError(f"this consumer of group {self._group.name!r} is closed: open a new one")
        deadline = time.monotonic() + timeout
        while True:
            self._look_around()
            if records := self._take(limit):
                self._nap = _SHORTEST_NAP
                return records
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            time.sleep(min(self._nap, left))
            self._nap = min(self._nap * 1.25, _LONGEST_NAP)

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember durably the next offset to read, per partition: all or none."""
        self._must_hold(offsets, "commit for")
        if offsets:
            self._offsets.save(offsets)

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Read on from these offsets. Raises NotOwned."""
        self._must_hold(offsets, "seek in")
        self._next |= offsets

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Give no records of these until resumed; those not held are passed over."""
        self._paused.update(place for place in partitions if place in self._next)

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Give records of these again."""
        self._paused.difference_update(partitions)

    def assignment(self) -> frozenset[Partition]:
        """The partitions held now."""
        return frozenset(self._next)

    def close(self) -> None:
        """Give up the partitions (the listener hears `revoked`) and leave the group. May be called twice."""
        if self._closed:
            return
        try:
            if self._next:
                self._give_up(self.assignment())
        finally:
            self._closed = True
            if self._membership is not None:
                self._membership.leave()
            self._offsets.close()
            for log in self._logs.values():
                log.close()

    def _must_hold(self, places: Iterable[Partition], what: str) -> None:
        for place in places:
            if place not in self._next:
                raise NotOwned(
                    f"group {self._group.name!r} cannot {what} {place.topic!r} partition {place.number} here: this "
                    "member does not hold it (any more); leave it to the one that does"
                )

    def _look_around(self) -> None:
        """Give up what is another's by now, and take what is ours and free."""
        now = time.monotonic()
        if now < self._look_at:
            return
        if self._membership is None:
            topics = {topic: log.partitions for topic, log in self._logs.items()}
            self._membership = Membership(self._group, topics)
        target = self._membership.target()
        if foreign := self._membership.held() - target:
            self._give_up(foreign)
        wanted = target - self._membership.held()
        got = self._membership.take(sorted(wanted))
        if got:
            self._begin(self._membership, got)
        self._look_at = now + (_LOOK_AROUND if got == wanted else _LOOK_AGAIN)

    def _begin(self, membership: Membership, places: frozenset[Partition]) -> None:
        """Start where the group left off; from the first record where that is no place in the topic (any more)."""
        try:
            committed = self._offsets.load()
            ends = {topic: self._logs[topic].ends() for topic in {place.topic for place in places}}
        except BaseException:
            membership.release(places)
            raise
        for place in sorted(places):
            first, end = ends[place.topic][place.number]
            offset = committed.get(place, first)
            self._next[place] = offset if first <= offset <= end else first
        if self._listener is not None:
            self._listener.assigned(places)

    def _give_up(self, places: frozenset[Partition]) -> None:
        try:
            if self._listener is not None:
                self._listener.revoked(places)
        finally:
            for place in places:
                del self._next[place]
            self._paused -= places
            if self._membership is not None:
                self._membership.release(places)

    def _take(self, limit: int) -> list[Record]:
        waiting = [place for place in self._next if place not in self._paused]
        topics = {place.topic for place in waiting}
        for backfill in (False, True):
            lane = {topic for topic in topics if self._logs[topic].settings.backfill is backfill}
            for topic in lane:
                self._look_at_end(topic)
            ready = [p for p in waiting if p.topic in lane and self._next[p] < self._ends[p.topic][p.number]]
            if ready and (records := self._gather(ready, limit)):
                return records
        return []

    def _look_at_end(self, topic: str) -> None:
        version = self._logs[topic].version()  # before the ends: a write in between is seen next time
        if version != self._versions.get(topic):
            self._ends[topic] = self._logs[topic].next_offsets()
            self._versions[topic] = version

    def _gather(self, ready: Collection[Partition], limit: int) -> list[Record]:
        """Records of these partitions in turn, about as many of each; who was served goes to the back."""
        records: list[Record] = []
        reached = {place: self._next[place] for place in ready}
        budget = _BUDGET
        more = list(ready)
        while more and len(records) < limit and budget > 0:
            each = max(1, (limit - len(records)) // len(more))
            for place in more.copy():
                room = min(each, limit - len(records))
                if room == 0 or budget <= 0:
                    break
                end = self._ends[place.topic][place.number]
                got = self._logs[place.topic].read(place.number, reached[place], end, room, budget)
                records += got
                budget -= sum(len(record.value) for record in got)
                reached[place] = got[-1].offset + 1 if got else end
                if not got or reached[place] >= end:
                    more.remove(place)
        for place, offset in reached.items():
            if offset != self._next[place]:
                del self._next[place]
                self._next[place] = offset
        return records
