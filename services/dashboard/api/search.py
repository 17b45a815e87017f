"""`GET /api/v1/search`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.dashboard.api.shapes import SearchAnswer, as_json, told
from services.dashboard.forms import Ctx
from services.dashboard.searching import Asked, read
from shared.answers import answer
from shared.index.port import FACETS

router = APIRouter(prefix="/api/v1", tags=["articles"])
MOST = 500


@router.get("/search", responses=told(SearchAnswer, 400, 503), summary="Search articles or events")
def search(
    context: Ctx,
    q: Annotated[str, Query(description="The query; absent or `*` means everything.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    sort: Literal["relevance", "date"] = "relevance",
    unit: Annotated[
        Literal["article", "event"], Query(description="`event`: the best article of each event.")
    ] = "article",
) -> Response:
    """Search in the same language as everywhere: words, "phrases", AND OR NOT, prefix*, field:value."""
    asked = Asked(q=q.strip(), sort=sort, unit=unit, cursor=cursor or None)
    query = read(asked, context.clock(), context.taxonomy)
    return as_json(answer(context.reader.search(query.search(limit=limit, facets=FACETS))))
