"""What every bus promises about groups of several processes: shares, takeover, and what a kill must not lose."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pytest

from shared.bus.port import Partition, TopicSettings
from tests.contract.bus_child import Job
from tests.contract.bus_children import Child, Seen
from tests.contract.bus_engines import BusFactory, fresh_group, fresh_topic
from tests.contract.bus_steps import numbered, write
from tests.waiting import wait_until


def job(factory: BusFactory, role: str, *topics: TopicSettings, group: str = "") -> Job:
    """What every child of these tests has in common."""
    return Job(engine=factory.name, address=factory.address, topics=topics, role=role, group=group)


def places(*topics: TopicSettings) -> set[Partition]:
    return {Partition(topic.name, number) for topic in topics for number in range(topic.partitions)}


def shared_evenly(members: Sequence[Child], everything: set[Partition]) -> bool:
    """Each partition with one member, and no member with two more than another."""
    held = [member.holds() for member in members]
    together = Counter(place for places in held for place in places)
    sizes = [len(places) for places in held]
    return together == Counter(everything) and max(sizes) - min(sizes) <= 1


def wait_for_shares(factory: BusFactory, members: Sequence[Child], everything: set[Partition]) -> None:
    wait_until(
        lambda: shared_evenly(members, everything),
        factory.engine.patience,
        f"{len(members)} members share {len(everything)} partitions evenly",
    )


def never_two_holders(members: Iterable[Child]) -> None:
    """Each member gave a partition up before the next was given it; who was killed has let go by then."""
    turns: defaultdict[Partition, list[tuple[int, str, int]]] = defaultdict(list)
    for number, member in enumerate(members):
        for kind, partitions, at in member.turns():
            for place in partitions:
                turns[place].append((at, "assigned" if kind == "assigned" else "gone", number))
    for place, story in turns.items():
        for (_, before, one), (_, then, other) in pairwise(sorted(story)):
            assert (before, then) in {("assigned", "gone"), ("gone", "assigned")}, (place, story)
            assert before == "gone" or one == other, (place, story)


def ordered(records: Iterable[Seen]) -> bool:
    """Whether offsets go up by one within each partition."""
    last: dict[tuple[str, int], int] = {}
    for record in records:
        where = record.topic, record.partition
        if record.offset != last.get(where, record.offset - 1) + 1:
            return False
        last[where] = record.offset
    return True


def test_members_share_evenly_and_take_over_from_who_is_killed_or_leaves(bus_factory: BusFactory) -> None:
    topic = fresh_topic(partitions=8)
    bus, group, everything = bus_factory(topic), fresh_group(), places(topic)
    consume = job(bus_factory, "consume", topic, group=group)
    with Child(consume) as one, ExitStack() as others:
        wait_for_shares(bus_factory, [one], everything)
        two = others.enter_context(Child(consume))
        wait_for_shares(bus_factory, [one, two], everything)
        three = others.enter_context(Child(consume))
        wait_for_shares(bus_factory, [one, two, three], everything)
        assert bus.members(group) == 3
        never_two_holders([one, two, three])
        two.kill()
        wait_for_shares(bus_factory, [one, three], everything)
        assert bus.members(group) == 2
        one.stop()
        wait_for_shares(bus_factory, [three], everything)
        never_two_holders([one, three])
        assert bus.members(group) == 1
    bus.close()


def test_members_of_different_topics_share_what_they_have_in_common(bus_factory: BusFactory) -> None:
    common, own = fresh_topic(partitions=4), fresh_topic(partitions=3)
    bus, group = bus_factory(common, own), fresh_group()
    both = job(bus_factory, "consume", common, own, group=group)
    with Child(both) as broad, Child(replace(both, topics=(common,))) as narrow:
        wait_until(
            lambda: (
                broad.holds() | narrow.holds() == places(common, own)
                and not broad.holds() & narrow.holds()
                and places(own) <= broad.holds()
                and len(narrow.holds()) >= 2
            ),
            bus_factory.engine.patience,
            "the common topic is shared and the other is with who wants it",
        )
    bus.close()


def test_what_a_killed_consumer_had_not_committed_comes_again(bus_factory: BusFactory) -> None:
    topic = fresh_topic(partitions=2)
    bus, group = bus_factory(topic), fresh_group()
    pairs = [pair for key in "abcd" for pair in numbered(key, 10)]
    write(bus, topic, *pairs)
    consume = job(bus_factory, "consume", topic, group=group)
    with Child(replace(consume, commit="never")) as greedy:
        greedy.wait_for_records(40)
        greedy.kill()
    with Child(consume) as careful:
        careful.wait_for_records(40)
        assert ordered(careful.records())
        careful.stop()
    assert set(bus.lag(group, [topic.name]).values()) == {0}
    bus.close()


def test_a_commit_on_giving_up_is_where_the_next_member_starts(bus_factory: BusFactory) -> None:
    topic = fresh_topic(partitions=4)
    bus, group, everything = bus_factory(topic), fresh_group(), places(topic)
    write(bus, topic, *((f"k{n}", b"first") for n in range(40)))
    consume = replace(job(bus_factory, "consume", topic, group=group), commit="revoked")
    with Child(consume) as one:
        one.wait_for_records(40)
        assert bus.committed(group, [topic.name]) == {}
        with Child(consume) as two:
            wait_for_shares(bus_factory, [one, two], everything)
            write(bus, topic, *((f"k{n}", b"second") for n in range(40)))
            wait_until(
                lambda: len(one.records()) + len(two.records()) >= 80,
                bus_factory.engine.patience,
                "all are read",
            )
            one.stop()
            wait_for_shares(bus_factory, [two], everything)
            two.stop()
        seen = Counter((r.partition, r.offset) for r in one.records() + two.records())
        assert set(seen.values()) == {1}, "something came twice"
        assert len(seen) == 80
        never_two_holders([one, two])
    assert set(bus.lag(group, [topic.name]).values()) == {0}
    bus.close()


def test_a_killed_producer_loses_nothing_it_was_told_is_safe(bus_factory: BusFactory) -> None:
    topic = fresh_topic(partitions=3)
    bus = bus_factory(topic)
    start = 0
    for batch in (1, 7, 50):
        produce = replace(job(bus_factory, "produce", topic), prefix="p", batch=batch, start=start)
        with Child(produce) as child:
            child.wait_for_acked(start + 20 * batch)
            child.kill()
            acked = child.acked()
        written = [
            int(r.value.split(b":")[1])
            for n in range(3)
            for r in bus.read(Partition(topic.name, n), 0, 10**6)
        ]
        assert set(range(acked)) <= set(written)
        assert len(written) == len(set(written))
        start = max(written) + 1
    bus.close()


def test_producers_side_by_side_keep_offsets_dense_and_their_own_order(bus_factory: BusFactory) -> None:
    topic = fresh_topic(partitions=3)
    bus = bus_factory(topic)
    produce = replace(job(bus_factory, "produce", topic), batch=3, count=150)
    with ExitStack() as running:
        children = [running.enter_context(Child(replace(produce, prefix=f"p{n}"))) for n in range(3)]
        wait_until(
            lambda: all(c.acked() == 150 for c in children), bus_factory.engine.patience, "all is written"
        )
        for child in children:
            child.stop()
    by_key = defaultdict(list)
    for number in range(3):
        records = bus.read(Partition(topic.name, number), 0, 10_000)
        assert [record.offset for record in records] == list(range(len(records)))
        for record in records:
            by_key[record.key].append(int(record.value.split(b":")[1]))
    assert by_key == {f"p{n}-{k}": list(range(k, 150, 5)) for n in range(3) for k in range(5)}
    bus.close()


@pytest.mark.parametrize("topics", [1, 2])
def test_two_members_in_one_process_exclude_each_other(bus_factory: BusFactory, topics: int) -> None:
    table = [fresh_topic(partitions=2) for _ in range(topics)]
    bus, group, everything = bus_factory(*table), fresh_group(), places(*table)
    names = [topic.name for topic in table]
    one, two = bus.consumer(group, names), bus.consumer(group, names)
    deadline = time.monotonic() + bus_factory.engine.patience

    def shared() -> bool:
        mine, theirs = one.assignment(), two.assignment()
        return bool(mine and theirs) and mine | theirs == everything and not mine & theirs

    # Each in a thread of its own: on Kafka a member that joins waits in its poll for the other to do so too.
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        while not shared():
            assert time.monotonic() < deadline, "both have a share of their own"
            for poll in [first.submit(one.poll, 1, 0.05), second.submit(two.poll, 1, 0.05)]:
                poll.result()
            # There a member that was silent for a session learns only from its next poll what it has lost.
            assert bus_factory.name != "local" or not one.assignment() & two.assignment()
    one.close()
    while two.assignment() != everything:
        assert time.monotonic() < deadline, "the other has all"
        two.poll(1, 0.05)
    two.close()
    bus.close()
