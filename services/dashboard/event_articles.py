"""The articles of an event, from the index; while it does not have them yet, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.dashboard.context import Context
from shared.contracts.article import Article
from shared.contracts.events import EventDocument
from shared.index.port import Search
from shared.query.ast import And, Keyword, Query
from shared.query.evaluate import fold_keyword
from shared.rights import shown

PAGE = 100


@dataclass(frozen=True, slots=True)
class EventArticles:
    """A page of them, newest first, as they may be shown."""

    articles: Sequence[Article]
    total: int
    cursor: str | None = None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    timeline: Mapping[str, int] = field(default_factory=dict)


def articles_of(
    context: Context,
    event: EventDocument,
    *,
    lang: str = "",
    source: str = "",
    cursor: str | None = None,
    limit: int = PAGE,
) -> EventArticles:
    """The articles, of one language or source where asked. Raises BadCursor, IndexUnavailable."""
    parts: list[Query] = [Keyword("event", fold_keyword("event", event.id))]
    parts += [Keyword("lang", fold_keyword("lang", lang))] if lang else []
    parts += [Keyword("source", fold_keyword("source", source))] if source else []
    query = parts[0] if len(parts) == 1 else And(tuple(parts))
    page = context.reader.search(
        Search(query, limit, cursor, sort="date", facets=("lang", "source"), timeline=True)
    )
    if page.total or lang or source:
        articles = [shown(hit.article) for hit in page.hits]
        return EventArticles(articles, page.total, page.next_cursor, page.facets, page.timeline)
    read = (context.reader.get(id) for id in event.articles[:limit])
    found = [shown(article) for article in read if article]
    return EventArticles(found, len(found))
