"""`GET /api/v1/stream`: articles as they pass, as server-sent events."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.dashboard.api.shapes import told_problems
from services.dashboard.event_stream import EventStream
from services.dashboard.forms import Ctx
from services.dashboard.searching import EVERYTHING
from services.dashboard.streaming import Hub, Listener, TooManyListeners
from shared.query.parse import parse

router = APIRouter(prefix="/api/v1", tags=["articles"])
EXAMPLE = (
    'retry: 3000\nid: 0.12.4\n: listening\n\nid: 0.13.4\nevent: article\ndata: {"change":"new","article":{"id":"…",'
    '"url":"https://…","title":"…","text":"…"}}\n\n: still here\nid: 0.13.4\n\n'
)
RESPONSES: dict[int | str, dict[str, Any]] = told_problems(400, 503) | {
    200: {
        "description": "Events `article` (change: new or revision; the article as /api/v1/articles has it), `gap` when "
        "more passed while you were away than is told again, `dropped` when you read too slowly.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


@router.get("/stream", responses=RESPONSES, summary="Articles as they come", response_class=Response)
async def stream(
    request: Request,
    context: Ctx,
    q: Annotated[str, Query(description="A query; absent or `*` means every article.")] = "",
    brief: Annotated[bool, Query(description="Without texts and labels: to be counted or listed.")] = False,
    after: Annotated[
        str, Query(max_length=400, description="The last id you have, where `Last-Event-ID` cannot be sent.")
    ] = "",
    last_event_id: Annotated[
        str | None, Header(description="The last id you have: you are told what passed since.")
    ] = None,
) -> Response:
    """New articles and new revisions, within a second of being known; the index may have them a moment later."""
    asked = q.strip()
    query = None if asked in ("", EVERYTHING) else parse(asked, context.clock(), context.taxonomy)
    if getattr(request.state, "bodiless", False):
        return Response(media_type=EventStream.media_type)
    hub: Hub = request.app.state.hub
    listener = Listener(query, brief, asyncio.get_running_loop())
    try:
        await run_in_threadpool(hub.join, listener, (last_event_id or after)[:400])
    except TooManyListeners as e:
        raise HTTPException(
            503, f"{len(hub)} clients listen already; try again later.", {"Retry-After": "30"}
        ) from e
    return EventStream(hub, listener, context.stopping)
