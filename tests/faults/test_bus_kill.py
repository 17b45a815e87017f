"""Killing whoever works on a bus, again and again: nothing acknowledged is lost, nothing is read out of order.

Each process is killed while it is at work, at a moment the test draws by how far it has told to be.
"""

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.bus.local import open_local_bus
from shared.bus.port import Bus, Partition, TopicSettings
from tests.contract.bus_child import Job
from tests.contract.bus_children import Child, Seen
from tests.contract.bus_engines import ENGINES, BusFactory, fresh_group, fresh_topic
from tests.waiting import wait_until

KILLS = 8


@pytest.fixture(params=list(ENGINES))
def factory(request: pytest.FixtureRequest, tmp_path: Path) -> BusFactory:
    return BusFactory(request.param, ENGINES[request.param].address(tmp_path))


def written(bus: Bus, topic: TopicSettings) -> dict[str, list[int]]:
    """The numbers that stand in the topic, per key and in order."""
    found = defaultdict(list)
    for number in range(topic.partitions):
        for record in bus.read(Partition(topic.name, number), 0, 10**6):
            found[record.key].append(int(record.value.split(b":")[1]))
    return found


def read_in_order(records: Iterable[Seen], start: dict[tuple[str, int], int]) -> None:
    """Within each partition offsets go up by one, from where the group stood, going back only to there."""
    upto = dict(start)
    for record in records:
        where = record.topic, record.partition
        assert record.offset == upto.get(where, record.offset)
        upto[where] = record.offset + 1


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_producers_and_consumers_are_killed_and_nothing_is_lost(factory: BusFactory, seed: int) -> None:
    draw = random.Random(seed)
    topic = fresh_topic(partitions=4)
    bus, group = factory(topic), fresh_group()
    produce = Job(
        engine=factory.name,
        address=factory.address,
        topics=(topic,),
        role="produce",
        prefix="p",
        batch=9,
        keys=40,
    )
    consume = replace(produce, role="consume", group=group)
    seen: set[tuple[int, int]] = set()
    acked: set[int] = set()
    start = 0
    with Child(consume) as steady:
        for _ in range(KILLS):
            with Child(replace(produce, start=start)) as writer, Child(consume) as reader:
                writer.wait_for_acked(start + draw.randint(1, 200))
                reader.wait_for_records(1)
                for victim in draw.sample([writer, reader], 2):
                    victim.kill()
                acked |= set(range(start, writer.acked()))
                seen |= {(record.partition, record.offset) for record in reader.records()}
                start = max(n for numbers in written(bus, topic).values() for n in numbers) + 1
        wait_until(
            lambda: set(bus.lag(group, [topic.name]).values()) == {0},
            factory.engine.patience,
            "the one that lives reads the rest",
        )
        # It commits after it tells; what it told is all heard when it has ended.
        steady.stop()
        seen |= {(record.partition, record.offset) for record in steady.records()}
    stands = written(bus, topic)
    assert acked <= {n for numbers in stands.values() for n in numbers}
    assert all(numbers == sorted(set(numbers)) for numbers in stands.values())
    ends = {place.number: end for place, (_, end) in bus.ends(topic.name).items()}
    assert seen == {(number, offset) for number, end in ends.items() for offset in range(end)}
    bus.close()


def test_a_consumer_killed_again_and_again_moves_on_from_its_commits(factory: BusFactory) -> None:
    draw = random.Random(3)
    topic = fresh_topic(partitions=2)
    bus, group = factory(topic), fresh_group()
    produce = Job(
        engine=factory.name,
        address=factory.address,
        topics=(topic,),
        role="produce",
        prefix="p",
        batch=50,
        keys=40,
    )
    count = 1500
    with Child(replace(produce, count=count)) as writer:
        writer.wait_for_acked(count)
        writer.stop()
    seen: set[tuple[int, int]] = set()
    consume = replace(produce, role="consume", group=group, batch=7)
    for _ in range(KILLS):
        stood = bus.committed(group, [topic.name])
        with Child(consume) as reader:
            # One that runs far ahead before it is killed leaves fewer to the next.
            reader.wait_for_records(min(draw.randint(1, 120), count - sum(stood.values())))
            reader.kill()
        read_in_order(
            reader.records(), {(topic.name, n): stood.get(Partition(topic.name, n), 0) for n in (0, 1)}
        )
        now = bus.committed(group, [topic.name])
        assert all(now[place] >= offset for place, offset in reader.committed().items())
        seen |= {(record.partition, record.offset) for record in reader.records()}
        assert all((place.number, offset) in seen for place, end in now.items() for offset in range(end))
    bus.close()


def test_upkeep_killed_at_work_leaves_a_sound_file(tmp_path: Path) -> None:
    topic = TopicSettings("states", compacted=True, retention=timedelta(days=1))
    address = str(tmp_path / "bus")
    bus = open_local_bus(Path(address), [topic])
    produce = Job(
        engine="local", address=address, topics=(topic,), role="produce", prefix="p", batch=40, keys=30
    )
    for number in range(KILLS):
        start = number * 2000
        work = replace(produce, start=start, count=2000)
        with Child(work) as writer, Child(replace(produce, role="maintain")) as tidier:
            tidier.wait("tidied")
            tidier.kill()
            writer.wait_for_acked(start + 2000)
    last = written(bus, topic)
    bus.maintain()
    assert {key: [numbers[-1]] for key, numbers in last.items()} == written(bus, topic)
    assert len(last) == 30
    bus.close()
    with closing(sqlite3.connect(tmp_path / "bus" / "topics" / "states.sqlite")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
