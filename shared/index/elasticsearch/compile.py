"""The query tree as Elasticsearch's query DSL. `shared.query.evaluate` says what it must mean, article for article.

Words and phrases rank (BM25, the title counting more); prefixes, fields and dates only filter, with a score of 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.index.fields import keyword_term, micros, ranks
from shared.query.ast import And, Between, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import fold_keyword
from shared.text import LONGEST_TOKEN, inflections

TITLE_BOOST = 2.0
STEM_BOOST = 0.5  # an inflected form counts less than the word itself
# Clauses that Elasticsearch allows are at least 1,024, more with a larger heap. A query whose inflected forms would
# need more has them count alike, wherever they stand.
MOST_CLAUSES = 1000

Dsl = Mapping[str, Any]
NOTHING: Dsl = {"match_none": {}}
EVERYTHING: Dsl = {"match_all": {"boost": 0}}


def compile_query(query: Query | None) -> Dsl:
    """The same in Elasticsearch's words; None is everything. Prefixes must have been found narrow enough."""
    if query is None:
        return EVERYTHING
    clauses = sum(2 + 2 * len(inflections(word.token)) for word in _leaves(query) if isinstance(word, Word))
    return _compile(query, clauses <= MOST_CLAUSES)


def prefixes(query: Query | None) -> Iterator[Prefix]:
    """Every prefix in a query."""
    for leaf in _leaves(query) if query is not None else ():
        if isinstance(leaf, Prefix):
            yield leaf


def token_field(prefix: Prefix) -> str:
    """The field that lists the words a prefix may stand for."""
    return "search.title_tokens" if prefix.scope == "title" else "search.tokens"


def _leaves(query: Query) -> Iterator[Query]:
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case leaf:
            yield leaf


def _compile(query: Query, stems_rank: bool) -> Dsl:
    match query:
        case Word():
            return _word(query, stems_rank)
        case Phrase():
            return _phrase(query)
        case Prefix(token):
            return _filter("prefix", token_field(query), token) if _sayable(token) else NOTHING
        case Keyword(field, value):
            folded = fold_keyword(field, value)
            return _filter("term", f"search.keyword.{field}", keyword_term(folded))
        case Duplicate():
            return _filter("term", "search.duplicate", True)
        case Between():
            return _between(query)
        case And(parts):
            return _and(parts, stems_rank)
        case Or(parts):
            return _any([_compile(part, stems_rank) for part in parts])
        case Not():
            return _and((query,), stems_rank)


def _and(parts: Sequence[Query], stems_rank: bool) -> Dsl:
    made: dict[str, list[Dsl]] = {"must": [], "filter": [], "must_not": []}
    for part in parts:
        if isinstance(part, Not):
            made["must_not"].append(_compile(part.part, stems_rank))
        else:
            made["must" if ranks(part) else "filter"].append(_compile(part, stems_rank))
    return {"bool": {occur: clauses for occur, clauses in made.items() if clauses}}


def _word(word: Word, stems_rank: bool) -> Dsl:
    if not _sayable(word.token):
        return NOTHING
    stems = inflections(word.token)
    ways = [_term("search.title", word.token, TITLE_BOOST), *_stems("search.title_stems", stems, stems_rank)]
    if word.scope == "all":
        ways += [_term("search.words", word.token, 1.0), *_stems("search.stems", stems, stems_rank)]
    return _any(ways)


def _stems(field: str, stems: Sequence[str], rank: bool) -> Sequence[Dsl]:
    if rank:
        return [_term(field, stem, STEM_BOOST) for stem in stems]
    return [{"terms": {field: list(stems), "boost": STEM_BOOST}}] if stems else []


def _phrase(phrase: Phrase) -> Dsl:
    if not phrase.tokens or not all(map(_sayable, phrase.tokens)):
        return NOTHING
    title = _row("search.title", phrase.tokens, TITLE_BOOST)
    return title if phrase.scope == "title" else _any([_row("search.words", phrase.tokens, 1.0), title])


def _row(field: str, tokens: Sequence[str], boost: float) -> Dsl:
    if len(tokens) == 1:
        return _term(field, tokens[0], boost)
    return {"match_phrase": {field: {"query": " ".join(tokens), "boost": boost}}}


def _between(between: Between) -> Dsl:
    limits = {
        name: micros(at) for name, at in (("gte", between.start), ("lt", between.end)) if at is not None
    }
    return {"range": {"search.when": {**limits, "boost": 0}}} if limits else EVERYTHING


def _term(field: str, token: str, boost: float) -> Dsl:
    return {"term": {field: {"value": token, "boost": boost}}}


def _filter(kind: str, field: str, value: str | bool) -> Dsl:
    if isinstance(value, str) and not _encodable(value):
        return NOTHING
    return {kind: {field: {"value": value, "boost": 0}}}


def _any(ways: Sequence[Dsl]) -> Dsl:
    if not ways:
        return NOTHING
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}


def _sayable(token: str) -> bool:
    """Whether this could be a token at all: ours are short and hold no white space, which ends them in Elasticsearch."""
    return len(token) <= LONGEST_TOKEN and not any(map(str.isspace, token)) and _encodable(token)


def _encodable(value: str) -> bool:
    """Half a surrogate pair is in no article: it could not have been sent."""
    return not any("\ud800" <= c <= "\udfff" for c in value)
