"""`GET /api/v1/alliances` and `GET /api/v1/alliances/{id}`."""

from collections.abc import Mapping

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from services.dashboard.api.shapes import BodiesAnswer, Body, as_json, told
from services.dashboard.bodies import names_in_languages, short_name, spelt
from services.dashboard.context import Context
from services.dashboard.forms import Ctx
from shared.index.port import Search
from shared.taxonomy.schema import Alliance

router = APIRouter(prefix="/api/v1", tags=["alliances"])


@router.get("/alliances", responses=told(BodiesAnswer, 503), summary="The bodies that are watched")
def alliances(context: Ctx) -> Response:
    """All of them, in the taxonomy's order."""
    counts = _counts(context)
    return as_json(BodiesAnswer(results=tuple(_body(a, counts) for a in context.taxonomy.alliances.values())))


@router.get("/alliances/{id}", responses=told(Body, 404, 503), summary="One body")
def alliance(context: Ctx, id: str) -> Response:
    """One of them, by its id or any of its names."""
    found = context.taxonomy.resolve("alliance", id)
    if found is None:
        raise HTTPException(
            404, f"No alliance is called {id[:200]}. All that are known are at /api/v1/alliances."
        )
    return as_json(_body(context.taxonomy.alliances[found], _counts(context)))


def _counts(context: Context) -> Mapping[str, int]:
    return context.reader.search(Search(limit=1, facets=("alliance",))).facets["alliance"]


def _body(body: Alliance, counts: Mapping[str, int]) -> Body:
    return Body(
        id=body.id,
        name=body.name,
        short=short_name(body),
        kind=body.kind,
        seat=body.about.seat,
        founded=body.about.founded,
        part_of=body.part_of,
        names=dict(names_in_languages(body)),
        historic=tuple(spelt(body.historic)),
        articles=counts.get(body.id, 0),
    )
