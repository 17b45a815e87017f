"""`GET /api/v1/articles/{id}` and `GET /api/v1/journey`."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from services.dashboard.api.shapes import as_json, told
from services.dashboard.correcting import as_corrected, corrections_of
from services.dashboard.finding import addressed, find_article, is_address, journey_of, told_before_indexed
from services.dashboard.forms import Ctx
from shared.contracts.article import Article
from shared.journeys import Journey
from shared.rights import shown

router = APIRouter(prefix="/api/v1", tags=["articles"])


@router.get("/articles/{id:path}", responses=told(Article, 404, 503), summary="One article")
def article(request: Request, context: Ctx, id: str) -> Response:
    """An article by its id, or by any address that leads to it. `text` is as its source's rights allow."""
    given = addressed(id, request.url.query)
    found = find_article(context, given)
    if found is None:
        raise HTTPException(404, _why_not(context, given))
    said = corrections_of(context).of_article(found.id)
    return as_json(shown(as_corrected(context, found, said)))


def _why_not(context: Ctx, given: str) -> str:
    if told_before_indexed(context, given):
        return f"The article {given} is on its way into the index. Ask again in a few seconds."
    if is_address(given) and (journey := journey_of(context, given)):
        return f"There is no article at {given}: {journey.reason or journey.state}. See /api/v1/journey?url=…"
    return f"There is no article {given[:200]}."


@router.get("/journey", responses=told(Journey, 404, 503), summary="What became of a document")
def journey(
    context: Ctx, url: Annotated[str, Query(description="The address of the document, as it was fetched.")]
) -> Response:
    """What every step did with the document at an address."""
    found = journey_of(context, url)
    if found is None:
        raise HTTPException(404, f"Nothing is known of {url[:500]}. Is this the address it was fetched from?")
    return as_json(found)
