"""A page of search results as the API and `search --json` return it, rights applied."""

from typing import Any

import msgspec

from shared.index.port import Hit, Page
from shared.rights import shown


def answer(page: Page) -> dict[str, Any]:
    """`{results, total, next_cursor, facets, took_ms}`; each result is an article with `highlights`."""
    return {
        "results": [_result(hit) for hit in page.hits],
        "total": page.total,
        "next_cursor": page.next_cursor,
        "facets": {name: dict(counts) for name, counts in page.facets.items()},
        "took_ms": round(page.took_ms, 3),
    }


def _result(hit: Hit) -> dict[str, Any]:
    article = shown(hit.article)
    lengths = {"title": len(article.title), "text": len(article.text)}
    highlights = [
        {"text": getattr(article, h.field)[h.start : h.end], "field": h.field, "start": h.start, "end": h.end}
        for h in hit.highlights
        if h.end <= lengths.get(h.field, 0)
    ]
    return {**msgspec.to_builtins(article), "highlights": highlights}
