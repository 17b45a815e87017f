"""The page of an article: its text with the evidence in place, its facts, its copies, and how it came here."""

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import article_path, outward
from services.dashboard.comparing import Change, changes
from services.dashboard.context import Context
from services.dashboard.correcting import as_corrected, by_reader, corrections_of, in_words
from services.dashboard.finding import addressed, find_article, is_address, journey_of, told_before_indexed
from services.dashboard.forms import Ctx
from services.dashboard.reading import reading
from services.dashboard.rendering import page
from services.dashboard.wording import Names
from shared.contracts.article import Article
from shared.contracts.events import EventDocument, current_event
from shared.contracts.revisions import revisions_of
from shared.identity import article_id

router = APIRouter(include_in_schema=False)
MOST_SIBLINGS = 8


@dataclass(frozen=True, slots=True)
class Copy:
    """Another address that carries the same article."""

    source: str
    url: str | None
    path: str


@router.get("/articles/{given:path}")
def article_page(request: Request, context: Ctx, given: str) -> Response:
    """An article by its id; by an address, the way to it. What became no article says what became of it."""
    given = addressed(given, request.url.query)
    article = find_article(context, given)
    if article is None:
        return _without_article(request, context, given)
    if is_address(given):
        return RedirectResponse(article_path(article.id), 302)
    names = Names(context.taxonomy, context.sources)
    said = corrections_of(context).of_article(article.id)
    article = as_corrected(context, article, said)
    event = current_event(context.store, article.event.id) if article.event else None
    return page(
        request,
        "articles/article.html",
        reading=reading(article, names, by_reader(said)),
        said=in_words(said, names),
        made=request.query_params.get("made", ""),
        link=outward(article.url) or outward(article.canonical_url),
        event=event,
        siblings=_siblings(context, article, event),
        leader=context.reader.get(article.duplicate_of) if article.duplicate_of else None,
        copies=[Copy(c.source, outward(c.url), article_path(article_id(c.url))) for c in article.carried_by],
        journey=journey_of(context, article.url),
        changes=_changes(context, article),
    )


def _changes(context: Context, article: Article) -> tuple[Change, ...]:
    """What each revision changed, newest first; of an article that never changed nothing is read."""
    if article.revision == 1:
        return ()
    earlier = [r for r in revisions_of(context.store, article.id).kept if r.revision < article.revision]
    return changes(article, earlier)


def _siblings(context: Context, article: Article, event: EventDocument | None) -> list[Article]:
    """Other articles of the event, without copies of this one."""
    found: list[Article] = []
    for id in event.articles if event else ():
        if id == article.id or len(found) == MOST_SIBLINGS:
            continue
        other = context.reader.get(id)
        if other and not other.duplicate_of:
            found.append(other)
    return found


def _without_article(request: Request, context: Context, given: str) -> Response:
    if told := told_before_indexed(context, given):
        return page(request, "articles/soon.html", 202, told=told, link=outward(told.url))
    if is_address(given) and (journey := journey_of(context, given)):
        return page(request, "articles/journey.html", 404, journey=journey, link=outward(given))
    raise HTTPException(
        404, f"There is no article {given[:200]}. It may have been removed, or the address is wrong."
    )
