"""The bus on Kafka as one object: the port of `shared/bus/port.py` over a cluster."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from threading import RLock

from kafka.admin import KafkaAdminClient, MemberToRemove, OffsetSpec
from kafka.errors import (
    CoordinatorNotAvailableError,
    GroupAuthorizationFailedError,
    GroupIdNotFoundError,
    KafkaError,
    NoError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata, TopicPartition

from shared.bus.checking import unknown_topic
from shared.bus.kafka.connection import Connection
from shared.bus.kafka.consumer import KafkaBusConsumer
from shared.bus.kafka.membership import Membership
from shared.bus.kafka.producer import KafkaBusProducer
from shared.bus.kafka.reader import Reader
from shared.bus.kafka.security import KafkaSecurity
from shared.bus.kafka.topics import prepare_topics
from shared.bus.port import (
    AssignmentListener,
    BusError,
    NotOwned,
    Partition,
    Record,
    TopicSettings,
    UnknownTopic,
)

_SESSION = timedelta(seconds=10)


def open_kafka_bus(
    address: str,
    topics: Iterable[TopicSettings],
    *,
    prefix: str = "",
    security: KafkaSecurity | None = None,
    instance: str | None = None,
    session: timedelta = _SESSION,
) -> "KafkaBus":
    """The bus on the cluster at `address` (`host:port,…`, with or without `kafka://`); missing topics are made.

    `prefix` stands before every topic and group in Kafka. `session` is how long a member may be silent before its
    partitions go to others. `instance` is a name for this process that stays the same over a restart and that no
    other process has (a container's, a pod's): with it a process that crashed and comes back within the session goes
    on at once.

    Raises BusUnavailable where the cluster cannot be reached, BusError where it refuses us, is too old, or has a topic
    that is not as the table asks.
    """
    table = {settings.name: settings for settings in topics}
    places = ",".join(place.strip() for place in address.removeprefix("kafka://").split(","))
    connection = Connection(places, prefix, security or KafkaSecurity())
    connection.check()
    with connection.telling():
        admin = connection.open(KafkaAdminClient)
    try:
        partitions = prepare_topics(admin, connection, table)
    except BaseException:
        admin.close()
        raise
    return KafkaBus(connection, admin, table, partitions, instance=instance, session=session)


class KafkaBus:
    """The bus on a cluster. Its methods may be called from any thread; who opens producers and consumers closes them."""

    def __init__(
        self,
        connection: Connection,
        admin: KafkaAdminClient,
        table: Mapping[str, TopicSettings],
        partitions: Mapping[str, int],
        *,
        instance: str | None,
        session: timedelta,
    ) -> None:
        self._connection = connection
        self._admin = admin
        self._table = table
        self._partitions = partitions
        self._instance = instance
        self._session = session
        self._numbers = count()
        self._turn = RLock()
        self._reader = Reader(connection, table)
        self._closed = False

    def producer(self) -> KafkaBusProducer:
        """A new producer; it connects with its first record."""
        return KafkaBusProducer(self._connection, self._table, self._partitions)

    def consumer(
        self, group: str, topics: Sequence[str], listener: AssignmentListener | None = None
    ) -> KafkaBusConsumer:
        """A new member of `group`; it joins with its first poll."""
        wanted = {topic: self._known(topic) for topic in topics}
        return KafkaBusConsumer(
            self._connection,
            self._new_membership(group),
            wanted,
            self._partitions,
            lambda places: self._offsets(places, OffsetSpec.LATEST),
            listener,
        )

    def read(self, place: Partition, offset: int, limit: int) -> Sequence[Record]:
        """Up to `limit` records from `offset` on, without a group."""
        self._known_place(place)
        first, end = self.ends(place.topic)[place]
        with self._turn:
            return self._reader.read(place, max(offset, first), end, limit)

    def ends(self, topic: str) -> Mapping[Partition, tuple[int, int]]:
        """For each partition the first offset kept and the offset after the last."""
        self._known(topic)
        places = self._places(topic)
        first = self._offsets(places, OffsetSpec.EARLIEST)
        end = self._offsets(places, OffsetSpec.LATEST)
        return {place: (first[place], end[place]) for place in places}

    def offset_at(self, place: Partition, timestamp: int) -> int:
        """The first offset written at or after `timestamp` (milliseconds); the end if there is none."""
        self._known_place(place)
        found = self._offsets([place], max(0, timestamp))[place]
        return found if found >= 0 else self._offsets([place], OffsetSpec.LATEST)[place]

    def committed(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """The group's committed offsets; partitions without one are left out."""
        places = [place for topic in topics for place in self._places(topic)]
        name = self._connection.prefix + group
        asked = {name: [self._connection.abroad(place) for place in places]}
        answer = self._connection.ask(lambda: self._admin.list_group_offsets(asked))[name]
        return {
            self._connection.at_home(partition): kept.offset
            for partition, kept in answer.items()
            if kept.offset >= 0
        }

    def lag(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """How many records of each partition the group has not committed; in a compacted topic at most so many."""
        committed = self.committed(group, topics)
        return {
            place: max(0, end - max(first, committed.get(place, first)))
            for topic in topics
            for place, (first, end) in self.ends(topic).items()
        }

    def reset(self, group: str, offsets: Mapping[Partition, int]) -> None:
        """Set a group's offsets. Raises NotOwned while the group has members: Kafka sets them for none or for all."""
        for place in offsets:
            self._known_place(place)
        if not offsets:
            return
        if members := self.members(group):
            raise NotOwned(
                f"group {group!r} has {members} members: stop the group's services, then set its offsets (a process "
                f"that was killed counts for {self._session.total_seconds():g} s more)"
            )
        name = self._connection.prefix + group
        wanted = {
            self._connection.abroad(place): OffsetAndMetadata(offset, "", -1)
            for place, offset in offsets.items()
        }
        try:
            self._connection.ask(lambda: self._set_offsets(name, wanted))
        except UnknownMemberIdError as fault:
            raise NotOwned(
                f"group {group!r} got a member while its offsets were to be set: stop the group's services, then try "
                "again"
            ) from fault

    def members(self, group: str) -> int:
        """How many live members the group has."""
        return self._connection.ask(lambda: self._count_members(self._connection.prefix + group))

    def maintain(self) -> None:
        """Nothing: Kafka applies retention and compaction by itself."""

    def close(self) -> None:
        """Release the connections. May be called twice."""
        with self._turn:
            if not self._closed:
                self._closed = True
                self._reader.close()
                self._admin.close()

    def _offsets(self, places: Sequence[Partition], what: OffsetSpec | int) -> dict[Partition, int]:
        asked: dict[TopicPartition, OffsetSpec | int] = {
            self._connection.abroad(place): what for place in places
        }
        answer = self._connection.ask(lambda: self._admin.list_partition_offsets(asked))
        return {self._connection.at_home(partition): found.offset for partition, found in answer.items()}

    def _set_offsets(self, group: str, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        for error in self._admin.alter_group_offsets(group, offsets).values():
            if error is not NoError:
                raise error(f"offsets of {group!r}")

    def _count_members(self, group: str) -> int:
        told = self._admin.describe_groups([group])[group]
        # Of the error kafka-python gives no more than the text.
        if GroupAuthorizationFailedError.__name__ in str(told["error"]):
            raise GroupAuthorizationFailedError(group)
        if told["error"] and GroupIdNotFoundError.__name__ not in told["error"]:
            raise CoordinatorNotAvailableError(told["error"])  # it is elsewhere or not ready
        return len(told["members"])

    def _new_membership(self, group: str) -> Membership:
        instance = None if self._instance is None else f"{self._instance}-{next(self._numbers)}"
        return Membership(group, self._connection.prefix + group, self._session, instance, self._dismiss)

    def _dismiss(self, group: str, instance: str) -> None:
        """Take a member out that has closed. Where Kafka is away its session runs out by itself."""
        with suppress(BusError, KafkaError):
            self._admin.remove_group_members(group, [MemberToRemove(group_instance_id=instance)])

    def _known(self, topic: str) -> TopicSettings:
        if topic not in self._table:
            raise unknown_topic(topic, self._table)
        return self._table[topic]

    def _known_place(self, place: Partition) -> None:
        self._known(place.topic)
        if not 0 <= place.number < self._partitions[place.topic]:
            raise UnknownTopic(
                f"topic {place.topic!r} has partitions 0 to {self._partitions[place.topic] - 1} and no {place.number}"
            )

    def _places(self, topic: str) -> list[Partition]:
        self._known(topic)
        return [Partition(topic, number) for number in range(self._partitions[topic])]
