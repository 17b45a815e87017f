"""The bodies that are watched: who each is, what it is called, and its latest news."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.dashboard.bodies import names_in_languages, spelt
from services.dashboard.event_list import EventFilter, event_page
from services.dashboard.forms import Ctx
from services.dashboard.pages.search import result
from services.dashboard.rendering import page
from services.dashboard.searching import Asked
from shared.index.port import Search
from shared.query.ast import Keyword

router = APIRouter(include_in_schema=False)
LATEST_EVENTS = 8
LATEST_ARTICLES = 10


@router.get("/alliances")
def alliances_page(request: Request, context: Ctx) -> Response:
    """All of them, with how many articles are about each."""
    counts = context.reader.search(Search(limit=1, facets=("alliance",))).facets["alliance"]
    bodies = sorted(context.taxonomy.alliances.values(), key=lambda a: (-counts.get(a.id, 0), a.name))
    return page(request, "alliances/list.html", bodies=bodies, counts=counts)


@router.get("/alliances/{id}")
def alliance_page(request: Request, context: Ctx, id: str) -> Response:
    """One of them."""
    body = context.taxonomy.alliances.get(id)
    if body is None:
        raise HTTPException(404, f"No alliance is called {id[:200]}. All that are known are at /alliances.")
    found = context.reader.search(Search(Keyword("alliance", id), LATEST_ARTICLES, sort="date"))
    return page(
        request,
        "alliances/alliance.html",
        body=body,
        called=names_in_languages(body),
        historic=spelt(body.historic),
        committees=spelt(body.committees),
        programmes=spelt(body.programmes),
        parts=[a for a in context.taxonomy.alliances.values() if a.part_of == id],
        events=event_page(context.store, EventFilter(alliance=id), limit=LATEST_EVENTS).events,
        results=[result(hit) for hit in found.hits],
        total=found.total,
        asked=Asked(q=f"alliance:{id}"),
    )
