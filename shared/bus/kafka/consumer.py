"""Reading from Kafka as a member of a group."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import MemberState, OffsetAndMetadata

from shared.bus.kafka.connection import PATIENCE, Connection, Network
from shared.bus.kafka.fetched import Fetched
from shared.bus.kafka.listening import KafkaListener
from shared.bus.kafka.membership import Membership
from shared.bus.kafka.records import record_of
from shared.bus.kafka.sharing import LanesTogether
from shared.bus.kafka.topics import largest_batch
from shared.bus.kafka.turns import Turns
from shared.bus.port import AssignmentListener, BusError, NotOwned, Partition, Record, TopicSettings

_ALL = sys.maxsize
"""Records taken from kafka-python's own buffer at a time. What it is left with when a partition is paused it may never
give out again (3.0.12: a used-up batch stays in the place to which the kept one should return)."""

_FETCH_BYTES = 8 * 1024 * 1024
_FETCH_WAIT = 100
"""Milliseconds that a fetch waits for records; a partition that is fetched again has to wait for its end."""

_LONGEST_POLL = 300.0
"""Seconds that may pass between two polls before the group takes a member for stuck."""

_CLOSES_WITHIN = 5.0
_JOIN_STEP = 0.05
_NOT_A_MEMBER = (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)


class KafkaBusConsumer:
    """One member of a group; it joins with its first poll. Not safe to share between threads."""

    def __init__(
        self,
        connection: Connection,
        membership: Membership,
        topics: Mapping[str, TopicSettings],
        partitions: Mapping[str, int],
        ends: Callable[[Sequence[Partition]], Mapping[Partition, int]],
        listener: AssignmentListener | None = None,
    ) -> None:
        self._ends = ends
        self._connection = connection
        self._membership = membership
        self._listener = listener
        self._closed = False
        self._fetched = Fetched(name for name, topic in topics.items() if topic.backfill)
        self._paused: set[Partition] = set()
        self._stopped: frozenset[Partition] = frozenset()  # those that Kafka is told to leave out
        self._turns = Turns(f"kafka-{membership.group}")
        self._network = Network()
        try:
            with connection.telling():
                self._client = self._new_client(topics, partitions)
        except BaseException:
            self._turns.close()
            raise

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """Up to `limit` records; backfill when no live one is to be had. Partitions come and go in here.

        While the group is shared out anew it may take a quarter of a session, whatever the timeout. Raises
        BusUnavailable.
        """
        if self._closed:
            raise BusError(f"this consumer of group {self._membership.group!r} is closed: open a new one")
        deadline = time.monotonic() + timeout
        wait = 0.0
        while True:
            self._top_up(wait)
            self._join()
            if self._is_stable() and (records := self._take(limit, deadline)):
                return records
            wait = deadline - time.monotonic()
            if wait <= 0:
                return []

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember durably the next offset to read, per partition. Raises NotOwned, BusUnavailable."""
        self._must_hold(offsets, "commit for")
        if not offsets:
            return
        wanted = {
            self._connection.abroad(place): OffsetAndMetadata(at, "", -1) for place, at in offsets.items()
        }
        try:
            with self._connection.telling():
                self._commit(wanted)
        except NotOwned as fault:
            raise NotOwned(
                f"group {self._membership.group!r} is being shared out anew or has given up this member ({fault}): "
                "what was polled and not committed comes again, here or elsewhere"
            ) from fault

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """Read on from these offsets. Raises NotOwned."""
        self._must_hold(offsets, "seek in")
        for place, offset in offsets.items():
            self._client.seek(self._connection.abroad(place), offset)
            self._fetched.forget(place)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Give no records of these until resumed; those not held are passed over."""
        self._paused |= self._fetched.held() & frozenset(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Give records of these again."""
        self._paused.difference_update(partitions)

    def assignment(self) -> frozenset[Partition]:
        """The partitions held now."""
        return self._fetched.held()

    def close(self) -> None:
        """Give up the partitions (the listener hears `revoked`) and leave the group. May be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._connection.telling():
                self._turns.run(
                    lambda: self._client.close(autocommit=False, timeout_ms=int(_CLOSES_WITHIN * 1000))
                )
        finally:
            self._turns.close()
            self._network.close()
            self._fetched.drop(self._fetched.held())
            self._membership.leave()

    # What Kafka tells us, in the thread that polls.

    def assigned(self, partitions: frozenset[Partition]) -> None:
        """These are ours from now on."""
        self._fetched.add(partitions)
        if self._listener is not None:
            self._listener.assigned(partitions)

    def revoked(self, partitions: frozenset[Partition]) -> None:
        """These are about to go; what the listener commits for them still counts."""
        try:
            if self._listener is not None:
                self._listener.revoked(partitions)
        finally:
            self._forget(partitions)

    def lost(self, partitions: frozenset[Partition]) -> None:
        """These are gone."""
        self._forget(partitions)
        if self._listener is not None:
            self._listener.lost(partitions)

    def _forget(self, partitions: frozenset[Partition]) -> None:
        self._fetched.drop(partitions)
        self._paused -= partitions
        self._stopped -= partitions

    # Fetching.

    def _top_up(self, wait: float) -> None:
        """Let kafka-python do its work, and take what it has fetched; wait for the first record if there is none."""
        self._stop_and_go()
        with self._connection.telling():
            self._turns.run(lambda: self._fetch(wait))

    def _fetch(self, wait: float) -> None:
        """In the other thread, so that nothing fetched is dropped when a listener's error ends `run`."""
        found = self._client.poll(timeout_ms=max(0.0, wait) * 1000, max_records=_ALL)
        for partition, records in found.items():
            place = self._connection.at_home(partition)
            self._fetched.append(place, [record_of(place, record) for record in records])

    def _join(self) -> None:
        """Wait for the group to be shared out, longer than the caller would.

        A join that is answered between two polls is begun again by kafka-python 3.0.12, and so may never come to an
        end when polls are short. Where new metadata led to it, it even forgets that it joins: a reminder helps.
        """
        until = time.monotonic() + self._membership.join_seconds
        while not self._is_stable() and time.monotonic() < until:
            self._client._coordinator.request_rejoin()
            self._top_up(_JOIN_STEP)

    def _stop_and_go(self) -> None:
        """Fetch nothing for who is paused, who has enough, and for the backfill while there is news."""
        wanted = self._fetched.full() | (self._paused & self._fetched.held())
        if self._fetched.has_live(self._paused):
            wanted |= self._fetched.backfill()
        self._client.pause(*map(self._connection.abroad, wanted - self._stopped))
        self._client.resume(*map(self._connection.abroad, self._stopped - wanted))
        self._stopped = wanted

    def _take(self, limit: int, deadline: float) -> list[Record]:
        if self._fetched.has_live(self._paused):
            return self._fetched.take(limit, self._paused, backfill=False)
        if not self._fetched.has_backfill(self._paused):
            return []
        while not (live := self._fetched.has_live(self._paused)) and self._live_is_behind():
            if time.monotonic() >= deadline:
                return []
            self._top_up(deadline - time.monotonic())
            if not self._is_stable():
                return []
        return self._fetched.take(limit, self._paused, backfill=not live)

    def _live_is_behind(self) -> bool:
        """Whether Kafka has a live record that was not fetched yet. Where it does not say, there may be one.

        Asked on another connection: on this one the answer would wait behind a fetch that waits for records.
        """
        live = sorted(self._fetched.held() - self._fetched.backfill() - self._paused)
        if not live:
            return False
        try:
            ends = self._ends(live)
            at = {
                place: self._client.position(self._connection.abroad(place), timeout_ms=0) for place in live
            }
        except (BusError, KafkaError):
            return True
        return any(at[place] is None or at[place] < ends[place] for place in live)

    def _is_stable(self) -> bool:
        """Whether we are a member in good standing; if not, records would be given that cannot be committed."""
        told = self._client.group_metadata()
        return bool(told.state == MemberState.STABLE and told.generation_id >= 0)

    # The rest.

    def _commit(self, wanted: Mapping[Any, OffsetAndMetadata]) -> None:
        try:
            self._client.commit(wanted, timeout_ms=int(PATIENCE * 1000))
        except _NOT_A_MEMBER as fault:
            raise NotOwned(type(fault).__name__) from fault

    def _must_hold(self, places: Iterable[Partition], what: str) -> None:
        held = self._fetched.held()
        for place in places:
            if place not in held:
                raise NotOwned(
                    f"group {self._membership.group!r} cannot {what} {place.topic!r} partition {place.number} here: "
                    "this member does not hold it (any more); leave it to the one that does"
                )

    def _new_client(
        self, topics: Mapping[str, TopicSettings], partitions: Mapping[str, int]
    ) -> KafkaConsumer:
        known = {self._connection.prefix + topic: count for topic, count in partitions.items()}
        client = self._connection.open(
            KafkaConsumer,
            self._network,
            **self._membership.options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=[LanesTogether(lambda: self._client.assignment(), known)],
            max_poll_interval_ms=int(_LONGEST_POLL * 1000),
            max_partition_fetch_bytes=max(map(largest_batch, topics.values()), default=1),
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        client.subscribe(
            [self._connection.prefix + topic for topic in topics],
            listener=KafkaListener(self._connection, self._turns, self._network, self),
        )
        return client
