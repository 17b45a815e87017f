"""What a query means: whether it matches one article, decided in memory.

Every engine is held to this page article for article, and the matcher of alerts decides with it.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from shared.contracts.article import Article, Evidence, TextField
from shared.identity import registrable_domain
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
    Word,
)
from shared.text import FieldTokens, analyse, folded, stem_term, stem_terms, token_texts

Positions = Mapping[str, tuple[int, ...]]
# Fields whose values are names as people write them: compared folded, like text.
NAMES = ("place", "author")


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of one field in order, where each stands, and the stems there are.

    `lines` holds every token on a line of its own: looking there for a beginning is much quicker than trying each.
    """

    row: tuple[str, ...]
    exact: Positions
    stems: frozenset[str]
    lines: str


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """An article as a query sees it."""

    title: Words
    text: Words
    language: str
    keywords: Mapping[KeywordField, frozenset[str]]
    date: datetime
    duplicate: bool

    @classmethod
    def of_article(cls, article: Article) -> "SearchDocument":
        """Analyse an article once, for any number of queries."""
        return cls(
            title=_words(token_texts(article.title), article.language),
            text=_words(token_texts(article.text), article.language),
            language=article.language,
            keywords=keywords(article),
            date=date_of(article),
            duplicate=article.duplicate_of is not None,
        )

    def fields(self, scope: str) -> tuple[Words, ...]:
        """The fields that a scope covers."""
        return (self.title,) if scope == "title" else (self.title, self.text)


def date_of(article: Article) -> datetime:
    """When the article is dated: published, else first seen; UTC, also where no zone is told."""
    moment = article.published_at or article.first_seen_at
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@lru_cache(maxsize=16_384)
@lru_cache(maxsize=4096)
def fold_keyword(field: KeywordField, value: str) -> str:
    """The form in which values of a keyword field are compared."""
    if field in NAMES:
        return folded(value)
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold()).strip()
    if field == "site":
        return _ascii_host(plain)
    return plain.replace("_", "-") if field == "lang" else plain


def keywords(article: Article) -> dict[KeywordField, frozenset[str]]:
    """The values an article holds in every keyword field, in the form they are compared in."""
    source = article.source
    language = article.language
    raw: dict[KeywordField, Iterator[str] | list[str]] = {
        "alliance": [tag.id for tag in article.alliances if tag.role == "subject"],
        "mention": [tag.id for tag in article.alliances if tag.role == "mention"],
        "event": [article.event.id] if article.event else [],
        "type": [tag.id for tag in article.event_types],
        "phase": [article.phase],
        "source": [source.id],
        "quality": [source.quality],
        "country": [source.country] if source.country else [],
        "lang": [language, language.replace("_", "-").partition("-")[0]],
        "place": [place.name for place in article.places],
        "site": [s for url in {article.url, article.canonical_url} for s in _sites(url)],
        "author": list(article.authors),
    }
    return {
        field: frozenset(folded for value in values if (folded := fold_keyword(field, value)))
        for field, values in raw.items()
    }


def matches(query: Query, article: Article | SearchDocument) -> bool:
    """Whether the query matches. Analyse an article that meets many queries once, with `SearchDocument.of_article`."""
    document = SearchDocument.of_article(article) if isinstance(article, Article) else article
    return _matches(query, document)


def _matches(query: Query, document: SearchDocument) -> bool:
    return _DECIDE[type(query)](query, document)


def _all_match(query: And, document: SearchDocument) -> bool:
    # A loop is twice as quick as all() over a generator, and this is what every alert waits for.
    for part in query.parts:  # noqa: SIM110
        if not _DECIDE[type(part)](part, document):
            return False
    return True


def _any_matches(query: Or, document: SearchDocument) -> bool:
    for part in query.parts:  # noqa: SIM110
        if _DECIDE[type(part)](part, document):
            return True
    return False


def _not_matches(query: Not, document: SearchDocument) -> bool:
    return not _matches(query.part, document)


def _word_matches(query: Word, document: SearchDocument) -> bool:
    """The same as any of `inflections(token)` does: an article holds stems of its own language alone."""
    token, fields = query.token, document.fields(query.scope)
    for words in fields:
        if token in words.exact:
            return True
    stem = stem_term(token, document.language)
    return stem is not None and any(stem in words.stems for words in fields)


def _phrase_matches(query: Phrase, document: SearchDocument) -> bool:
    return any(True for words in document.fields(query.scope) for _ in _places(query.tokens, words))


def _prefix_matches(query: Prefix, document: SearchDocument) -> bool:
    begins = f"\n{query.token}"
    return any(begins in words.lines for words in document.fields(query.scope))


def _keyword_matches(query: Keyword, document: SearchDocument) -> bool:
    return fold_keyword(query.field, query.value) in document.keywords[query.field]


def _is_duplicate(_query: Duplicate, document: SearchDocument) -> bool:
    return document.duplicate


def _is_between(query: Between, document: SearchDocument) -> bool:
    start, end = query.start, query.end
    return (start is None or document.date >= start) and (end is None or document.date < end)


# By type, and not by a match statement: that asks for one class after the other.
_DECIDE: Mapping[type[Query], Callable[[Any, SearchDocument], bool]] = {
    And: _all_match,
    Or: _any_matches,
    Not: _not_matches,
    Word: _word_matches,
    Phrase: _phrase_matches,
    Prefix: _prefix_matches,
    Keyword: _keyword_matches,
    Duplicate: _is_duplicate,
    Between: _is_between,
}


def matched_spans(query: Query, article: Article) -> list[Evidence]:
    """The words of title and text that made the query match, in order; those that overlap are one.

    Only what was asked for counts, not what was excluded, nor an alternative that does not match itself. A label
    that was asked for gives the words that prove it. Empty when the query does not match.
    """
    found = analyse(article.title, article.text)
    document = SearchDocument.of_article(article)
    leaves = set(_asked(query, document, True))
    spans = [span for leaf in leaves for span in _spans(leaf, article, found, document)]
    texts: dict[TextField, str] = {"title": article.title, "text": article.text}
    return [
        Evidence(text=text[start:end], field=field, start=start, end=end)
        for field, text in texts.items()
        for start, end in merged(span[1:] for span in spans if span[0] == field and span[2] <= len(text))
    ]


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap joined into one; empty ones are left out."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if 0 <= span[0] < span[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


Span = tuple[TextField, int, int]


def _asked(query: Query, document: SearchDocument, wanted: bool) -> Iterator[Query]:
    """The conditions that hold and by holding help the query to be as wanted; NOT turns what is wanted round."""
    if _matches(query, document) is not wanted:
        return
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _asked(part, document, wanted)
        case Not(part):
            yield from _asked(part, document, not wanted)
        case leaf:
            if wanted:
                yield leaf


def _spans(leaf: Query, article: Article, found: FieldTokens, document: SearchDocument) -> Iterator[Span]:
    match leaf:
        case Keyword(field, value):
            yield from _label_spans(field, fold_keyword(field, value), article)
        case Word(_, scope) | Phrase(_, scope) | Prefix(_, scope):
            for first, last in _stretches(leaf, document.title, document.language):
                yield "title", found.title[first].start, found.title[last].end
            if scope == "all":
                for first, last in _stretches(leaf, document.text, document.language):
                    yield "text", found.text[first].start, found.text[last].end


def _stretches(leaf: Query, words: Words, language: str) -> Iterator[tuple[int, int]]:
    """The first and last position of every place where a word, prefix or phrase stands."""
    match leaf:
        case Word(token):
            stem = stem_term(token, language)
            for i, have in enumerate(words.row):
                if have == token or (stem and stem_term(have, language) == stem):
                    yield i, i
        case Prefix(token):
            yield from ((i, i) for i, have in enumerate(words.row) if have.startswith(token))
        case Phrase(asked):
            yield from ((at, at + len(asked) - 1) for at in _places(asked, words))


def _label_spans(field: KeywordField, value: str, article: Article) -> Iterator[Span]:
    role = {"alliance": "subject", "mention": "mention"}.get(field)
    proofs: list[tuple[Evidence, ...]] = []
    if role:
        proofs = [
            tag.evidence for tag in article.alliances if tag.role == role and tag.id.casefold() == value
        ]
    elif field == "type":
        proofs = [tag.evidence for tag in article.event_types if tag.id.casefold() == value]
    elif field == "place":
        proofs = [place.evidence for place in article.places if fold_keyword("place", place.name) == value]
    for evidence in proofs:
        yield from ((e.field, e.start, e.end) for e in evidence)


def _places(asked: tuple[str, ...], words: Words) -> Iterator[int]:
    """Where the tokens stand in a row; looked for from the rarest on."""
    rarest, fewest = 0, None
    for i, token in enumerate(asked):
        positions = words.exact.get(token)
        if positions is None:
            return
        if fewest is None or len(positions) < len(fewest):
            rarest, fewest = i, positions
    for at in fewest or ():
        begin = at - rarest
        if begin >= 0 and words.row[begin : begin + len(asked)] == asked:
            yield begin


def _words(row: Sequence[str], language: str) -> Words:
    places: dict[str, list[int]] = {}
    for position, token in enumerate(row):
        places.setdefault(token, []).append(position)
    exact = {token: tuple(positions) for token, positions in places.items()}
    lines = "".join(f"\n{token}" for token in exact)
    return Words(tuple(row), exact, frozenset(stem_terms(exact, language)), lines)


def _sites(url: str) -> Sequence[str]:
    """The host of an address and every domain above it, down to the one that can be registered."""
    try:
        return _domains(_ascii_host(urlsplit(url).hostname or ""))
    except ValueError:  # an address nobody could fetch, as a page may name one
        return ()


@lru_cache(maxsize=16_384)
def _domains(host: str) -> Sequence[str]:
    last = registrable_domain(host) or host
    found: list[str] = []
    while host:
        found.append(host)
        if host == last:
            break
        host = host.partition(".")[2]
    return tuple(found)


def _ascii_host(host: str) -> str:
    """A host as it stands in an address: in ASCII (IDNA), without a final dot."""
    host = host.strip().rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
