"""Who of a group gets which partition: the same rule as on the local bus, brought to Kafka's two-step way of moving.

Members keep their partitions while the group shares out anew (KIP-429): the leader computes who is to have what, and
leaves out what another member still holds; that one gives it up and asks for a second round.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka.cluster import ClusterMetadata
from kafka.coordinator.assignors.abstract import AbstractPartitionAssignor, RebalanceProtocol
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment, ConsumerProtocolSubscription
from kafka.structs import TopicPartition

from shared.bus.local.sharing import share

_VERSION = 1  # of the protocol: the first in which members say what they hold


class LanesTogether(AbstractPartitionAssignor):  # type: ignore[misc]  # kafka-python has no types
    """Partition n of a topic and of its backfill lane go to one member, and few move when members come or go.

    `held` says what this member holds at the moment: nothing once it was thrown out of the group, whatever it was
    given before. `known` says how many partitions topics have of which the client has not heard yet.
    """

    name = "heritage-wire-lanes"

    def __init__(self, held: Callable[[], Iterable[TopicPartition]], known: Mapping[str, int]) -> None:
        self._held = held
        self._known = known

    def supported_protocols(self) -> list[RebalanceProtocol]:
        """Members keep what they hold while the group shares out anew."""
        return [RebalanceProtocol.COOPERATIVE]

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolSubscription:
        """What this member tells the leader: its topics and what it holds."""
        owned = [
            ConsumerProtocolSubscription.TopicPartition(topic=topic, partitions=numbers)
            for topic, numbers in _by_topic(self._held())
        ]
        return ConsumerProtocolSubscription(
            version=_VERSION, topics=sorted(topics), user_data=b"", owned_partitions=owned
        )

    def assign(self, cluster: ClusterMetadata, members: Sequence[Any]) -> dict[str, Any]:
        """What each member is to hold now; called on the leader alone."""
        wanted = wanted_shares(
            {
                member.member_id: (member.group_instance_id, tuple(member.metadata.topics))
                for member in members
            },
            lambda topic: len(cluster.partitions_for_topic(topic) or ()) or self._known.get(topic, 0),
        )
        holders = {
            TopicPartition(owned.topic, number): member.member_id
            for member in members
            for owned in member.metadata.owned_partitions or ()
            for number in owned.partitions
        }
        given: defaultdict[str, list[TopicPartition]] = defaultdict(list)
        for partition, member_id in wanted.items():
            if holders.get(partition, member_id) == member_id:
                given[member_id].append(partition)
        return {
            member.member_id: ConsumerProtocolAssignment(_VERSION, _by_topic(given[member.member_id]), b"")
            for member in members
        }

    def on_assignment(self, assignment: ConsumerProtocolAssignment, generation: int) -> None:
        """Nothing to remember: what is held is asked for when it is needed."""


def wanted_shares(
    members: Mapping[str, tuple[str | None, tuple[str, ...]]], partitions: Callable[[str], int]
) -> dict[TopicPartition, str]:
    """Who is to hold what in the end; a member with a name of its own keeps its share over a restart."""
    ids = {instance or member_id: member_id for member_id, (instance, _) in members.items()}
    shares = share(
        {
            instance or member_id: {topic: count for topic in topics if (count := partitions(topic))}
            for member_id, (instance, topics) in members.items()
        }
    )
    return {TopicPartition(place.topic, place.number): ids[name] for place, name in shares.items()}


def _by_topic(partitions: Iterable[TopicPartition]) -> list[tuple[str, list[int]]]:
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for partition in sorted(partitions):
        numbers[partition.topic].append(partition.partition)
    return sorted(numbers.items())
