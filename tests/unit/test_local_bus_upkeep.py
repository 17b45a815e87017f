"""What upkeep removes from the local bus, when, and what it leaves."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.local import LocalBus, open_local_bus, upkeep
from shared.bus.local.locks import FileLock
from shared.bus.port import NewRecord, Partition, TopicSettings

HOUR = 3_600_000
PLACE = Partition("t", 0)


class Clock:
    """Milliseconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000 * HOUR

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def states(tmp_path: Path, clock: Clock) -> Iterator[LocalBus]:
    with closing(open_local_bus(tmp_path, [TopicSettings("t", compacted=True)], clock)) as bus:
        yield bus


@pytest.fixture
def days(tmp_path: Path, clock: Clock) -> Iterator[LocalBus]:
    with closing(open_local_bus(tmp_path, [TopicSettings("t", retention=timedelta(hours=10))], clock)) as bus:
        yield bus


def put(bus: LocalBus, *pairs: tuple[str, bytes]) -> None:
    with closing(bus.producer()) as producer:
        producer.produce([NewRecord("t", key, value) for key, value in pairs])


def kept(bus: LocalBus) -> dict[int, bytes]:
    return {record.offset: record.value for record in bus.read(PLACE, 0, 10_000)}


def test_a_tombstone_outlives_its_key_by_a_day(states: LocalBus, clock: Clock) -> None:
    put(states, ("a", b"1"), ("b", b"1"), ("a", b""))
    states.maintain()
    assert kept(states) == {1: b"1", 2: b""}
    clock.now += 24 * HOUR
    states.maintain()
    assert kept(states) == {1: b"1", 2: b""}
    clock.now += 1
    states.maintain()
    assert kept(states) == {1: b"1"}
    assert states.ends("t") == {PLACE: (1, 3)}


def test_the_lag_of_a_compacted_topic_counts_what_is_there(states: LocalBus, clock: Clock) -> None:
    put(states, ("a", b"1"), ("b", b"1"), ("a", b""))
    clock.now += 25 * HOUR
    states.maintain()
    assert states.lag("g", ["t"]) == {PLACE: 1}
    with closing(states.consumer("g", ["t"])) as member:
        (record,) = member.poll(10, 1)
        member.commit({PLACE: record.offset + 1})
        assert states.lag("g", ["t"]) == {PLACE: 0}
        assert member.poll(10, 0) == []
        put(states, ("c", b"2"))
        assert [record.offset for record in member.poll(10, 1)] == [3]


def test_retention_keeps_what_is_young_enough(days: LocalBus, clock: Clock) -> None:
    for value in (b"old", b"middle", b"young"):
        put(days, ("k", value), ("l", value))
        clock.now += 6 * HOUR
    days.maintain()
    assert kept(days) == {4: b"young", 5: b"young"}
    assert days.ends("t") == {PLACE: (4, 6)}


def test_a_point_in_time_is_found_in_what_is_left(days: LocalBus, clock: Clock) -> None:
    start = clock.now
    for _ in range(20):
        put(days, ("k", b"v"))
        clock.now += HOUR
    days.maintain()
    assert days.ends("t") == {PLACE: (10, 20)}
    assert [days.offset_at(PLACE, start + hour * HOUR) for hour in (0, 9, 10, 15, 19, 20)] == [
        10,
        10,
        10,
        15,
        19,
        20,
    ]


def test_a_large_file_gives_its_empty_pages_back(
    days: LocalBus, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_WORTH_GIVING_BACK", 100)
    put(days, *((str(n), b"x" * 20_000) for n in range(300)))
    days.maintain()
    file = tmp_path / "topics" / "t.sqlite"
    assert file.stat().st_size > 6_000_000
    clock.now += 11 * HOUR
    days.maintain()
    assert kept(days) == {}
    assert file.stat().st_size < 600_000


def test_two_do_not_tidy_at_once(days: LocalBus, clock: Clock, tmp_path: Path) -> None:
    put(days, ("k", b"v"))
    clock.now += 11 * HOUR
    other = FileLock.take(tmp_path / "upkeep.lock")
    assert other is not None
    days.maintain()
    assert len(kept(days)) == 1
    other.release()
    days.maintain()
    assert kept(days) == {}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([b"", b"1", b"2"])), max_size=30),
    st.integers(0, 30),
)
def test_compaction_is_the_last_value_of_each_key(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, bytes]], at: int
) -> None:
    clock = Clock()
    root = tmp_path_factory.mktemp("bus")
    with closing(open_local_bus(root, [TopicSettings("t", compacted=True)], clock)) as bus:
        put(bus, *pairs[:at])
        bus.maintain()
        put(bus, *pairs[at:])
        bus.maintain()
        expected = {
            offset: value for offset, (key, value) in enumerate(pairs) if key not in dict(pairs[offset + 1 :])
        }
        assert kept(bus) == expected
        assert bus.ends("t")[PLACE][1] == len(pairs)
