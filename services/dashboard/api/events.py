"""`GET /api/v1/events` and `GET /api/v1/events/{id}`."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Query
from starlette.responses import Response

from services.dashboard.api.shapes import EventAnswer, EventHead, EventsAnswer, as_json, told
from services.dashboard.event_articles import articles_of
from services.dashboard.event_list import EventFilter, event_page
from services.dashboard.forms import Ctx
from shared.contracts.events import Composed, EventDocument, current_event

router = APIRouter(prefix="/api/v1", tags=["events"])
MOST = 200


@router.get("/events", responses=told(EventsAnswer, 400, 503), summary="Events, newest first")
def events(
    context: Ctx,
    alliance: Annotated[str, Query(description="An id, as /api/v1/alliances has them.")] = "",
    type: Annotated[str, Query(description="An event type, such as general_assembly.")] = "",
    month: Annotated[
        str, Query(pattern=r"^(\d{4}-\d{2})?$", description="When it was, such as 2025-11.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 30,
    cursor: str | None = None,
) -> Response:
    """Events by when they were."""
    found = event_page(context.store, EventFilter(alliance, type, month), cursor or None, limit)
    return as_json(EventsAnswer(results=tuple(map(_head, found.events)), next_cursor=found.cursor))


@router.get("/events/{id}", responses=told(EventAnswer, 404, 503), summary="One event with its articles")
def event(
    context: Ctx, id: str, limit: Annotated[int, Query(ge=1, le=MOST)] = 100, cursor: str | None = None
) -> Response:
    """An event's facts and its articles. An id that was merged gives the event it is part of today."""
    found = current_event(context.store, id)
    if found is None:
        raise HTTPException(404, f"There is no event {id[:200]}.")
    articles = articles_of(context, found, cursor=cursor or None, limit=limit)
    head = msgspec.structs.asdict(_head(found))
    merged = found.id if found.id != id else None
    return as_json(
        EventAnswer(
            **head, articles=tuple(articles.articles), next_cursor=articles.cursor, merged_into=merged
        )
    )


def _head(event: EventDocument) -> EventHead:
    facts = msgspec.structs.asdict(event.facts or Composed(title=""))
    count = facts.pop("articles")
    return EventHead(id=event.id, article_count=count, **facts)
