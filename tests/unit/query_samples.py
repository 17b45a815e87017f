"""Random queries, as trees and as text, for the tests of the query language."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import strategies as st

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
from shared.query.evaluate import fold_keyword
from shared.text import phrase, tokens
from shared.text.analysis import unspaced_characters
from tests.unit.text_samples import SENTENCES, texts, words

NOW = datetime(2025, 12, 31, 12, 30, tzinfo=UTC)

rows = st.one_of(words, words, texts).map(phrase).filter(bool)
scopes: st.SearchStrategy[TextScope] = st.sampled_from(("all", "title"))
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
near = st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days))


def _between(start: datetime | None, end: datetime | None) -> Between:
    if start and end and end <= start:
        return Between(end, None)
    return Between(start or (None if end else NOW), end)


@st.composite
def _keywords(draw: st.DrawFn) -> Keyword:
    field: KeywordField = draw(st.sampled_from(get_args(KeywordField)))
    if field in ("phase", "quality"):
        return Keyword(field, "report" if field == "phase" else "press")
    return Keyword(field, draw(texts.map(lambda text: fold_keyword(field, text)).filter(bool)))


spaced = st.sampled_from(
    sorted({t.text for s in SENTENCES.values() for t in tokens(s) if not unspaced_characters(t.text)})
)

leaves: st.SearchStrategy[Query] = st.one_of(
    st.builds(Word, rows.map(lambda row: row[0]), scopes),
    st.builds(Prefix, spaced, scopes),
    st.builds(Phrase, rows, scopes),
    _keywords(),
    st.just(Duplicate()),
    st.builds(_between, moments | near | st.none(), moments | near | st.none()),
)


def _combined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.one_of(st.builds(And, several), st.builds(Or, several), st.builds(Not, parts))


trees: st.SearchStrategy[Query] = st.recursive(leaves, _combined, max_leaves=10)
