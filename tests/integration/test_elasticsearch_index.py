"""What only the index on Elasticsearch can meet: several months and writers, rebuilds under load and killed ones."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from shared.contracts.article import Article, Place
from shared.index.elasticsearch import open_elasticsearch_reader, open_elasticsearch_writer
from shared.index.elasticsearch.counting import PER_SHARD
from shared.index.elasticsearch.indices import Indices
from shared.index.elasticsearch.layout import Layout
from shared.index.port import FACETS, IndexReader, IndexUnavailable, IndexWriter, Search
from shared.query.ast import Keyword, Not, Prefix, Query, Word
from shared.query.evaluate import matches
from tests.conftest import ROOT
from tests.contract.index_articles import BEGIN, article, many
from tests.contract.index_asking import found, ids, later, paged
from tests.elasticsearch_server import empty


@pytest.fixture
def prefix(elasticsearch: str) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield name
    empty(elasticsearch, name)


@pytest.fixture
def writer(elasticsearch: str, prefix: str) -> Iterator[IndexWriter]:
    with closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as opened:
        yield opened


@pytest.fixture
def reader(elasticsearch: str, prefix: str) -> Iterator[IndexReader]:
    with closing(open_elasticsearch_reader(elasticsearch, prefix=prefix)) as opened:
        yield opened


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elasticsearch) as opened:
        yield opened


def test_emptying_takes_what_was_made_and_nothing_made_is_no_fault(
    elasticsearch: str, client: Elasticsearch, prefix: str
) -> None:
    empty(elasticsearch, prefix)
    for name in (f"{prefix}-a", f"{prefix}-b", f"not-{prefix}-a"):
        client.indices.create(index=name)
    empty(elasticsearch, prefix)
    assert not client.indices.exists(index=f"{prefix}-a,{prefix}-b", allow_no_indices=False)
    assert client.indices.exists(index=f"not-{prefix}-a")
    client.indices.delete(index=f"not-{prefix}-a")


def over_months(count: int, seed: int) -> list[Article]:
    """Varied articles, first seen over half a year."""
    return [
        later(made, 0, first_seen_at=BEGIN + timedelta(days=number * 180 / count))
        for number, made in enumerate(many(count, seed))
    ]


def backing(client: Elasticsearch, prefix: str) -> set[str]:
    return set(client.indices.get_alias(index=f"{prefix}-articles-*"))


def in_threads(*tasks: Callable[[], None]) -> list[BaseException]:
    """Run them all at once; what they failed with."""
    failures: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


# --- months


@pytest.mark.parametrize("query", [None, Word("acha"), Not(Keyword("source", "source-1")), Prefix("te")])
@pytest.mark.parametrize("unit", ["article", "event"])
def test_months_answer_as_one(
    writer: IndexWriter,
    reader: IndexReader,
    client: Elasticsearch,
    prefix: str,
    query: Query | None,
    unit: str,
) -> None:
    made = over_months(150, seed=1)
    writer.write(made)
    assert len(backing(client, prefix)) == 6
    matching = {a.id for a in made if query is None or matches(query, a)}
    for sort in ("date", "relevance"):
        search = Search(query, limit=200, sort=sort, unit=unit, facets=FACETS, timeline=True)  # type: ignore[arg-type]
        whole = reader.search(search)
        assert whole.total == len(whole.hits)
        assert sum(whole.facets["source"].values()) == sum(whole.timeline.values()) == len(matching)
        if unit == "article":
            assert set(ids(whole.hits)) == matching
        small = Search(query, limit=7, sort=sort, unit=unit)  # type: ignore[arg-type]
        assert [id for page in paged(reader, small) for id in ids(page.hits)] == ids(whole.hits)


def test_a_value_that_a_month_does_not_list_is_counted_there_too(
    writer: IndexWriter, reader: IndexReader
) -> None:
    """`rare` is the most frequent of one month; the other has more values before it than a shard lists."""
    rare, others = Place(name="rare"), tuple(Place(name=f"a{n:05}") for n in range(PER_SHARD))
    seen = BEGIN + timedelta(days=40)
    writer.write([article(f"a{n}", places=(rare,)) for n in range(3)])
    writer.write([article(f"b{n}", first_seen_at=seen, places=others) for n in range(2)])
    writer.write([article("c", first_seen_at=seen, places=(rare,))])
    page = reader.search(Search(facets=("place",)))
    assert next(iter(page.facets["place"].items())) == ("rare", 4)


def test_equal_articles_of_different_months_rank_alike(writer: IndexWriter, reader: IndexReader) -> None:
    """Though the word is rare in one month and in every article of the other."""
    seen = BEGIN + timedelta(days=40)
    writer.write([article("a", "Temple"), *(article(f"b{n}", "Gate") for n in range(20))])
    writer.write([article("c", "Temple", first_seen_at=seen), article("d", "Temple", first_seen_at=seen)])
    hits = reader.search(Search(Word("temple"))).hits
    assert ids(hits) == ["c", "d", "a"]
    assert len({hit.score for hit in hits}) == 1


def test_an_event_in_two_months_is_one(writer: IndexWriter, reader: IndexReader) -> None:
    made = over_months(80, seed=2)
    writer.write(made)
    events = {a.event.id if a.event else a.id for a in made}
    page = reader.search(Search(unit="event", limit=100, sort="date"))
    assert page.total == len(page.hits) == len(events)


def test_an_event_of_very_many_articles_is_shown_once(writer: IndexWriter, reader: IndexReader) -> None:
    shared = many(30, seed=3)[0].event or many(30, seed=3)[1].event
    large = [article(f"b{n:03}", published_at=BEGIN + timedelta(minutes=n), event=shared) for n in range(300)]
    alone = [article(f"c{n}", published_at=BEGIN - timedelta(minutes=n + 1)) for n in range(5)]
    writer.write(large + alone)
    pages = paged(reader, Search(unit="event", sort="date", limit=2))
    assert [id for page in pages for id in ids(page.hits)] == ["b299", *(f"c{n}" for n in range(5))]


# --- several writers


def test_of_several_writers_the_newest_version_stays(
    elasticsearch: str, prefix: str, reader: IndexReader
) -> None:
    made = over_months(40, seed=4)

    def task(number: int) -> Callable[[], None]:
        def write() -> None:
            with closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as own:
                for step in range(6):
                    own.write([later(a, 10 * step + number, title=f"step{step} by{number}") for a in made])

        return write

    assert in_threads(*(task(number) for number in range(3))) == []
    assert reader.count() == 40
    assert found(reader, Word("step5")) == found(reader, Word("by2")) == {a.id for a in made}


def test_what_was_deleted_may_come_again_older(writer: IndexWriter, reader: IndexReader) -> None:
    for step in range(5):
        writer.write([later(article("a"), 100 - step)])
        writer.delete(["a"])
        assert reader.get("a") is None
    writer.write([later(article("a"), -100, title="Oldest")])
    assert found(reader, Word("oldest")) == {"a"}


# --- rebuilding


def test_searches_never_fail_and_no_write_is_lost_while_indices_are_rebuilt(
    elasticsearch: str, prefix: str, writer: IndexWriter, reader: IndexReader
) -> None:
    kept = over_months(60, seed=5)
    writer.write(kept)
    wanted = {a.id for a in kept}
    done = threading.Event()
    written: list[str] = []

    def rebuild() -> None:
        try:
            for _ in range(3):
                list(writer.rebuild())
        finally:
            done.set()

    def search() -> None:
        while not done.is_set():
            assert found(reader) >= wanted
            assert sum(reader.search(Search(facets=("source",))).facets["source"].values()) >= len(wanted)
            assert found(reader, Prefix("te")) >= {a.id for a in kept if matches(Prefix("te"), a)}
            assert reader.get(kept[0].id) == kept[0]

    def write() -> None:
        with closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as other:
            while not done.is_set():
                number = len(written)
                seen = BEGIN + timedelta(days=40 * (number % 4))
                other.write(
                    [
                        article(f"new{number}", first_seen_at=seen),
                        article(f"gone{number}", first_seen_at=seen),
                    ]
                )
                assert found(reader) >= {f"new{number}"}
                other.delete([f"gone{number}"])
                written.append(f"new{number}")

    assert in_threads(rebuild, search, write) == []
    assert written
    assert found(reader) >= wanted | set(written)
    assert not [id for id in found(reader) if id.startswith("gone")]


def test_a_rebuild_leaves_one_index_per_month_and_a_cursor_outlives_it(
    writer: IndexWriter, reader: IndexReader, client: Elasticsearch, prefix: str
) -> None:
    writer.write(over_months(60, seed=6))
    search = Search(limit=11)
    first = reader.search(search)
    whole = ids(reader.search(Search(limit=100)).hits)
    assert len(backing(client, prefix)) == 6
    assert list(writer.rebuild())[-1] == 60
    assert len(backing(client, prefix)) == 6
    assert all(index.endswith("-0002") for index in backing(client, prefix))
    second = reader.search(Search(limit=11, cursor=first.next_cursor))
    assert ids(first.hits) + ids(second.hits) == whole[:22]


def test_a_rebuild_under_way_refuses_another_of_the_same_writer(writer: IndexWriter) -> None:
    writer.write(many(20, seed=7))
    steps = writer.rebuild()
    next(steps)
    with pytest.raises(IndexUnavailable, match="already"):
        list(writer.rebuild())
    list(steps)
    assert list(writer.rebuild())[-1] == 20


def test_a_second_rebuild_takes_over_and_the_first_says_so(
    elasticsearch: str, prefix: str, writer: IndexWriter, reader: IndexReader
) -> None:
    writer.write(many(20, seed=8))
    steps = writer.rebuild()
    next(steps)
    with closing(open_elasticsearch_writer(elasticsearch, prefix=prefix)) as other:
        assert list(other.rebuild())[-1] == 20
    with pytest.raises(IndexUnavailable, match=r"given up|cannot be copied|no such index"):
        list(steps)
    writer.write([article("after")])
    assert reader.count() == 21


KILLED = """
import os, signal, sys
from shared.index.elasticsearch import open_elasticsearch_writer
from shared.index.elasticsearch.indices import Indices

stop_writes = Indices.stop_writes
def stop_and_die(self, indices):
    stop_writes(self, indices)
    os.kill(os.getpid(), signal.SIGKILL)
Indices.stop_writes = stop_and_die
list(open_elasticsearch_writer(sys.argv[1], prefix=sys.argv[2]).rebuild())
"""


def test_a_rebuild_killed_at_its_worst_moment_is_ended_by_the_next_writer(
    elasticsearch: str, prefix: str, writer: IndexWriter, reader: IndexReader, client: Elasticsearch
) -> None:
    writer.write(over_months(30, seed=9))
    run = subprocess.run([sys.executable, "-c", KILLED, elasticsearch, prefix], cwd=ROOT, timeout=60)
    assert run.returncode == -9
    assert reader.count() == 30
    with closing(open_elasticsearch_writer(elasticsearch, prefix=prefix, patience=0.2)) as patient:
        patient.write([article("after")])
        patient.delete(["a00001"])
    assert reader.count() == 30
    assert len(backing(client, prefix)) == 6
    assert list(writer.rebuild())[-1] == 30
    assert reader.count() == 30


def test_a_block_that_somebody_set_on_purpose_is_left_alone(
    elasticsearch: str, prefix: str, writer: IndexWriter, client: Elasticsearch
) -> None:
    writer.write([article("a")])
    (index,) = backing(client, prefix)
    Indices(client, Layout(prefix)).stop_writes([index])
    with (
        closing(open_elasticsearch_writer(elasticsearch, prefix=prefix, patience=0.2)) as patient,
        pytest.raises(IndexUnavailable, match=r"index\.blocks\.write"),
    ):
        patient.write([article("b")])
    Indices(client, Layout(prefix)).allow_writes([index])
    writer.write([article("b")])


def test_indices_of_another_version_are_told_and_made_anew(
    writer: IndexWriter, reader: IndexReader, client: Elasticsearch, prefix: str
) -> None:
    """As a program with other fields would have left them: the same articles, names and aliases of version 0."""
    writer.write(many(20, seed=10))
    (index,) = backing(client, prefix)
    old = f"{prefix}-articles-v0-2025.01-0003"
    client.indices.create(
        index=old,
        mappings={"dynamic": False},
        aliases={name: {} for name in (f"{prefix}-articles", f"{prefix}-articles-v0")},
    )
    for hit in client.search(index=index, size=100)["hits"]["hits"]:
        client.index(index=old, id=hit["_id"], document=hit["_source"])
    client.indices.delete(index=index)
    client.indices.refresh(index=old)
    with pytest.raises(IndexUnavailable, match="another version"):
        reader.search(Search())
    with pytest.raises(IndexUnavailable, match="another version"):
        reader.count()
    with pytest.raises(IndexUnavailable, match="another version"):
        writer.write([article("b")])
    assert list(writer.rebuild())[-1] == 20
    writer.write([article("b")])
    assert reader.count() == 21
    assert backing(client, prefix) == {f"{prefix}-articles-v1-2025.01-0004"}
