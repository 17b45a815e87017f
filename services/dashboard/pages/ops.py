"""For operators: is it alive, is it complete, what broke; and what became of any document."""

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.dashboard.addresses import article_path, outward, source_path
from services.dashboard.finding import journey_of
from services.dashboard.forms import Ctx
from services.dashboard.operations import MOST_LETTERS, Operations
from services.dashboard.rendering import page
from shared.contracts.journeys import SOURCE
from shared.contracts.messages import StepOutcome

router = APIRouter(include_in_schema=False)
LATEST = 14


def operations_of(request: Request) -> Operations:
    """What the application knows of the state of everything."""
    found: Operations = request.app.state.operations
    return found


@router.get("/ops")
def ops_page(request: Request) -> Response:
    """Where everything stands."""
    return page(request, "ops/ops.html", **_values(request))


@router.get("/ops/now")
def ops_piece(request: Request) -> Response:
    """The same, to be put into the page anew."""
    return page(request, "ops/now.html", **_values(request))


@router.get("/journey")
def journey_page(
    request: Request, context: Ctx, url: Annotated[str, Query(max_length=8192)] = ""
) -> Response:
    """What every step did with the document at an address, or with a source."""
    url = url.strip()
    journey = journey_of(context, url) if url else None
    return page(
        request,
        "ops/journey.html",
        404 if url and not journey else 200,
        url=url,
        journey=journey,
        link=outward(url),
        article=article_path(journey.article) if journey and journey.article else None,
        source=source_path(url.removeprefix(SOURCE)) if url.startswith(SOURCE) else None,
    )


def _values(request: Request) -> dict[str, Any]:
    snapshot = operations_of(request).now()
    outcomes = snapshot.recent.outcomes if snapshot.recent else ()
    return {
        "snapshot": snapshot,
        "letters": snapshot.letters[:MOST_LETTERS],
        "latest": list(islice(filter(_tells_something, outcomes), LATEST)),
    }


def _tells_something(outcome: StepOutcome) -> bool:
    """Sources that have nothing new are looked at all the time."""
    return outcome.result != "ended" or not outcome.url.startswith(SOURCE)
