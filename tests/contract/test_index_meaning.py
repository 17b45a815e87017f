"""What a query finds is what `shared.query.evaluate` says it matches, article for article, in every script."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.article import Article
from shared.index.port import IndexReader
from shared.query.ast import (
    And,
    Between,
    Duplicate,
    Keyword,
    KeywordField,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    TextScope,
    Word,
)
from shared.query.evaluate import SearchDocument, matches
from shared.text.analysis import phrase, tokens
from tests.contract.index_articles import BEGIN, PHASES, QUALITIES, WORDS, many
from tests.contract.index_asking import found
from tests.contract.index_engines import ENGINES, IndexFactory
from tests.elasticsearch_server import empty

ARTICLES = 100
EXAMPLES = 120  # queries, each held against every article: 12,000 pairs
LONG_RUN = 10_000  # the same: a million pairs


@lru_cache(maxsize=1)
def corpus() -> Sequence[Article]:
    return many(ARTICLES, seed=20251126, length=12)


@lru_cache(maxsize=1)
def documents() -> Mapping[str, SearchDocument]:
    return {article.id: SearchDocument.of_article(article) for article in corpus()}


def expected(query: Query) -> set[str]:
    return {id for id, document in documents().items() if matches(query, document)}


@pytest.fixture(scope="module", params=ENGINES)
def filled(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[IndexReader]:
    place = str(tmp_path_factory.mktemp("meaning"))
    if request.param == "elasticsearch":
        place = request.getfixturevalue("elasticsearch")
    factory = IndexFactory(engine=request.param, place=place, prefix=f"test-{uuid4().hex}")
    writer = factory.writer()
    for at in range(0, ARTICLES, 9):  # several segments, several rewritten
        writer.write(corpus()[max(0, at - 3) : at + 9])
    reader = factory.reader()
    yield reader
    reader.close()
    writer.close()
    if request.param == "elasticsearch":
        empty(place, factory.prefix)


VOCABULARY = [token.text for words in WORDS.values() for word in words for token in tokens(word)]
INFLECTED = [
    "visit",
    "visiting",
    "temple",
    "museum",
    "musée",
    "haus",
    "häusern",
    "музеев",
    "наследию",
    "none",
]
FOLDED = [token.text for word in INFLECTED for token in tokens(word)]

scopes: st.SearchStrategy[TextScope] = st.sampled_from(("all", "title"))
word_tokens = st.sampled_from(VOCABULARY + FOLDED)
days = st.integers(-2, 24).map(lambda day: BEGIN + timedelta(days=day)) | st.none()


@st.composite
def phrases(draw: st.DrawFn) -> Phrase:
    """Stretches of real articles, also across sentences, and now and then rows that stand nowhere."""
    made = draw(st.sampled_from(corpus()))
    row = tokens(draw(st.sampled_from((made.title, made.text, f"{made.title} {made.text}"))))
    start = draw(st.integers(0, max(0, len(row) - 1)))
    stretch = tuple(token.text for token in row[start : start + draw(st.integers(1, 4))])
    scope: TextScope = draw(scopes)
    return Phrase(stretch or (draw(word_tokens), draw(word_tokens)), scope)


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    token = draw(word_tokens)
    return Prefix(token[: draw(st.integers(1, len(token)))], draw(scopes))


@st.composite
def keyword_queries(draw: st.DrawFn) -> Keyword:
    values: dict[KeywordField, tuple[str, ...]] = {
        "alliance": ("acha", "icomos", "whc", "Whc"),
        "mention": ("acha", "icomos", "whc"),
        "event": ("event-1", "event-12", "none"),
        "type": ("assembly", "forum"),
        "phase": PHASES,
        "source": ("source-1", "source-4"),
        "quality": QUALITIES,
        "country": ("cn", "fr", "CN"),
        "lang": tuple(WORDS),
        "place": ("chongqing", "重庆", "xi'an", "xi an"),
        "site": (
            "example.org",
            "news.example.org",
            "org",
            "example.com",
            "xn--bcher-kva.example",
            "ample.org",
        ),
        "author": ("ana ruiz", "josé núñez", "jose nunez", "李雷", "ruiz"),
    }
    field = draw(st.sampled_from(list(values)))
    return Keyword(field, draw(st.sampled_from(values[field])))


def combined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=1, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, parts)


leaves: st.SearchStrategy[Query] = st.one_of(
    st.builds(Word, word_tokens, scopes),
    phrases(),
    prefixes(),
    keyword_queries(),
    st.builds(Duplicate),
    st.builds(Between, days, days),
)


whole = st.recursive(leaves, combined, max_leaves=8)


@settings(max_examples=EXAMPLES, deadline=None)
@given(query=leaves)
def test_every_kind_of_condition_finds_what_it_matches(filled: IndexReader, query: Query) -> None:
    assert found(filled, query) == expected(query)


@settings(max_examples=EXAMPLES, deadline=None)
@given(query=whole)
def test_whole_queries_find_what_they_match(filled: IndexReader, query: Query) -> None:
    assert found(filled, query) == expected(query)


@pytest.mark.long_run
@settings(max_examples=LONG_RUN, deadline=None)
@given(query=leaves | whole)
def test_a_million_pairs(filled: IndexReader, query: Query) -> None:
    assert found(filled, query) == expected(query)


@pytest.mark.parametrize("language", [language for language in WORDS if language != "und"])
def test_every_word_of_every_script_is_found(filled: IndexReader, language: str) -> None:
    for word in WORDS[language]:
        query = Phrase(phrase(word))
        assert found(filled, query) == expected(query)
        assert expected(query), f"no article holds {word!r}: the test means nothing"
