"""What of an article is searched and counted, as far as every engine has it alike."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import get_args

from shared.contracts.article import Article
from shared.index.port import FACETS
from shared.query.ast import And, KeywordField, Or, Phrase, Query, Word
from shared.query.evaluate import date_of, keywords

KEYWORDS: tuple[KeywordField, ...] = get_args(KeywordField)
LONGEST_VALUE = 1000  # characters; no engine keeps a term of more than 32,766 bytes
FACET_VALUES = 50  # values a facet gives
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 in UTC; exact, where a float would round."""
    return (at - EPOCH) // timedelta(microseconds=1)


def check_searchable(article: Article) -> None:
    """Raises ValueError for an article no document could be made of, such as one whose address is none."""
    try:
        keywords(article)
        micros(date_of(article))
    except (ValueError, OverflowError) as e:
        raise unsearchable(article, e) from e


def unsearchable(article: Article, error: Exception) -> ValueError:
    """What to raise for an article that no document can be made of."""
    return ValueError(f"article {article.id} ({article.url[:200]}) cannot be indexed: {error}")


def check_facets(names: Sequence[str]) -> None:
    """Raises ValueError for a name that is no facet."""
    for name in names:
        if name not in FACETS:
            raise ValueError(f"facet {name!r}: there are {', '.join(FACETS)}")


def facet_values(article: Article) -> dict[str, list[str]]:
    """The values an article counts for in each facet, as people write them."""
    source = article.source
    return {
        "alliance": [tag.id for tag in article.alliances if tag.role == "subject"],
        "type": [tag.id for tag in article.event_types],
        "event": [article.event.id] if article.event else [],
        "source": [source.id],
        "quality": [source.quality],
        "country": [source.country] if source.country else [],
        "lang": [article.language],
        "place": [place.name for place in article.places],
        "phase": [article.phase],
    }


def keyword_term(value: str) -> str:
    """The term a keyword is kept under: itself, or a fingerprint where an engine would drop it for its length."""
    if len(value) <= LONGEST_VALUE:
        return value
    return hashlib.blake2b(value.encode(errors="surrogatepass")).hexdigest()


def ranks(query: Query | None) -> bool:
    """Whether articles can differ in score; where they cannot, relevance is the order by date."""
    match query:
        case Word() | Phrase():
            return True
        case And(parts) | Or(parts):
            return any(ranks(part) for part in parts)
        case _:
            return False
