"""`GET /feeds/search.{atom,rss,json}`: any search as a feed."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.dashboard.addresses import article_path, with_query
from services.dashboard.api.shapes import told_problems
from services.dashboard.context import Context
from services.dashboard.forms import Ctx
from services.dashboard.searching import EVERYTHING, Asked, read
from shared.feeds import Feed, article_item, atom, json_feed, rss

router = APIRouter(prefix="/feeds", tags=["feeds"])
ITEMS = 50
# How long a reader may keep it: as long as news takes to matter.
KEEP = 60
KINDS: Mapping[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml", atom),
    "rss": ("application/rss+xml", rss),
    "json": ("application/feed+json", json_feed),
}


@router.get(
    "/search.{kind}",
    summary="A search as a feed",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind, _ in KINDS.values()}}, **told_problems(400, 503)},
)
def search_feed(
    request: Request,
    context: Ctx,
    kind: Literal["atom", "rss", "json"],
    q: Annotated[str, Query(description="The query; absent or `*` means everything.")] = "",
    unit: Literal["article", "event"] = "article",
) -> Response:
    """What a search finds, newest first."""
    asked = Asked(q=q.strip(), sort="date", unit=unit)
    query = read(asked, context.clock(), context.taxonomy)
    found = context.reader.search(query.search(limit=ITEMS))
    base = public_base(context, request)
    items = [article_item(hit.article, f"{base}{article_path(hit.article.id)}") for hit in found.hits]
    feed = Feed(
        title=f"{asked.typed or 'Everything'} – Heritage Wire",
        address=base
        + with_query(f"/feeds/search.{kind}", q=asked.q, unit="event" if unit == "event" else ""),
        page=f"{base}{asked.address()}",
        updated=max((item.updated for item in items), default=context.clock()),
        items=items,
        description=f"Heritage news: {asked.typed or EVERYTHING}",
    )
    media_type, write = KINDS[kind]
    answer = Response(write(feed), media_type=media_type)
    answer.headers["Cache-Control"] = f"private, max-age={KEEP}"
    return answer


def public_base(context: Context, request: Request) -> str:
    """The address of our front page as others reach it, without the final slash."""
    return (context.settings.public_url or str(request.base_url)).rstrip("/")
