"""What the API answers with: the shapes, and how routes tell of them in the OpenAPI document."""

from typing import Any

import msgspec
from starlette.responses import Response

from services.dashboard.api.correction_shapes import CORRECTION_SHAPES
from services.dashboard.api.desk_shapes import DESK
from shared.contracts.article import Article, Precision, Struct, TextField
from shared.contracts.events import Count, EventAlliance
from shared.journeys import Journey


class Highlight(Struct, frozen=True, kw_only=True):
    """Words that the query matched; offsets are code points in the field as returned, half-open."""

    text: str
    field: TextField
    start: int
    end: int


class FoundArticle(Article, frozen=True, kw_only=True):
    """An article that a search found."""

    highlights: tuple[Highlight, ...] = ()


class SearchAnswer(Struct, frozen=True, kw_only=True):
    """A page of what was found. `facets` count over everything that matches: field, value, count."""

    results: tuple[FoundArticle, ...]
    total: int
    next_cursor: str | None
    facets: dict[str, dict[str, int]]
    took_ms: float


class EventHead(Struct, frozen=True, kw_only=True):
    """An event and its facts. Days are ISO 8601, `end` inclusive; the most agreed comes first.

    `counts` say how many of something there were; where sources disagree, there are several of one thing.
    """

    id: str
    title: str
    alliances: tuple[EventAlliance, ...] = ()
    event_types: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    precision: Precision | None = None
    places: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    languages: tuple[str, ...] = ()
    first_published: str | None = None
    last_published: str | None = None
    article_count: int = 0


class EventAnswer(EventHead, frozen=True, kw_only=True):
    """An event with its articles, newest first. `merged_into` is set for the id of an event that was merged."""

    articles: tuple[Article, ...] = ()
    next_cursor: str | None = None
    merged_into: str | None = None


class EventsAnswer(Struct, frozen=True, kw_only=True):
    """A page of events, newest first."""

    results: tuple[EventHead, ...]
    next_cursor: str | None


class Body(Struct, frozen=True, kw_only=True):
    """A heritage body that is watched. `names` are by language; `articles` counts those that are about it."""

    id: str
    name: str
    short: str
    kind: str
    seat: str | None = None
    founded: str | None = None
    part_of: str | None = None
    names: dict[str, str]
    historic: tuple[str, ...] = ()
    articles: int = 0


class BodiesAnswer(Struct, frozen=True, kw_only=True):
    """All bodies that are watched."""

    results: tuple[Body, ...]


class ServiceState(Struct, frozen=True, kw_only=True):
    """A consumer group: processes that run, messages that wait for it live and in backfill."""

    name: str
    running: int
    waiting: int
    backfill: int


class StatusAnswer(Struct, frozen=True, kw_only=True):
    """Where everything stands. `documents` counts documents by the state of their journey."""

    services: tuple[ServiceState, ...]
    documents: dict[str, int]
    searchable: int
    dead_letters: int


class Problem(Struct, frozen=True, kw_only=True):
    """What is wrong (RFC 9457). `field` names the part of what was sent; a bad query tells `position` and `expected`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    field: str | None = None
    message: str | None = None
    position: int | None = None
    expected: str | None = None


REF = "#/components/schemas/"
SHAPES: tuple[type, ...] = (
    SearchAnswer,
    Article,
    EventAnswer,
    EventsAnswer,
    BodiesAnswer,
    Body,
    Journey,
    StatusAnswer,
    Problem,
    *DESK,
    *CORRECTION_SHAPES,
)


def as_json(value: Any, status: int = 200) -> Response:
    """An answer of the API."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def told(shape: type, *problems: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its shape, and the problems it may answer with."""
    right = {
        "description": (shape.__doc__ or "").split("\n")[0],
        "content": {"application/json": {"schema": {"$ref": f"{REF}{shape.__name__}"}}},
    }
    return {200: right, **told_problems(*problems)}


def told_problems(*problems: int) -> dict[int | str, dict[str, Any]]:
    """The same for a route whose answer is told in another way."""
    wrong = {
        "description": "Problem",
        "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
    }
    return dict.fromkeys((*problems, 401, 422), wrong)


def components() -> dict[str, Any]:
    """The schemas that routes refer to."""
    _, schemas = msgspec.json.schema_components(SHAPES, ref_template=REF + "{name}")
    return dict(schemas)
