"""The parts of the Elasticsearch adapters that need no server: versions, names, labels, and errors in words."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.elastic import Done, ElasticSecurity, connect, shown
from shared.index.elasticsearch.compile import compile_query
from shared.index.elasticsearch.document import operation, version_of
from shared.index.elasticsearch.layout import Layout, month_and_generation, month_of
from shared.index.fields import EPOCH
from shared.index.port import age
from shared.query.ast import And, Or, Phrase, Query, Word
from shared.store.elasticsearch import _key, _label, _term, open_elasticsearch_store
from tests.contract.index_articles import article

fetches = st.integers(0, 9 * 10**15).map(lambda micros: EPOCH + timedelta(microseconds=micros))
rules = st.integers(0, 1023)


@given(st.tuples(fetches, rules), st.tuples(fetches, rules))
def test_versions_are_ordered_as_ages_are(one: tuple[datetime, int], other: tuple[datetime, int]) -> None:
    a, b = (article("a", fetched_at=at, parse_version=rule) for at, rule in (one, other))
    assert (version_of(a) < version_of(b)) == (age(a) < age(b))
    assert (version_of(a) == version_of(b)) == (age(a) == age(b))
    assert 0 <= version_of(a) < 2**63


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_version_always_fits(year: int) -> None:
    made = article("a", fetched_at=datetime(year, 12, 31, tzinfo=UTC), parse_version=10**9)
    assert 0 <= version_of(made) < 2**63


def test_the_month_is_that_of_first_sight_in_utc() -> None:
    late = datetime(2025, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert month_of(late) == "2025.12"
    assert month_of(datetime(1, 1, 1, tzinfo=UTC)) == "0001.01"
    made = operation(Layout("wire"), article("a", first_seen_at=late, published_at=None))
    assert made.action["index"]["_index"] == "wire-articles-v1-write-2025.12"


def test_a_backing_index_is_told_by_its_name() -> None:
    layout = Layout("wire")
    assert month_and_generation(layout.backing("2025.11", 12)) == ("2025.11", 12)
    assert month_and_generation(layout.write("2025.11")) is None
    assert month_and_generation(layout.deleted) is None


@pytest.mark.parametrize("prefix", ["", "Wire", "-wire", "wire*", "a,b", "wire\n", "../wire"])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        Layout(prefix)
    with pytest.raises(ValueError, match="prefix"):
        open_elasticsearch_store("http://127.0.0.1:9", prefix=prefix)


@given(st.text(), st.text())
def test_labels_come_back_from_their_terms(name: str, value: str) -> None:
    assert _label(_term(name, value)) == (name, value)


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_no_two_labels_share_a_term(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (_term(*one) == _term(*other)) == (one == other)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_key_fits_and_no_id_can_pass_for_the_fingerprint_of_another(id: str) -> None:
    long = id.ljust(600, "é")
    assert len(_key(long).encode()) <= 512
    assert _key(_key(long)) != _key(long)
    assert _key(id) != _key(long)


def test_the_document_is_the_article_with_what_is_searched_beside_it() -> None:
    made = article("a", "Temples", "Old temples of Xi'an")
    document = operation(Layout("wire"), made).document
    assert document is not None
    fields = msgspec.json.decode(document)
    searched = fields.pop("search")
    assert msgspec.convert(fields, type(made)) == made
    assert searched["words"] == ["temples", "old temples of xi an"]
    assert sorted(searched["tokens"]) == ["an", "of", "old", "temples", "xi"]
    assert searched["group"] == "article:a"


def clauses(dsl: object) -> int:
    """The clauses that Elasticsearch counts: each term, each word of a phrase, each set of terms as one."""
    if isinstance(dsl, dict):
        own = sum(1 for kind in ("term", "terms", "match_phrase", "prefix", "range") if kind in dsl)
        return own + sum(map(clauses, dsl.values()))
    return sum(map(clauses, dsl)) if isinstance(dsl, list | tuple) else 0


@pytest.mark.parametrize("count", [1, 20, 21, 200])
def test_no_number_of_words_needs_more_clauses_than_elasticsearch_allows(count: int) -> None:
    words: tuple[Query, ...] = tuple(Word(f"heritage{'abcdefghij'[n % 10]}{n}x") for n in range(count))
    assert clauses(compile_query(Or(words))) <= 1024
    assert clauses(compile_query(And((*words, Phrase(("a", "b")))))) <= 1024


def test_an_operation_that_never_fits_is_told_from_a_busy_server() -> None:
    busy = "rejected execution [coordinating_and_primary_bytes=50000000, max_coordinating_and_primary_bytes=53687091]"
    assert not Done("i", "a", 429, {}, "es_rejected_execution_exception", busy).never_fits
    large = "[coordinating_and_primary_bytes=1, primary_operation_bytes=53574116, max_primary_bytes=53687091]"
    assert Done("i", "a", 429, {}, "es_rejected_execution_exception", large).never_fits
    small = large.replace("53574116", "13574116")
    assert not Done("i", "a", 429, {}, "es_rejected_execution_exception", small).never_fits


@pytest.mark.parametrize("address", ["", "local", "localhost:9200", "ftp://h:1", "http://", "http://h:x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        connect(address)


def test_no_password_and_no_key_is_ever_shown() -> None:
    assert shown("https://me:secret@one:9200,http://two") == "https://one:9200,http://two"
    assert "secret" not in repr(ElasticSecurity(api_key="secret"))
    with pytest.raises(ValueError, match="address") as refused:
        connect("http://me:secret@one:x")
    assert "secret" not in str(refused.value)


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        if path.name == "empty.pem":
            path.write_text("no certificate")
        with pytest.raises(ValueError, match=path.name):
            connect("https://localhost:9200", ElasticSecurity(ca_file=path))
