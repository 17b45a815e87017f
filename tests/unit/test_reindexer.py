"""Requests to rebuild the index: carried out once, given back, taken over, given up; the index is whole all along."""

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.indexer.reindex import (
    COLLECTION,
    ID,
    SILENT,
    TELL_EVERY,
    AskedAlready,
    Reindexer,
    Request,
    ask,
    standing,
    withdraw,
)
from shared.contracts.article import Article
from shared.index.local import open_local_reader, open_local_writer
from shared.index.port import IndexUnavailable, IndexWriter
from shared.store.port import Store, Write
from tests.contract.index_articles import many
from tests.waiting import wait_until

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COUNT = 120  # more than two steps of the embedded index


class Clock:
    """Moves on a little with every look, so that every step is told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += TELL_EVERY
        return self.now


class Stepped:
    """A writer whose rebuild stops before every step until it is let on."""

    def __init__(self, writer: IndexWriter) -> None:
        self._writer = writer
        self.waits = threading.Semaphore(0)
        self.goes_on = threading.Semaphore(0)
        self.done = 0

    def rebuild(self) -> Generator[int, None, None]:
        with closing(self._writer.rebuild()) as steps:
            for self.done in steps:
                self.waits.release()
                assert self.goes_on.acquire(timeout=30)
                yield self.done

    def write(self, articles: Sequence[Article]) -> None:
        self._writer.write(articles)

    def delete(self, ids: Sequence[str]) -> None:
        self._writer.delete(ids)

    def close(self) -> None:
        self._writer.close()

    def let_on(self) -> None:
        """As far as it likes."""
        for _ in range(100):
            self.goes_on.release()


class Broken(Stepped):
    """A writer that cannot rebuild."""

    def __init__(self, writer: IndexWriter, error: Exception) -> None:
        super().__init__(writer)
        self._error = error

    def rebuild(self) -> Generator[int, None, None]:
        yield 1
        raise self._error


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Stepped]:
    with closing(Stepped(open_local_writer(tmp_path / "index", 1))) as opened:
        opened.write(many(COUNT, seed=1))
        yield opened


def now_standing(store: Store) -> Request:
    found = standing(store)
    assert found
    return found


def ended(store: Store, state: str) -> Request:
    """The request once it has ended so."""
    wait_until(lambda: now_standing(store).state == state, 30, lambda: str(standing(store)))
    return now_standing(store)


def tick(reindexer: Reindexer, now: datetime = START) -> None:
    reindexer.tick(now, lambda topic, key: True)


def folders(index: Path) -> set[str]:
    return {path.name for path in index.iterdir() if path.name.startswith("search-")}


def test_without_a_request_nothing_is_rebuilt(store: Store, writer: Stepped, tmp_path: Path) -> None:
    before = folders(tmp_path / "index")
    reindexer = Reindexer(writer, store, Clock())
    tick(reindexer)
    reindexer.close()
    assert folders(tmp_path / "index") == before
    assert standing(store) is None


def test_a_request_is_carried_out_once_and_tells_how_far_it_is(
    store: Store, writer: Stepped, tmp_path: Path
) -> None:
    before = folders(tmp_path / "index")
    reindexer = Reindexer(writer, store, Clock())
    asked = ask(store, START)
    assert asked.state == "asked"
    tick(reindexer)
    told = []
    for _ in range(3):
        assert writer.waits.acquire(timeout=30)
        told.append(now_standing(store).done)
        tick(reindexer)  # does not begin it a second time
        writer.goes_on.release()
    done = ended(store, "done")
    assert (done.id, done.done) == (asked.id, COUNT)
    assert told == [0, 50, 100]
    assert len(folders(tmp_path / "index")) == 1
    assert folders(tmp_path / "index") != before
    tick(reindexer)
    reindexer.close()
    assert now_standing(store) == done


def test_articles_are_written_between_two_steps(store: Store, writer: Stepped, tmp_path: Path) -> None:
    reindexer = Reindexer(writer, store, Clock())
    ask(store, START)
    tick(reindexer)
    assert writer.waits.acquire(timeout=30)
    writer.write(many(COUNT + 30, seed=2)[COUNT:])
    writer.let_on()
    ended(store, "done")
    reindexer.close()
    with closing(open_local_reader(tmp_path / "index")) as reader:
        assert reader.count() == COUNT + 30


def test_a_rebuild_at_full_speed_leaves_writes_their_turn(store: Store, writer: Stepped) -> None:
    """A lock that is given back and taken again at once would hold them up to the end."""
    writer.write(many(3000, seed=3))
    writer.let_on()
    reindexer = Reindexer(writer, store, lambda: START)
    ask(store, START)
    tick(reindexer)
    assert writer.waits.acquire(timeout=30)
    writer.write(many(3, seed=4))
    assert writer.done < 1500
    ended(store, "done")
    reindexer.close()


def test_a_second_request_is_refused_until_the_first_has_ended(store: Store, writer: Stepped) -> None:
    first = ask(store, START)
    with pytest.raises(AskedAlready, match="about to begin"):
        ask(store, START + SILENT / 2)
    reindexer = Reindexer(writer, store, lambda: START + SILENT)
    tick(reindexer)
    assert writer.waits.acquire(timeout=30)
    with pytest.raises(AskedAlready, match="0 documents are done"):
        ask(store, START + SILENT * 1.5)
    writer.let_on()
    ended(store, "done")
    reindexer.close()
    assert ask(store, START + SILENT * 1.5).id != first.id


def test_a_request_that_nobody_works_on_gives_way(store: Store) -> None:
    first = ask(store, START)
    second = ask(store, START + SILENT)
    assert now_standing(store) == second
    withdraw(store, first, START + SILENT)  # has no say any more
    assert now_standing(store) == second


def test_a_withdrawn_request_leaves_the_index_as_it_was(
    store: Store, writer: Stepped, tmp_path: Path
) -> None:
    before = folders(tmp_path / "index")
    reindexer = Reindexer(writer, store, Clock())
    asked = ask(store, START)
    tick(reindexer)
    assert writer.waits.acquire(timeout=30)
    withdraw(store, asked, START)
    writer.let_on()
    wait_until(lambda: folders(tmp_path / "index") == before, 30)
    assert now_standing(store).state == "failed"
    wait_until(lambda: _carried_out(store, reindexer), 30)
    reindexer.close()


def _carried_out(store: Store, reindexer: Reindexer) -> bool:
    """Ask anew unless that has been done, and let the indexer look."""
    request = now_standing(store)
    if request.state == "failed":
        ask(store, START)
    tick(reindexer)
    return request.state == "done"


def test_an_indexer_that_stops_gives_the_request_to_the_next(store: Store, writer: Stepped) -> None:
    first = Reindexer(writer, store, Clock())
    asked = ask(store, START)
    tick(first)
    assert writer.waits.acquire(timeout=30)
    closing_ = threading.Thread(target=first.close)
    closing_.start()
    writer.let_on()
    closing_.join(30)
    assert now_standing(store).state == "asked"
    second = Reindexer(writer, store, Clock())
    tick(second)
    assert ended(store, "done").id == asked.id
    second.close()
    first.close()


def test_of_two_indexers_one_carries_it_out(store: Store, writer: Stepped) -> None:
    first, second = Reindexer(writer, store, Clock()), Reindexer(writer, store, Clock())
    ask(store, START)
    tick(first)
    tick(second)
    writer.let_on()
    assert ended(store, "done").done == COUNT
    first.close()
    second.close()
    assert now_standing(store).state == "done"


def test_what_a_killed_indexer_left_is_taken_over_after_a_while(store: Store, writer: Stepped) -> None:
    asked = ask(store, START)
    killed = Request(id=asked.id, state="under way", told_at=START, done=50)
    stored = store.get(COLLECTION, ID)
    assert stored
    store.put(Write(COLLECTION, ID, _body(killed), expected=stored.version))
    reindexer = Reindexer(writer, store, Clock())
    writer.let_on()
    for seconds in (0, 10, 29):
        tick(reindexer, START + timedelta(seconds=seconds))
        assert now_standing(store) == killed
    tick(reindexer, START + SILENT)
    assert ended(store, "done").done == COUNT
    reindexer.close()


def test_where_there_can_be_no_other_indexer_it_is_taken_over_at_once(store: Store, writer: Stepped) -> None:
    store.put(Write(COLLECTION, ID, _body(Request(id="killed", state="under way", told_at=START))))
    reindexer = Reindexer(writer, store, Clock(), silent=timedelta(0))
    writer.let_on()
    tick(reindexer)
    assert ended(store, "done").id == "killed"
    reindexer.close()


def test_one_that_was_taken_for_dead_learns_that_it_has_lost_the_request(
    store: Store, writer: Stepped, tmp_path: Path
) -> None:
    before = folders(tmp_path / "index")
    asked = ask(store, START)
    late = Reindexer(writer, store, Clock())
    tick(late)
    assert writer.waits.acquire(timeout=30)
    stored = store.get(COLLECTION, ID)
    assert stored
    taken = Request(id=asked.id, state="under way", told_at=START, done=7)
    store.put(Write(COLLECTION, ID, _body(taken), expected=stored.version))
    writer.let_on()
    wait_until(lambda: folders(tmp_path / "index") == before, 30)
    late.close()
    assert now_standing(store) == taken


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (IndexUnavailable("disk full"), "disk full"),
        (RuntimeError("moon"), "RuntimeError: moon; this is a fault of the program"),
    ],
)
def test_why_it_failed_is_told(store: Store, writer: Stepped, error: Exception, told: str) -> None:
    reindexer = Reindexer(Broken(writer, error), store, Clock())
    ask(store, START)
    tick(reindexer)
    assert ended(store, "failed").reason.startswith(told)
    reindexer.close()


def test_what_another_version_left_there_is_no_request(store: Store, writer: Stepped) -> None:
    store.put(Write(COLLECTION, ID, b'{"of": "another version"}'))
    reindexer = Reindexer(writer, store, Clock())
    tick(reindexer)
    assert standing(store) is None
    ask(store, START)
    writer.let_on()
    tick(reindexer)
    ended(store, "done")
    reindexer.close()


def _body(request: Request) -> bytes:
    return msgspec.json.encode(request)
