"""What every bus promises (`shared/bus/port.py`), held against each engine: records, offsets and lanes.

Groups of several processes are in `test_bus_groups.py`. A further adapter plugs in with one row in `bus_engines.py`.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bus.partitioning import partition_of
from shared.bus.port import (
    Bus,
    Consumer,
    NewRecord,
    NotOwned,
    Partition,
    Record,
    RecordTooLarge,
    TopicSettings,
    UnknownTopic,
)
from tests.contract.bus_engines import ENGINES, BusFactory, fresh_group, fresh_topic
from tests.contract.bus_steps import Heard, after, join, nothing_comes, numbered, take, values, write
from tests.waiting import SOON, wait_until


class Opened:
    """One bus with one topic, and the consumers a test opens, closed at its end."""

    def __init__(self, factory: BusFactory, *topics: TopicSettings) -> None:
        self.factory = factory
        self.topic = topics[0]
        self.topics = topics
        self.bus: Bus = factory(*topics)
        self.group = fresh_group()
        self._consumers: list[Consumer] = []

    def consumer(self, listener: Heard | None = None) -> Consumer:
        """A member of the test's group that holds every partition; the topics must be empty as yet."""
        consumer = self.reopened(listener)
        join(self.factory, consumer, *self.topics)
        return consumer

    def reopened(self, listener: Heard | None = None) -> Consumer:
        """A member of the test's group, as it comes."""
        consumer = self.bus.consumer(self.group, [topic.name for topic in self.topics], listener)
        self._consumers.append(consumer)
        return consumer

    def take(self, consumer: Consumer, count: int, limit: int = 100) -> list[Record]:
        """So many records, waited for."""
        return take(self.factory, consumer, count, limit)

    def all(self, number: int = 0, topic: TopicSettings | None = None) -> Sequence[Record]:
        """What stands in a partition."""
        return self.bus.read(Partition((topic or self.topic).name, number), 0, 10_000)

    def close(self) -> None:
        """Close all that was opened."""
        for consumer in self._consumers:
            consumer.close()
        self.bus.close()


Opener = Callable[..., Opened]


@pytest.fixture
def bus_open(bus_factory: BusFactory) -> Iterator[Opener]:
    opened: list[Opened] = []

    def opener(*topics: TopicSettings, partitions: int = 1) -> Opened:
        opened.append(Opened(bus_factory, *(topics or (fresh_topic(partitions=partitions),))))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


def place(topic: TopicSettings, number: int = 0) -> Partition:
    return Partition(topic.name, number)


# What is written is read as it was.


def test_records_come_back_as_written_and_in_order(bus_open: Opener) -> None:
    it = bus_open()
    began = time.time_ns() // 1_000_000
    producer = it.bus.producer()
    sent = [
        NewRecord(it.topic.name, "大会/重庆", b"\x00\xff" * 10, {"trace": "ключ", "пусто": ""}),
        NewRecord(it.topic.name, "", b"", {}),
        NewRecord(it.topic.name, "مؤتمر\n\0🏛", b"x" * 70_000),
    ]
    producer.produce(sent)
    producer.close()
    consumer = it.reopened()
    got = it.take(consumer, 3)
    assert [(r.key, r.value, dict(r.headers)) for r in got] == [
        (r.key, r.value, dict(r.headers)) for r in sent
    ]
    assert [(r.place, r.offset) for r in got] == [(place(it.topic), offset) for offset in range(3)]
    assert all(began - 1 <= r.timestamp <= time.time_ns() // 1_000_000 + 1 for r in got)
    assert list(it.all()) == got


def test_a_key_goes_where_kafka_would_put_it_and_stays_in_order(bus_open: Opener) -> None:
    it = bus_open(partitions=7)
    keys = [f"https://example.org/вести/{n}" for n in range(30)]
    for number in range(4):
        write(it.bus, it.topic, *((key, str(number).encode()) for key in keys))
    by_key = defaultdict(list)
    for record in it.take(it.reopened(), 120, limit=13):
        assert record.partition == partition_of(record.key, 7)
        by_key[record.key].append(record.value)
    assert by_key == {key: [b"0", b"1", b"2", b"3"] for key in keys}


def test_writing_nothing_is_fine(bus_open: Opener) -> None:
    it = bus_open()
    write(it.bus, it.topic)
    assert it.all() == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda name: NewRecord("no-such-topic", "k", b""), UnknownTopic),
        (lambda name: NewRecord(name, "k" * 10, b"x" * 91), RecordTooLarge),
        (lambda name: NewRecord(name, "k" * 10, b"x" * 80, {"h": "й" * 5}), RecordTooLarge),
    ],
)
def test_a_bad_record_is_refused_and_nothing_of_its_batch_written(
    bus_open: Opener, wrong: Callable[[str], NewRecord], error: type[Exception]
) -> None:
    it = bus_open(fresh_topic(TopicSettings("small", max_bytes=100)), fresh_topic())
    producer = it.bus.producer()
    good = [NewRecord(topic.name, "k" * 10, b"x" * 90) for topic in it.topics]
    bad = wrong(it.topic.name)
    with pytest.raises(error, match=bad.topic):
        producer.produce([*good, bad])
    assert [it.all(topic=topic) for topic in it.topics] == [[], []]
    producer.produce(good)
    producer.close()
    assert [len(it.all(topic=topic)) for topic in it.topics] == [1, 1]


def test_an_unknown_topic_is_named(bus_open: Opener) -> None:
    it = bus_open()
    asks: list[Callable[[], object]] = [
        lambda: it.bus.consumer(it.group, [it.topic.name, "nowhere"]),
        lambda: it.bus.ends("nowhere"),
        lambda: it.bus.lag(it.group, ["nowhere"]),
        lambda: it.bus.committed(it.group, ["nowhere"]),
        lambda: it.bus.read(Partition("nowhere", 0), 0, 1),
        lambda: it.bus.offset_at(Partition("nowhere", 0), 0),
    ]
    for ask in asks:
        with pytest.raises(UnknownTopic, match="nowhere"):
            ask()


def test_opening_again_finds_what_was_written(bus_open: Opener) -> None:
    it = bus_open()
    write(it.bus, it.topic, *numbered("k", 3))
    it.bus.close()
    again = bus_open(it.topic)
    assert values(again.all()) == [b"0", b"1", b"2"]
    write(again.bus, again.topic, *numbered("k", 1))
    assert [record.offset for record in again.all()] == [0, 1, 2, 3]


# Offsets: what is not committed comes again.


def test_what_is_not_committed_comes_again(bus_open: Opener) -> None:
    it = bus_open()
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 10))
    first = it.take(consumer, 6)
    consumer.commit(after(first[:4]))
    consumer.close()
    assert values(it.take(it.reopened(), 6)) == [b"4", b"5", b"6", b"7", b"8", b"9"]


def test_groups_do_not_see_each_other(bus_open: Opener) -> None:
    it, other = bus_open(), bus_open()
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 3))
    consumer.commit(after(it.take(consumer, 3)))
    stranger = it.bus.consumer(other.group, [it.topic.name])
    with closing(stranger):
        assert len(it.take(stranger, 3)) == 3


def test_a_commit_for_a_partition_not_held_is_refused(bus_open: Opener) -> None:
    it = bus_open()
    consumer = it.reopened()
    with pytest.raises(NotOwned, match=it.topic.name):
        consumer.commit({place(it.topic): 1})
    join(it.factory, consumer, it.topic)
    with pytest.raises(NotOwned):
        consumer.commit({place(it.topic): 1, place(it.topic, 9): 1})
    assert it.bus.committed(it.group, [it.topic.name]) == {}
    with pytest.raises(NotOwned):
        consumer.seek({place(it.topic, 9): 1})
    consumer.close()
    with pytest.raises(NotOwned):
        consumer.commit({place(it.topic): 1})


def test_seek_goes_back_and_forth(bus_open: Opener) -> None:
    it = bus_open(partitions=2)
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 6))
    here = it.take(consumer, 6)[0].place
    consumer.seek({here: 2})
    assert values(it.take(consumer, 4)) == [b"2", b"3", b"4", b"5"]
    consumer.seek({here: 5})
    assert values(it.take(consumer, 1)) == [b"5"]
    assert nothing_comes(consumer)


def test_a_paused_partition_is_kept_and_gives_nothing(bus_open: Opener) -> None:
    it = bus_open(partitions=2)
    consumer = it.consumer()
    held = consumer.assignment()
    keys = {partition_of(key, 2): key for key in "abcdefgh"}
    consumer.pause([place(it.topic, 0)])
    write(it.bus, it.topic, (keys[0], b"paused"), (keys[1], b"going"))
    assert values(it.take(consumer, 1)) == [b"going"]
    assert nothing_comes(consumer)
    assert consumer.assignment() == held
    consumer.resume([place(it.topic, 0)])
    assert values(it.take(consumer, 1)) == [b"paused"]


def test_lag_counts_what_is_not_committed(bus_open: Opener) -> None:
    it = bus_open(partitions=2)
    names = [it.topic.name]
    here, there = partition_of("k", 2), 1 - partition_of("k", 2)
    assert it.bus.lag(it.group, names) == {place(it.topic, 0): 0, place(it.topic, 1): 0}
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 5))
    assert it.bus.lag(it.group, names) == {place(it.topic, here): 5, place(it.topic, there): 0}
    consumer.commit(after(it.take(consumer, 5)[:3]))
    assert it.bus.lag(it.group, names)[place(it.topic, here)] == 2
    assert it.bus.committed(it.group, names) == {place(it.topic, here): 3}


def test_a_group_is_reset_only_while_nobody_holds_the_partition(bus_open: Opener) -> None:
    it = bus_open()
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 5))
    consumer.commit(after(it.take(consumer, 5)))
    with pytest.raises(NotOwned, match=it.group):
        it.bus.reset(it.group, {place(it.topic): 2})
    consumer.close()
    it.bus.reset(it.group, {place(it.topic): 2})
    assert it.bus.committed(it.group, [it.topic.name]) == {place(it.topic): 2}
    assert values(it.take(it.reopened(), 3)) == [b"2", b"3", b"4"]


def test_a_group_that_never_read_can_be_reset(bus_open: Opener) -> None:
    it = bus_open()
    write(it.bus, it.topic, *numbered("k", 3))
    it.bus.reset(it.group, {place(it.topic): 2})
    assert values(it.take(it.reopened(), 1)) == [b"2"]


# Lanes and fairness.


def test_backfill_comes_only_when_no_live_record_is_to_be_had(bus_open: Opener) -> None:
    live = fresh_topic(partitions=3)
    late = fresh_topic(replace(live, name="late", backfill=True))
    it = bus_open(live, late)
    consumer = it.consumer()
    write(it.bus, late, *((f"k{n}", b"late") for n in range(20)))
    write(it.bus, live, *((f"k{n}", b"live") for n in range(20)))
    wait_until(
        lambda: sum(end for _, end in it.bus.ends(live.name).values()) == 20, SOON, "all live ones are there"
    )
    got = values(it.take(consumer, 25, limit=3))
    assert got == [b"live"] * 20 + [b"late"] * 5
    write(it.bus, live, ("k", b"news"))
    wait_until(
        lambda: sum(end for _, end in it.bus.ends(live.name).values()) == 21, SOON, "the news is there"
    )
    rest = values(it.take(consumer, 16, limit=1))
    assert sorted(rest) == [b"late"] * 15 + [b"news"]
    assert rest.index(b"news") <= 1  # at most what had been fetched already
    consumer.pause(place(live, number) for number in range(3))
    write(it.bus, live, ("k", b"paused"))
    write(it.bus, late, ("k", b"late"))
    assert values(it.take(consumer, 1)) == [b"late"]


@pytest.mark.parametrize("limit", [1, 5])
def test_no_partition_starves(bus_open: Opener, limit: int) -> None:
    it = bus_open(partitions=4)
    consumer = it.consumer()
    keys = {partition_of(key, 4): key for key in map(str, range(50))}
    for number in (0, 1, 2, 3):
        write(it.bus, it.topic, *numbered(keys[number], 300 if number == 0 else 10))
    got = it.take(consumer, 330, limit=limit)
    last = max(index for index, record in enumerate(got) if record.partition != 0)
    assert last < 300, "the small partitions waited for the large one"


def clock_is_past(timestamp: int) -> bool:
    return time.time_ns() // 1_000_000 > timestamp


# Points in time, retention, compaction.


def test_a_point_in_time_is_found(bus_open: Opener) -> None:
    it = bus_open()
    for number in range(3):
        write(it.bus, it.topic, *numbered("k", 2, number * 2))
        written = it.all()[-1].timestamp
        wait_until(partial(clock_is_past, written + 1), SOON, "the clock goes on")
    records = it.all()
    for record in records:
        first = next(r.offset for r in records if r.timestamp >= record.timestamp)
        assert it.bus.offset_at(record.place, record.timestamp) == first
    assert it.bus.offset_at(place(it.topic), 0) == 0
    assert it.bus.offset_at(place(it.topic), records[-1].timestamp + 60_000) == 6


def test_reading_without_a_group(bus_open: Opener) -> None:
    it = bus_open()
    write(it.bus, it.topic, *numbered("k", 6))
    assert values(it.bus.read(place(it.topic), 2, 3)) == [b"2", b"3", b"4"]
    assert it.bus.read(place(it.topic), 6, 3) == []
    assert it.bus.ends(it.topic.name) == {place(it.topic): (0, 6)}
    assert it.bus.committed(it.group, [it.topic.name]) == {}


def test_compaction_keeps_the_latest_of_each_key(bus_open: Opener) -> None:
    it = bus_open(fresh_topic(TopicSettings("states", compacted=True)))
    for number in range(4):
        write(it.bus, it.topic, *((key, f"{key}{number}".encode()) for key in "abc"))
    write(it.bus, it.topic, ("b", b""))
    it.bus.maintain()
    got = it.take(it.reopened(), 3)
    assert {record.key: record.value for record in it.all()} == {"a": b"a3", "b": b"", "c": b"c3"}
    assert [record.offset for record in got] == sorted(record.offset for record in got)
    if it.factory.engine.tidies_at_once:
        assert [(r.offset, r.value) for r in it.all()] == [(9, b"a3"), (11, b"c3"), (12, b"")]
    write(it.bus, it.topic, ("d", b"d"))
    assert it.all()[-1].offset == 13


def test_retention_removes_the_old_and_never_uses_an_offset_twice(
    bus_open: Opener, bus_factory: BusFactory
) -> None:
    it = bus_open(fresh_topic(TopicSettings("short", retention=bus_factory.engine.retention)))
    consumer = it.consumer()
    write(it.bus, it.topic, *numbered("k", 450))
    consumer.commit(after(it.take(consumer, 2)))
    consumer.seek({place(it.topic): 2})

    def emptied() -> bool:
        it.bus.maintain()
        return it.bus.ends(it.topic.name) == {place(it.topic): (450, 450)}

    wait_until(emptied, it.factory.engine.patience, "retention takes what is over its age")
    write(it.bus, it.topic, ("k", b"new"))
    assert [(r.offset, r.value) for r in it.take(consumer, 1)] == [(450, b"new")]
    consumer.close()
    assert [(r.offset, r.value) for r in it.take(it.reopened(), 1)] == [(450, b"new")]
    assert it.bus.lag(it.group, [it.topic.name]) == {place(it.topic): 1}


# What the listener hears.


def test_the_listener_hears_of_all_that_comes_and_goes(bus_open: Opener) -> None:
    it = bus_open(partitions=3)
    heard = Heard()
    consumer = it.consumer(heard)
    everything = frozenset(place(it.topic, number) for number in range(3))
    assert consumer.assignment() == everything
    assert {call for call, _ in heard.calls} == {"assigned"}
    assert frozenset().union(*(partitions for _, partitions in heard.calls)) == everything
    assert it.bus.members(it.group) == 1
    heard.calls.clear()
    consumer.close()
    consumer.close()
    assert heard.calls == [("revoked", everything)]
    assert consumer.assignment() == frozenset()
    assert it.bus.members(it.group) == 0


# Any interleaving.

steps = st.lists(
    st.one_of(
        st.tuples(st.just("produce"), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8)),
        st.tuples(st.just("poll"), st.integers(1, 10)),
        st.tuples(st.just("commit"), st.none()),
        st.tuples(st.just("reopen"), st.none()),
    ),
    max_size=25,
)


@pytest.mark.parametrize("engine", ENGINES)
def test_any_interleaving_delivers_all_at_least_once_and_in_order(
    engine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    factory = BusFactory(engine, ENGINES[engine].address(tmp_path_factory.mktemp("bus")))

    @settings(
        max_examples=ENGINES[engine].examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(steps)
    def holds(todo: list[tuple[str, object]]) -> None:
        it = Opened(factory, fresh_topic(partitions=3))
        try:
            Interleaving(it).run(todo)
        finally:
            it.close()

    holds()


class Interleaving:
    """One consumer after another reads what is written in between; the model is lists of what went where."""

    def __init__(self, it: Opened) -> None:
        self._it = it
        self._written: defaultdict[int, list[bytes]] = defaultdict(list)
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._next: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}
        self._consumer = it.reopened()
        self._count = 0

    def run(self, todo: list[tuple[str, object]]) -> None:
        """Do the steps, then read on to the end: nothing may be missing."""
        for name, what in todo:
            getattr(self, f"_{name}")(what)
        left = sum(self._it.bus.lag(self._it.group, [self._it.topic.name]).values())
        self._reopen(None)
        self._check(self._it.take(self._consumer, left))
        for number, written in self._written.items():
            assert self._seen[number] == set(range(len(written)))

    def _produce(self, keys: list[str]) -> None:
        pairs = [(key, str(self._count + index).encode()) for index, key in enumerate(keys)]
        self._count += len(pairs)
        for key, value in pairs:
            self._written[partition_of(key, 3)].append(value)
        write(self._it.bus, self._it.topic, *pairs)

    def _poll(self, limit: int) -> None:
        records = self._consumer.poll(limit, 0)
        assert len(records) <= limit
        self._check(records)

    def _commit(self, _: None) -> None:
        self._consumer.commit(self._next)
        self._committed |= self._next

    def _reopen(self, _: None) -> None:
        self._consumer.close()
        self._consumer = self._it.reopened()
        self._next = {}

    def _check(self, records: Sequence[Record]) -> None:
        for record in records:
            expected = self._next.get(record.place, self._committed.get(record.place, 0))
            assert record.offset == expected
            assert record.value == self._written[record.partition][record.offset]
            self._seen[record.partition].add(record.offset)
            self._next[record.place] = record.offset + 1
