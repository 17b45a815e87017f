"""The query tree as a tantivy query. `shared.query.evaluate` says what it must mean, article for article.

Words and phrases rank (BM25, the title counting more); prefixes, fields and dates only filter, with a score of 0.
"""

from collections.abc import Sequence

import tantivy
from tantivy import FieldType, Occur

from shared.index.fields import keyword_term, micros
from shared.index.local.schema import SCHEMA
from shared.index.port import TooBroad
from shared.query.ast import And, Between, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import fold_keyword
from shared.text import inflections

TITLE_BOOST = 2.0
STEM_BOOST = 0.5  # an inflected form counts less than the word itself
MOST_TERMS = 1000  # words a prefix may stand for

TQuery = tantivy.Query


def compile_query(searcher: tantivy.Searcher, query: Query | None) -> TQuery:
    """The same as a tantivy query; None is everything. Raises TooBroad."""
    return _everything() if query is None else _compile(searcher, query)


def dated_until(query: TQuery, when: int) -> TQuery:
    """Of what the query finds, that dated at or before `when` (microseconds since 1970)."""
    until = TQuery.range_query(SCHEMA, "when", FieldType.Integer, None, when)
    return TQuery.boolean_query([(Occur.Must, query), (Occur.Must, _filter(until))])


def _compile(searcher: tantivy.Searcher, query: Query) -> TQuery:
    match query:
        case Word():
            return _word(query)
        case Phrase():
            return _phrase(query)
        case Prefix():
            return _prefix(searcher, query)
        case Keyword(field, value):
            term = keyword_term(fold_keyword(field, value))
            return _filter(TQuery.term_query(SCHEMA, f"keyword_{field}", term))
        case Duplicate():
            return _filter(TQuery.term_query(SCHEMA, "duplicate", True))
        case Between():
            return _between(query)
        case And(parts):
            return _and(searcher, parts)
        case Or(parts):
            return _or(searcher, parts)
        case Not(part):
            return _and(searcher, (Not(part),))


def _and(searcher: tantivy.Searcher, parts: Sequence[Query]) -> TQuery:
    clauses = [
        (Occur.MustNot, _compile(searcher, part.part))
        if isinstance(part, Not)
        else (Occur.Must, _compile(searcher, part))
        for part in parts
    ]
    if all(occur == Occur.MustNot for occur, _ in clauses):  # tantivy finds nothing by exclusion alone
        clauses.append((Occur.Must, _everything()))
    return TQuery.boolean_query(clauses)


def _or(searcher: tantivy.Searcher, parts: Sequence[Query]) -> TQuery:
    return _any([_compile(searcher, part) for part in parts])


def _word(word: Word) -> TQuery:
    stems = inflections(word.token)
    ways = [
        _term("title", word.token, TITLE_BOOST),
        *(_term("title_stems", stem, STEM_BOOST) for stem in stems),
    ]
    if word.scope == "all":
        ways += [_term("words", word.token), *(_term("stems", stem, STEM_BOOST) for stem in stems)]
    return _any(ways)


def _term(field: str, term: str, boost: float = 1.0) -> TQuery:
    return TQuery.boost_query(TQuery.term_query(SCHEMA, field, term), boost)


def _phrase(phrase: Phrase) -> TQuery:
    title = TQuery.boost_query(_row("title", phrase.tokens), TITLE_BOOST)
    return title if phrase.scope == "title" else _any([_row("words", phrase.tokens), title])


def _row(field: str, tokens: Sequence[str]) -> TQuery:
    if not tokens:
        return TQuery.empty_query()
    if len(tokens) == 1:
        return TQuery.term_query(SCHEMA, field, tokens[0])
    return TQuery.phrase_query(SCHEMA, field, list(tokens))


def _prefix(searcher: tantivy.Searcher, prefix: Prefix) -> TQuery:
    field = "title" if prefix.scope == "title" else "words"
    terms = [term for term, _ in searcher.terms_with_prefix(field, prefix.token)]
    if len(terms) > MOST_TERMS:
        raise TooBroad(
            f"{prefix.token}* stands for {len(terms)} words, more than {MOST_TERMS}; write more of its letters"
        )
    return _filter(TQuery.term_set_query(SCHEMA, field, terms))


def _between(between: Between) -> TQuery:
    start = None if between.start is None else micros(between.start)
    until = None if between.end is None else micros(between.end) - 1
    if start is None and until is None:
        return _everything()
    return _filter(TQuery.range_query(SCHEMA, "when", FieldType.Integer, start, until))


def _any(queries: Sequence[TQuery]) -> TQuery:
    if not queries:
        return TQuery.empty_query()
    return TQuery.boolean_query([(Occur.Should, query) for query in queries])


def _everything() -> TQuery:
    return _filter(TQuery.all_query())


def _filter(query: TQuery) -> TQuery:
    return TQuery.const_score_query(query, 0.0)
