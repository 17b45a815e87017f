"""How members of a group share partitions."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.local.sharing import share
from shared.bus.port import Partition

COUNTS = {"fetched": 12, "fetched-backfill": 12, "parsed": 1, "alerts": 7, "deletions": 1}
ids = st.text("abcdef0123456789", min_size=1, max_size=8)


def all_on(*members: str, topics: Mapping[str, int] = COUNTS) -> dict[str, Mapping[str, int]]:
    return dict.fromkeys(members, topics)


@given(st.dictionaries(ids, st.sets(st.sampled_from(sorted(COUNTS))), max_size=6))
def test_every_partition_goes_to_one_who_takes_part_and_shares_are_even(
    wishes: dict[str, set[str]],
) -> None:
    shared = share({member: {topic: COUNTS[topic] for topic in topics} for member, topics in wishes.items()})
    for topic, count in COUNTS.items():
        takers = [member for member, topics in wishes.items() if topic in topics]
        got = Counter(owner for place, owner in shared.items() if place.topic == topic)
        assert set(got) <= set(takers)
        if takers:
            assert sum(got.values()) == count
            assert {got[member] for member in takers} <= {count // len(takers), -(-count // len(takers))}


@given(st.sets(ids, min_size=1, max_size=6))
def test_equal_members_differ_by_one_over_all_topics(members: set[str]) -> None:
    topics = {"a": 12, "b": 1, "c": 7, "d": 1, "e": 5}
    totals = Counter(share(all_on(*members, topics=topics)).values())
    assert max(totals.values()) - min(totals[member] for member in members) <= 1


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_the_members_does_not_matter(order: list[str]) -> None:
    assert share(all_on(*order)) == share(all_on("a", "b", "c", "d"))


@given(st.sets(ids, min_size=1, max_size=6))
def test_both_lanes_of_a_key_have_one_owner(members: set[str]) -> None:
    shared = share(all_on(*members))
    for number in range(12):
        assert shared[Partition("fetched", number)] == shared[Partition("fetched-backfill", number)]


@given(st.sets(ids, min_size=2, max_size=5))
def test_few_partitions_move_when_a_member_leaves(members: set[str]) -> None:
    topics = {"t": 60}
    before = share(all_on(*members, topics=topics))
    gone = min(members)
    after = share(all_on(*members - {gone}, topics=topics))
    moved = sum(1 for place, owner in before.items() if owner != gone and after[place] != owner)
    assert moved <= 20  # of 60; dealing them out in turn would move up to 45


def test_nobody_gets_nothing() -> None:
    assert share({}) == {}
