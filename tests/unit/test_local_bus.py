"""The local bus's files: what they keep, what they say when they cannot, and who may hold what."""

import os
import resource
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.bus.local import LocalBus, consumer, database, open_local_bus
from shared.bus.local.locks import FileLock, is_held
from shared.bus.local.membership import Membership, live_members, partition_lock
from shared.bus.port import Bus, BusError, BusUnavailable, NewRecord, Partition, TopicSettings

TOPIC = TopicSettings("news", partitions=4)
FILE = Path("topics") / "news.sqlite"


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[LocalBus]:
    with closing(open_local_bus(tmp_path, [TOPIC], clock=lambda: 1)) as opened:
        yield opened


def put(bus: Bus, *keys: str, value: bytes = b"v") -> None:
    with closing(bus.producer()) as producer:
        producer.produce([NewRecord("news", key, value) for key in keys])


def count(bus: Bus) -> int:
    return sum(end - first for first, end in bus.ends("news").values())


def test_it_is_a_bus(tmp_path: Path) -> None:
    opened: Bus = open_local_bus(tmp_path, [])
    opened.close()


def test_a_topic_keeps_the_partitions_it_was_made_with(bus: LocalBus, tmp_path: Path) -> None:
    put(bus, "a")
    with closing(open_local_bus(tmp_path, [replace(TOPIC, partitions=9)])) as again:
        assert len(again.ends("news")) == 4
        assert count(again) == 1


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "ä", "a b", "x" * 201])
def test_names_that_are_no_file_names_are_refused(bus: LocalBus, tmp_path: Path, name: str) -> None:
    with pytest.raises(BusError, match="no name for a topic"):
        open_local_bus(tmp_path, [TopicSettings(name)])
    with pytest.raises(BusError, match="no name for a group"):
        bus.members(name)


def test_a_topic_needs_a_partition(tmp_path: Path) -> None:
    with pytest.raises(BusError, match=r"'none'.*at least 1"):
        open_local_bus(tmp_path, [TopicSettings("none", partitions=0)])


def test_half_a_character_in_a_key_is_refused_before_anything_is_written(bus: LocalBus) -> None:
    with pytest.raises(BusError, match="half a character"):
        put(bus, "good", "\ud800")
    assert count(bus) == 0


def test_timestamps_do_not_go_back_with_the_clock(tmp_path: Path) -> None:
    now = [1000]
    with closing(open_local_bus(tmp_path, [TopicSettings("news")], clock=lambda: now[0])) as bus:
        for at in (1000, 400, 700, 2000):
            now[0] = at
            put(bus, "k")
        place = Partition("news", 0)
        assert [record.timestamp for record in bus.read(place, 0, 9)] == [1000, 1000, 1000, 2000]
        assert [bus.offset_at(place, at) for at in (0, 1000, 1001, 2001)] == [0, 0, 3, 4]


def test_offsets_beyond_the_end_start_again_at_the_first_record(bus: LocalBus) -> None:
    # As after a restore of the topic from an older backup: reading twice is better than missing what comes.
    put(bus, *"abcd")
    bus.reset("g", dict.fromkeys(bus.ends("news"), 99))
    with closing(bus.consumer("g", ["news"])) as member:
        assert len(member.poll(100, 1)) == 4


def test_a_poll_takes_no_more_than_memory_allows(bus: LocalBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "_BUDGET", 25)
    put(bus, *"abcdefghij", value=b"x" * 10)
    sizes = []
    with closing(bus.consumer("g", ["news"])) as member:
        while records := member.poll(100, 0):
            sizes.append(len(records))
    assert sizes == [3, 3, 3, 1]


def test_one_poll_takes_of_every_partition(bus: LocalBus) -> None:
    # So that many keys can be worked on at once, however far one partition is behind.
    put(bus, *map(str, range(200)))
    with closing(bus.consumer("g", ["news"])) as member:
        shares = Counter(record.partition for record in member.poll(10, 1))
    assert sorted(shares.values()) == [2, 2, 3, 3]


def test_asking_about_a_group_that_never_was_leaves_nothing_behind(bus: LocalBus, tmp_path: Path) -> None:
    assert bus.members("g") == 0
    assert bus.committed("g", ["news"]) == {}
    assert set(bus.lag("g", ["news"]).values()) == {0}
    assert not (tmp_path / "groups").exists()


def test_the_bus_serves_many_threads(bus: LocalBus) -> None:
    faults: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(15):
                put(bus, f"{name}{number}")
                bus.ends("news")
                bus.lag("g", ["news"])
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert count(bus) == 60


# Faults are told in words.


def test_a_writer_that_hangs_is_told_as_busy(
    bus: LocalBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as hanging:
        hanging.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusUnavailable, match=r"news\.sqlite is busy"):
            put(bus, "a")
    put(bus, "a")
    assert count(bus) == 1


def test_a_disk_that_takes_no_more_is_told_and_nothing_is_half_written(bus: LocalBus) -> None:
    put(bus, "a")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(BusUnavailable, match=r"the disk that holds .*news\.sqlite fails"):
            put(bus, *"bcdefghijk", value=b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert count(bus) == 1
    put(bus, "b")
    assert count(bus) == 2


def test_a_full_disk_is_told(bus: LocalBus, tmp_path: Path) -> None:
    path = tmp_path / FILE
    with closing(database.connect(path)) as connection:
        connection.execute("PRAGMA max_page_count=10")
        with pytest.raises(BusUnavailable, match=r"news\.sqlite is full"), database.telling(path):
            connection.execute("INSERT INTO records VALUES (1, 1, '', NULL, zeroblob(100000))")


def test_a_write_that_fails_half_way_leaves_nothing(bus: LocalBus, tmp_path: Path) -> None:
    with closing(database.connect(tmp_path / FILE)) as connection:
        with pytest.raises(sqlite3.IntegrityError), database.writing(connection):
            connection.executemany("INSERT INTO partitions VALUES (?, 0, 0)", [(4,), (5,), (0,)])
        assert len(bus.ends("news")) == 4


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    open_local_bus(tmp_path, [TOPIC]).close()
    (tmp_path / FILE).write_bytes(b"no database at all, by far" * 500)
    with pytest.raises(BusError, match=r"news\.sqlite is damaged.*backup"):
        open_local_bus(tmp_path, [TOPIC]).ends("news")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with closing(open_local_bus(tmp_path, [TOPIC])) as bus:
        (tmp_path / FILE).unlink()
        with pytest.raises(BusUnavailable, match=r"news\.sqlite cannot be written"):
            bus.ends("news")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BusUnavailable, match="file"):
        open_local_bus(tmp_path / "file", [TOPIC])


# Locks and members.


def test_a_lock_excludes_within_one_process_too(tmp_path: Path) -> None:
    first = FileLock.take(tmp_path / "lock")
    assert first is not None
    assert FileLock.take(tmp_path / "lock") is None
    assert is_held(tmp_path / "lock")
    first.release()
    first.release()
    assert not is_held(tmp_path / "lock")
    assert not is_held(tmp_path / "missing")


def test_what_a_dead_member_left_is_removed(tmp_path: Path) -> None:
    member = Membership(tmp_path, {"news": 4})
    (tmp_path / "members" / "dead").write_text('{"news": 4}')
    assert live_members(tmp_path) == {member.id}
    assert [path.name for path in (tmp_path / "members").iterdir()] == [member.id]
    assert len(member.target()) == 4
    member.leave()
    member.leave()
    assert live_members(tmp_path) == set()


def test_a_forked_child_does_not_keep_its_dead_parents_partitions(tmp_path: Path) -> None:
    place = Partition("news", 0)
    member = Membership(tmp_path, {"news": 4})
    assert member.take([place]) == {place}
    told, tell = os.pipe()
    heard, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(tell)
        os.write(say, b"!")
        os.read(told, 1)  # until the parent closes its end
        os._exit(0)
    os.read(heard, 1)
    for end in (told, heard, say):
        os.close(end)
    member.leave()
    lock = partition_lock(tmp_path, place)
    alive = live_members(tmp_path)
    os.close(tell)
    os.waitpid(child, 0)
    assert lock is not None
    lock.release()
    assert alive == set()


def test_a_listener_that_fails_does_not_keep_partitions(bus: LocalBus) -> None:
    class Failing:
        def assigned(self, partitions: frozenset[Partition]) -> None: ...

        def lost(self, partitions: frozenset[Partition]) -> None: ...

        def revoked(self, partitions: frozenset[Partition]) -> None:
            raise RuntimeError("the listener's own fault")

    member = bus.consumer("g", ["news"], Failing())
    member.poll(1, 0)
    with pytest.raises(RuntimeError, match="own fault"):
        member.close()
    assert bus.members("g") == 0
    bus.reset("g", {Partition("news", 0): 0})


def test_what_is_closed_says_so(bus: LocalBus) -> None:
    member, producer = bus.consumer("g", ["news"]), bus.producer()
    for _ in range(2):
        member.close()
        producer.close()
    with pytest.raises(BusError, match="consumer of group 'g' is closed"):
        member.poll(1, 0)
    with pytest.raises(BusError, match="producer is closed"):
        producer.produce([])
