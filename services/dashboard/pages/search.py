"""The front page: search, and without a query what came last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from services.dashboard.context import Context
from services.dashboard.forms import Ctx
from services.dashboard.marking import title_and_passages
from services.dashboard.rendering import page
from services.dashboard.searching import Asked, BadFilter, Read, read
from services.dashboard.timeline import timeline
from services.dashboard.wording import Names
from shared.contracts.article import Article
from shared.index.port import Hit, Page, TooBroad
from shared.query.parse import QueryError
from shared.rights import shown

router = APIRouter(include_in_schema=False)
# Facets that are shown, in this order, with their headings.
SHOWN: Mapping[str, str] = {
    "alliance": "Alliance",
    "type": "What happened",
    "lang": "Language",
    "source": "Source",
    "country": "Country of the source",
    "place": "Place",
    "phase": "Before or after",
    "quality": "Kind of source",
}
HEADINGS = {**SHOWN, "on": "When"}
EXAMPLES = (
    ("alliance:acha", "about the Alliance for Cultural Heritage in Asia"),
    ('"cultural heritage" AND type:agreement_mou', "agreements, with this phrase"),
    ("亚洲文化遗产", "any script"),
    ("restor* after:30d", "words that begin so, of the last 30 days"),
    ("type:general_assembly -is:duplicate", "assemblies, each story once"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """One article found, as the page shows it."""

    article: Article
    title: Markup
    passages: list[Markup]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: its field's heading, its value's name, and where a click on it leads."""

    heading: str
    name: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: its name, how many, and where a click leads."""

    value: str
    name: str
    count: int
    address: str
    chosen: bool


@router.get("/")
def search_page(request: Request, context: Ctx) -> Response:
    """Search articles or events; a bad query is shown with the place and what was expected there."""
    asked = Asked.of(request.query_params, request.query_params.multi_items())
    try:
        query = read(asked, context.clock(), context.taxonomy)
        found = context.reader.search(
            _newest_first_when_nothing_is_asked(query).search(facets=tuple(SHOWN), timeline=True)
        )
    except QueryError as e:
        return page(request, "search/unreadable.html", 400, **_frame(asked), fault=_fault(asked, e))
    except (BadFilter, TooBroad) as e:
        return page(request, "search/unreadable.html", 400, **_frame(asked), fault={"message": str(e)})
    return page(request, "search/results.html", **_frame(asked), **_found(context, query, found))


def _newest_first_when_nothing_is_asked(query: Read) -> Read:
    asked = query.asked
    return (
        query if asked.typed else Read(query.query, query.text, asked.changed(sort="date").at(asked.cursor))
    )


def _frame(asked: Asked) -> dict[str, Any]:
    """What the page has with and without an answer."""
    return {
        "q": asked.q,
        "asked": asked,
        "examples": EXAMPLES,
    }


def _fault(asked: Asked, error: QueryError) -> dict[str, Any]:
    """A query that cannot be read: where, what is wrong, what was expected."""
    return {
        "message": error.message,
        "expected": error.expected,
        "before": asked.typed[: error.position],
        "at": asked.typed[error.position : error.position + 1],
        "after": asked.typed[error.position + 1 :],
        "position": error.position + 1,
    }


def _found(context: Context, query: Read, found: Page) -> dict[str, Any]:
    name = _naming(context, found)
    asked = query.asked
    return {
        "query": query,
        "page": found,
        "results": [result(hit) for hit in found.hits],
        "facets": _facets(asked, found, name),
        "chips": [
            Chip(HEADINGS[f], name(f, v), asked.without_filter(f, v).address()) for f, v in asked.filters
        ],
        "timeline": timeline(found.timeline),
        "next": asked.at(found.next_cursor).address() if found.next_cursor else None,
        "empty": not found.total and query.query is None,
        "bodies": list(context.taxonomy.alliances.values()),
    }


def _naming(context: Context, found: Page) -> Callable[[str, str], str]:
    """What the values of facets are called; sources that nobody listed are known by their articles."""
    names = Names(context.taxonomy, context.sources)
    seen = {hit.article.source.id: hit.article.source.name for hit in found.hits}

    def name(field: str, value: str) -> str:
        called = names.of(field, value)
        return seen.get(value, called) if field == "source" and called == value else called

    return name


def result(hit: Hit) -> Result:
    """A hit as it may be shown."""
    article = shown(hit.article)
    return Result(article, *title_and_passages(article, hit.highlights))


def _facets(
    asked: Asked, found: Page, name: Callable[[str, str], str]
) -> list[tuple[str, str, list[Choice]]]:
    facets = []
    for field, heading in SHOWN.items():
        chosen = {v for f, v in asked.filters if f == field}
        choices = [
            Choice(value, name(field, value), count, _toggled(asked, field, value), value in chosen)
            for value, count in found.facets.get(field, {}).items()
        ]
        if choices:
            facets.append((field, heading, choices))
    return facets


def _toggled(asked: Asked, field: str, value: str) -> str:
    """Where a click on a value leads: with it, or without it where it is chosen already."""
    there = (field, value) in asked.filters
    return (asked.without_filter(field, value) if there else asked.with_filter(field, value)).address()
