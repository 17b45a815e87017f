"""Who gets which partition on Kafka: what moves between two members is never given to both at once."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import ClusterMetadata
from kafka.protocol.consumer.group import JoinGroupResponse
from kafka.structs import TopicPartition

from shared.bus.kafka.sharing import LanesTogether

TOPICS = {"news": 5, "news-backfill": 5, "states": 1}
EVERYTHING = {TopicPartition(topic, number) for topic, count in TOPICS.items() for number in range(count)}


class Group:
    """Members that hold partitions, and rounds of sharing out as Kafka runs them."""

    def __init__(self) -> None:
        self.held: dict[str, set[TopicPartition]] = {}

    def round(self) -> bool:
        """Everyone joins, the leader computes, everyone follows. Whether another round is asked for."""
        given_out = self._assigned()
        again = any(self.held[member] - given_out[member] for member in self.held)
        self.held = given_out
        return again

    def settle(self) -> None:
        """Rounds until nobody asks for another; each is held to its promise."""
        for _ in range(3):
            before = {partition: member for member, held in self.held.items() for partition in held}
            again = self.round()
            after: defaultdict[TopicPartition, list[str]] = defaultdict(list)
            for member, held in self.held.items():
                for partition in held:
                    after[partition].append(member)
            for partition, members in after.items():
                assert len(members) == 1
                assert before.get(partition, members[0]) == members[0], "given before it was given up"
            if not again:
                return
        raise AssertionError("the group does not come to rest")

    def _assigned(self) -> dict[str, set[TopicPartition]]:
        members = []
        for name, held in self.held.items():
            metadata = LanesTogether(held.copy, TOPICS).metadata(TOPICS)
            member = JoinGroupResponse.JoinGroupResponseMember(
                member_id=name, group_instance_id=None, metadata=metadata
            )
            members.append(member)
        answer = LanesTogether(set, TOPICS).assign(ClusterMetadata(), members)
        return {name: set(answer[name].partitions()) for name in self.held}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=12))
def test_members_come_and_go_and_nothing_is_with_two(changes: list[tuple[bool, int]]) -> None:
    group = Group()
    for comes, number in [(True, 9), *changes]:
        if comes:
            group.held.setdefault(f"m{number}", set())
        else:
            group.held.pop(f"m{number}", None)
        if not group.held:
            continue
        group.settle()
        assert set().union(*group.held.values()) == EVERYTHING
        sizes = [sum(p.topic == "news" for p in held) for held in group.held.values()]
        assert max(sizes) - min(sizes) <= 1
        for held in group.held.values():
            assert {p.partition for p in held if p.topic == "news"} == {
                p.partition for p in held if p.topic == "news-backfill"
            }


def test_a_member_that_was_thrown_out_claims_nothing() -> None:
    held = {TopicPartition("states", 0)}
    rule = LanesTogether(lambda: held, TOPICS)
    assert [owned.topic for owned in rule.metadata(TOPICS).owned_partitions] == ["states"]
    held.clear()
    assert rule.metadata(TOPICS).owned_partitions == []
