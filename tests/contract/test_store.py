"""What every store promises (`shared/store/port.py`), held against each engine."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.store.port import AlreadyExists, Store, Stored, VersionConflict, Write
from tests.contract.store_engines import StoreFactory, StoreJob
from tests.waiting import SOON, wait_until


@pytest.fixture
def store(store_factory: StoreFactory) -> Iterator[Store]:
    opened = store_factory()
    yield opened
    opened.close()


def in_processes(
    factory: StoreFactory, work: Callable[[Store, int], list[str]], numbers: Sequence[int]
) -> list[list[str]]:
    """The same work in one process per number, all at once."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(numbers), mp_context=spawn) as pool:
        return list(pool.map(StoreJob(factory, work), numbers))


def listed(store: Store, **where: str) -> list[str]:
    return [stored.id for stored in store.list("pages", where)]


def test_what_was_never_written_is_absent(store: Store) -> None:
    assert store.get("pages", "a") is None
    assert store.get_many("pages", ["a", "b"]) == {}
    assert list(store.list("pages")) == []
    assert store.count("pages") == 0
    assert store.count_by("pages", "source") == {}
    assert store.delete("pages", "a") is False


def test_create_keeps_once_and_shows_what_is_there(store: Store) -> None:
    made = store.create("pages", "a", b"\x00one\xff", {"source": "whc"})
    assert made == Stored("a", b"\x00one\xff", {"source": "whc"}, 1)
    assert store.get("pages", "a") == made
    with pytest.raises(AlreadyExists, match="pages/a") as refused:
        store.create("pages", "a", b"two")
    assert refused.value.existing == made
    assert store.get("pages", "a") == made


def test_every_write_raises_the_version(store: Store) -> None:
    assert store.put(Write("pages", "a", b"1")).version == 1
    assert store.put(Write("pages", "a", b"2")).version == 2
    assert store.put(Write("pages", "a", b"3", expected=2)).version == 3
    kept = store.get("pages", "a")
    assert kept is not None
    assert (kept.body, kept.version) == (b"3", 3)


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_wrong_expectation_changes_nothing(store: Store, expected: int) -> None:
    store.put(Write("pages", "a", b"1"))
    kept = store.put(Write("pages", "a", b"2", {"state": "kept"}))
    with pytest.raises(VersionConflict, match="pages/a"):
        store.put(Write("pages", "a", b"3", {"state": "lost"}, expected))
    assert store.get("pages", "a") == kept


def test_an_expected_version_of_what_is_absent_conflicts(store: Store) -> None:
    store.put(Write("pages", "b", b"1"))
    with pytest.raises(VersionConflict, match="pages/a"):
        store.put(Write("pages", "a", b"1", expected=1))
    assert store.put(Write("pages", "a", b"1", expected=0)).version == 1


def test_put_many_keeps_the_others_when_one_conflicts(store: Store) -> None:
    store.put(Write("pages", "b", b"old"))
    writes = [
        Write("pages", "a", b"1"),
        Write("pages", "b", b"2", expected=0),
        Write("other", "b", b"3", expected=0),
        Write("pages", "a", b"4", expected=1),
    ]
    with pytest.raises(VersionConflict, match="pages/b"):
        store.put_many(writes)
    bodies = {id: stored.body for id, stored in store.get_many("pages", ["a", "b"]).items()}
    assert bodies == {"a": b"4", "b": b"old"}
    other = store.get("other", "b")
    assert other is not None
    assert other.body == b"3"
    store.put_many([])


def test_collections_do_not_see_one_another(store: Store) -> None:
    store.create("pages", "a", b"page")
    store.create("aliases", "a", b"alias")
    assert store.delete("pages", "a") is True
    assert store.get("pages", "a") is None
    assert store.get("aliases", "a") is not None


def test_delete_removes_labels_too_and_a_new_life_begins_at_one(store: Store) -> None:
    store.put(Write("pages", "a", b"1", {"source": "whc"}))
    store.put(Write("pages", "a", b"2", {"source": "whc"}))
    assert store.delete("pages", "a") is True
    assert store.delete("pages", "a") is False
    wait_until(
        lambda: store.count("pages", {"source": "whc"}) == 0, SOON, "the deleted document leaves the list"
    )
    assert store.create("pages", "a", b"3").version >= 1
    wait_until(lambda: store.count("pages") == 1, SOON, "the new document is listed")
    assert listed(store, source="whc") == []


def test_labels_list_count_and_follow_rewrites(store: Store) -> None:
    for n in range(30):
        labels = {"source": f"s{n % 3}", "state": "new" if n % 2 else "done"}
        store.put(Write("pages", f"{n:02}", b"", labels))
    store.put(Write("pages", "00", b"", {"source": "s1"}))
    wait_until(lambda: store.count("pages", {"source": "s1"}) == 11, SOON, "the rewritten label is listed")
    assert listed(store, source="s0") == [f"{n:02}" for n in range(3, 30, 3)]
    assert listed(store, source="s1", state="new") == ["01", "07", "13", "19", "25"]
    assert listed(store, source="s1", state="none") == []
    assert listed(store, nothing="s1") == []
    assert store.count("pages", {"source": "s2", "state": "done"}) == 5
    assert store.count_by("pages", "source") == {"s0": 9, "s1": 11, "s2": 10}
    assert store.count_by("pages", "nothing") == {}


def test_listing_pages_through_everything_in_order(store: Store) -> None:
    ids = sorted(f"https://example.org/{n}" for n in range(450))
    store.put_many([Write("pages", id, id.encode(), {"all": "yes"}) for id in reversed(ids)])
    wait_until(lambda: store.count("pages") == len(ids), SOON, "all are listed")
    for where in ({}, {"all": "yes"}):
        assert [stored.id for stored in store.list("pages", where)] == ids
        seen: list[str] = []
        while page := list(store.list("pages", where, after=seen[-1] if seen else "", limit=101)):
            assert len(page) <= 101
            seen += [stored.id for stored in page]
        assert seen == ids
        assert [stored.body for stored in store.list("pages", where, limit=1)] == [ids[0].encode()]
        assert list(store.list("pages", where, limit=0)) == []


def test_a_listing_may_be_written_under(store: Store) -> None:
    store.put_many([Write("pages", f"{n:03}", b"") for n in range(250)])
    wait_until(lambda: store.count("pages") == 250, SOON, "all are listed")
    seen = []
    for stored in store.list("pages"):
        seen.append(stored.id)
        store.delete("pages", stored.id)
    assert len(seen) == 250
    wait_until(lambda: store.count("pages") == 0, SOON, "all are gone")


def test_get_many_of_very_many(store: Store) -> None:
    store.put_many([Write("pages", str(n), b"x") for n in range(0, 1500, 2)])
    found = store.get_many("pages", [str(n) for n in range(1500)])
    assert sorted(found, key=int) == [str(n) for n in range(0, 1500, 2)]


ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(id=ids, body=st.binary(max_size=200), labels=st.dictionaries(ids, ids, max_size=3))
def test_any_text_and_bytes_come_back_as_they_were(
    store: Store, id: str, body: bytes, labels: dict[str, str]
) -> None:
    stored = store.put(Write("pages", id, body, labels))
    assert store.get("pages", id) == stored
    assert (stored.id, stored.body, stored.labels) == (id, body, labels)


def test_a_large_body_comes_back(store: Store) -> None:
    body = bytes(range(256)) * 4 * 4096
    store.create("pages", "large", body)
    kept = store.get("pages", "large")
    assert kept is not None
    assert kept.body == body


@pytest.mark.parametrize("name", ["", "Pages", "../pages", "a b", "1a", "-a", "a\n", "a.b", "é"])
def test_a_collection_name_that_is_none_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="collection"):
        store.create(name, "a", b"")
    with pytest.raises(ValueError, match="collection"):
        store.get(name, "a")
    with pytest.raises(ValueError, match="collection"):
        store.put_many([Write(name, "a", b"")])


def test_what_was_written_outlives_the_store_and_close_may_come_twice(store_factory: StoreFactory) -> None:
    first = store_factory()
    first.create("pages", "a", b"1", {"source": "whc"})
    first.close()
    first.close()
    second = store_factory()
    try:
        assert second.get("pages", "a") == Stored("a", b"1", {"source": "whc"}, 1)
    finally:
        second.close()


def test_another_handle_sees_a_write_at_once(store: Store, store_factory: StoreFactory) -> None:
    other = store_factory()
    try:
        assert other.get("pages", "a") is None
        store.create("pages", "a", b"1")
        kept = other.get("pages", "a")
        assert kept is not None
        assert other.put(Write("pages", "a", b"2", expected=1)).version == 2
        with pytest.raises(VersionConflict):
            store.put(Write("pages", "a", b"3", expected=1))
    finally:
        other.close()


def create_all(store: Store, number: int) -> list[str]:
    won = []
    for n in range(60):
        try:
            store.create("claims", str(n), str(number).encode())
            won.append(str(n))
        except AlreadyExists:
            continue
    return won


def test_of_two_processes_exactly_one_creates_each_id(store_factory: StoreFactory, store: Store) -> None:
    first, second = in_processes(store_factory, create_all, [1, 2])
    assert sorted(first + second, key=int) == [str(n) for n in range(60)]
    for number, won in ((b"1", first), (b"2", second)):
        assert all(kept.body == number for kept in store.get_many("claims", won).values())


def count_up(store: Store, number: int) -> list[str]:
    for step in range(40):
        id = str(step % 3)
        while True:
            kept = store.get("counters", id)
            value = 0 if kept is None else int(kept.body)
            version = 0 if kept is None else kept.version
            try:
                store.put(Write("counters", id, str(value + 1).encode(), expected=version))
                break
            except VersionConflict:
                continue
    return []


def test_counters_of_several_processes_lose_no_step(store_factory: StoreFactory, store: Store) -> None:
    in_processes(store_factory, count_up, [1, 2, 3])
    totals = [int(kept.body) for kept in store.get_many("counters", ["0", "1", "2"]).values()]
    assert sum(totals) == 3 * 40


def test_threads_may_share_one_store(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: count_up(store, number), range(4)))
        won = list(pool.map(lambda number: create_all(store, number), range(4)))
    totals = [int(kept.body) for kept in store.get_many("counters", ["0", "1", "2"]).values()]
    assert sum(totals) == 4 * 40
    assert sorted(chain.from_iterable(won), key=int) == [str(n) for n in range(60)]
