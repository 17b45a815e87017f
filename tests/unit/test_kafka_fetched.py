"""What waits in a Kafka consumer is dealt out in order, lane by lane, and no partition waits for another."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.kafka.fetched import Fetched
from shared.bus.port import Partition, Record

LIVE = [Partition("news", number) for number in range(3)]
LATE = [Partition("late", number) for number in range(2)]


def records(place: Partition, count: int, start: int = 0, size: int = 1) -> list[Record]:
    return [
        Record(place.topic, place.number, offset, "k", b"x" * size, {}, 0)
        for offset in range(start, start + count)
    ]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.sampled_from([*LIVE, *LATE]), st.integers(1, 9)),
            st.tuples(st.just("take"), st.booleans(), st.integers(1, 7)),
            st.tuples(st.just("forget"), st.sampled_from([*LIVE, *LATE]), st.just(0)),
        ),
        max_size=30,
    ),
    st.sets(st.sampled_from([*LIVE, *LATE])),
)
def test_everything_comes_once_in_order_and_from_its_lane(
    steps: list[tuple[str, object, int]], paused: set[Partition]
) -> None:
    fetched = Fetched(["late"])
    fetched.add([*LIVE, *LATE])
    ends: defaultdict[Partition, int] = defaultdict(int)
    expected: defaultdict[Partition, list[int]] = defaultdict(list)
    for name, what, number in steps:
        if name == "append":
            assert isinstance(what, Partition)
            fetched.append(what, records(what, number, ends[what]))
            expected[what] += range(ends[what], ends[what] + number)
            ends[what] += number
        elif name == "forget":
            assert isinstance(what, Partition)
            fetched.forget(what)
            expected[what] = []
        else:
            lane = {place for place in expected if (place.topic == "late") is what and place not in paused}
            taken = fetched.take(number, paused, backfill=bool(what))
            assert len(taken) == min(number, sum(len(expected[place]) for place in lane))
            for record in taken:
                assert record.place in lane
                assert record.offset == expected[record.place].pop(0)
    free = {place for place, left in expected.items() if left} - paused
    assert fetched.has_live(paused) == any(place.topic == "news" for place in free)
    assert fetched.has_backfill(paused) == any(place.topic == "late" for place in free)


def test_who_was_served_goes_to_the_back() -> None:
    fetched = Fetched([])
    fetched.add(LIVE)
    for place in LIVE:
        fetched.append(place, records(place, 4))
    served = [fetched.take(1, (), backfill=False)[0].partition for _ in range(6)]
    assert sorted(served[:3]) == sorted(served[3:]) == [0, 1, 2]


def test_large_records_come_few_at_a_time_and_stop_the_fetching() -> None:
    fetched = Fetched([])
    fetched.add(LIVE)
    fetched.append(LIVE[0], records(LIVE[0], 10, size=4 * 1024 * 1024))
    assert fetched.full() == {LIVE[0]}
    assert len(fetched.take(100, (), backfill=False)) == 4
    assert len(fetched.take(1, (), backfill=False)) == 1
    fetched.drop([LIVE[0]])
    assert fetched.full() == frozenset()
    assert fetched.held() == set(LIVE[1:])
    fetched.append(LIVE[0], records(LIVE[0], 1))
    assert not fetched.has_live(()), "not held any more"
