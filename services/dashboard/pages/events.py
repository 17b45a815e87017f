"""Events: the list of them, and one with all its articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import event_path, with_query
from services.dashboard.event_articles import articles_of
from services.dashboard.event_list import EventFilter, EventPage, event_page, month_of, months
from services.dashboard.forms import Ctx
from services.dashboard.rendering import page
from services.dashboard.timeline import timeline
from services.dashboard.wording import days
from shared.contracts.article import Article
from shared.contracts.events import current_event

router = APIRouter(include_in_schema=False)
LONGEST = 200
Short = Annotated[str, Query(max_length=LONGEST)]


@dataclass(frozen=True, slots=True)
class Story:
    """An article and its near-duplicates, folded under it."""

    article: Article
    copies: Sequence[Article]


@router.get("/events")
def events_page(
    request: Request,
    context: Ctx,
    alliance: Short = "",
    type: Short = "",
    month: Short = "",
    cursor: Short = "",
) -> Response:
    """Events by month, newest first."""
    wanted = EventFilter(alliance, type, month)
    found = event_page(context.store, wanted, cursor or None)
    return page(
        request,
        "events/list.html",
        wanted=wanted,
        groups=[
            (days(month, None) or "Undated", list(events))
            for month, events in groupby(found.events, month_of)
        ],
        months=[(m, days(m, None)) for m in months(context.store) if m],
        alliances=sorted(context.taxonomy.alliances.values(), key=lambda a: a.name),
        types=list(context.taxonomy.event_types.values()),
        next=_next(wanted, found),
        later=bool(cursor),
    )


def _next(wanted: EventFilter, found: EventPage) -> str | None:
    if found.cursor is None:
        return None
    return with_query(
        "/events", alliance=wanted.alliance, type=wanted.type, month=wanted.month, cursor=found.cursor
    )


@router.get("/events/{id}")
def event_detail(
    request: Request, context: Ctx, id: str, lang: Short = "", source: Short = "", cursor: Short = ""
) -> Response:
    """An event: its facts and its articles. An id that was merged leads to the event it is today."""
    event = current_event(context.store, id)
    if event is None:
        raise HTTPException(404, f"There is no event {id[:LONGEST]}. The address may be wrong.")
    if event.id != id:
        return RedirectResponse(event_path(event.id), 301)
    found = articles_of(context, event, lang=lang, source=source, cursor=cursor or None)
    return page(
        request,
        "events/event.html",
        event=event,
        facts=event.facts,
        stories=_stories(found.articles),
        total=found.total,
        languages=found.facets.get("lang", {}),
        sources=found.facets.get("source", {}),
        source_names={a.source.id: a.source.name for a in found.articles},
        lang=lang,
        source=source,
        timeline=timeline(found.timeline),
        next=with_query(event_path(id), lang=lang, source=source, cursor=found.cursor)
        if found.cursor
        else None,
        with_query=with_query,
        here=event_path(id),
    )


def _stories(articles: Sequence[Article]) -> list[Story]:
    """Each article once; a copy stands under its leader where that is on the page too, newest first."""
    here = {article.id for article in articles}
    copies: dict[str, list[Article]] = {}
    for article in articles:
        if article.duplicate_of in here:
            copies.setdefault(article.duplicate_of, []).append(article)
    return [Story(a, copies.get(a.id, [])) for a in articles if a.duplicate_of not in here]
