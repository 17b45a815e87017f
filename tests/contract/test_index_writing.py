"""How every index keeps articles: versions, deletions, one writer, rebuilding while somebody reads."""

from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from shared.index.port import FACETS, IndexReader, IndexUnavailable, IndexWriter, Search
from shared.query.ast import Or, Phrase, Prefix, Word
from tests.contract.index_articles import article, many
from tests.contract.index_asking import found, ids, later
from tests.contract.index_engines import IndexFactory


def test_an_empty_index_answers(index_factory: IndexFactory) -> None:
    index_reader = index_factory.reader()
    try:
        page = index_reader.search(Search(Word("temple"), facets=("source",), timeline=True))
        assert (page.hits, page.total, page.next_cursor) == ((), 0, None)
        assert (page.facets, page.timeline) == ({"source": {}}, {})
        assert index_reader.count() == 0
        assert index_reader.get("a") is None
        index_writer = index_factory.writer()
        index_writer.write([article("a")])
        index_writer.close()
        assert index_reader.count() == 1
    finally:
        index_reader.close()


def test_what_was_written_is_found_at_once_and_comes_back_whole(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    for made in many(30, seed=1):
        index_writer.write([made])
        assert index_reader.get(made.id) == made
        assert made.id in found(index_reader)
    assert index_reader.count() == 30
    assert index_reader.get("nobody") is None


def test_an_older_version_is_passed_over_and_an_equal_one_replaces(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    first = article("a", "Walls")
    index_writer.write([first])
    index_writer.write([later(first, -1, title="Older", parse_version=9)])
    assert index_reader.get("a") == first
    assert found(index_reader, Word("older")) == set()
    for newer in (
        msgspec.structs.replace(first, title="Gates"),
        msgspec.structs.replace(first, title="Towers", parse_version=2),
        later(first, title="Moats"),
    ):
        index_writer.write([newer])
        assert index_reader.get("a") == newer
        assert found(index_reader, Word(newer.title.lower())) == {"a"}
        assert index_reader.search(Search()).total == index_reader.count() == 1
    assert found(index_reader, Or((Word("walls"), Word("gates"), Word("towers")))) == set()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 2, 0)])
def test_versions_hold_within_one_batch(
    index_writer: IndexWriter, index_reader: IndexReader, order: tuple[int, ...]
) -> None:
    first = article("a", "version0")
    index_writer.write([later(first, n, title=f"version{n}") for n in order])
    kept = index_reader.get("a")
    assert kept is not None
    assert kept.title == "version2"
    assert index_reader.search(Search()).total == 1
    assert [n for n in range(3) if found(index_reader, Word(f"version{n}"))] == [2]


def test_an_equal_version_later_in_a_batch_replaces(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write([article("a", "Walls"), article("a", "Gates")])
    assert found(index_reader, Word("gates")) == {"a"}
    assert found(index_reader, Word("walls")) == set()


def test_deleted_articles_are_gone_and_may_come_again(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write(many(20, seed=2))
    index_writer.delete(["a00003", "nobody", "a00007", "a00003"])
    index_writer.delete([])
    assert index_reader.get("a00003") is None
    assert found(index_reader) == {f"a{n:05}" for n in range(20) if n not in (3, 7)}
    assert index_reader.search(Search(limit=1)).total == index_reader.count() == 18
    index_writer.write([article("a00003", "Older than it was, and yet new")])
    assert found(index_reader, Phrase(("yet", "new"))) == {"a00003"}


def test_an_article_that_cannot_be_indexed_does_not_stop_others(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    before_time = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    harmful = article("harmful", published_at=before_time)
    with pytest.raises(ValueError, match="harmful"):
        index_writer.write([article("a"), harmful])
    index_writer.write([article("b")])
    assert found(index_reader) >= {"b"}
    assert index_reader.get("harmful") is None


def test_an_article_with_an_address_that_is_none_is_found(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    made = article("a", url="http://[no-address", canonical_url="http://[no-address")
    index_writer.write([made])
    assert index_reader.get("a") == made
    assert found(index_reader, Word("title")) == {"a"}


def test_a_writer_that_was_closed_says_so(index_factory: IndexFactory, index_writer: IndexWriter) -> None:
    index_writer.write([article("a")])
    index_writer.close()
    index_writer.close()
    with pytest.raises(IndexUnavailable, match="closed"):
        index_writer.write([article("b")])
    second = index_factory.writer(wait=0.0)
    second.write([article("b")])
    second.close()


def test_what_was_written_outlives_writer_and_reader(index_factory: IndexFactory) -> None:
    for number in range(3):
        writer = index_factory.writer()
        writer.write([article(f"a{number}", f"word{number} same")])
        writer.close()
        reader = index_factory.reader()
        assert found(reader, Word("same")) == {f"a{n}" for n in range(number + 1)}
        reader.close()
        reader.close()


def test_a_rebuild_changes_nothing_and_is_searched_through(
    index_factory: IndexFactory, index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    made = many(150, seed=3)
    index_writer.write(made)
    searches = [Search(query, limit=200, facets=FACETS) for query in (None, Word("acha"), Prefix("te"))]
    before = [(set(ids(page.hits)), page.facets) for page in map(index_reader.search, searches)]
    done = []
    for count in index_writer.rebuild():
        done.append(count)
        assert [(set(ids(page.hits)), page.facets) for page in map(index_reader.search, searches)] == before
    assert done == sorted(done)
    assert done[-1] == 150
    assert [(set(ids(page.hits)), page.facets) for page in map(index_reader.search, searches)] == before


def test_writes_during_a_rebuild_are_kept(index_writer: IndexWriter, index_reader: IndexReader) -> None:
    index_writer.write(many(120, seed=4))
    for number, _ in enumerate(index_writer.rebuild()):
        index_writer.write(
            [
                article(f"during{number}", "Meanwhile"),
                article("a00001", "Meanwhile", fetched_at=later(article("x")).fetched_at),
            ]
        )
        index_writer.delete([f"a{119 - number:05}", f"a{2 + number:05}"])
        assert f"during{number}" in found(index_reader, Word("meanwhile"))
    steps = number + 1
    assert index_reader.count() == 120 - 2 * steps + steps
    assert {f"during{n}" for n in range(steps)} | {"a00001"} == found(index_reader, Word("meanwhile"))
    index_writer.write([article("after", "Meanwhile")])
    assert "after" in found(index_reader, Word("meanwhile"))


def test_a_rebuild_given_up_leaves_the_index_as_it_was(
    index_writer: IndexWriter, index_reader: IndexReader
) -> None:
    index_writer.write(many(120, seed=5))
    abandoned = index_writer.rebuild()
    assert next(iter(abandoned)) > 0
    abandoned.close()
    assert index_reader.search(Search()).total == 120
    assert list(index_writer.rebuild())[-1] == 120
