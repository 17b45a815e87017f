"""Sources: all of them by how they stand; one with everything that is known of it; adding, changing, taking out."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import source_path
from services.dashboard.context import Context
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.pages.search import result
from services.dashboard.rendering import page
from services.dashboard.searching import Asked
from services.dashboard.source_form import SourceForm
from services.dashboard.source_list import HEALTHS, ORIGINS, Row, Wanted, grouped, row, rows, sources_of
from shared.contracts.journeys import SOURCE
from shared.index.port import IndexUnavailable, Search
from shared.query.ast import Keyword
from shared.query.evaluate import fold_keyword
from shared.sources import BadSource

router = APIRouter(include_in_schema=False)
LATEST = 10
Short = Annotated[str, Query(max_length=200)]


@router.get("/sources")
def sources_page(request: Request, context: Ctx, find: Short = "", health: Short = "") -> Response:
    """All sources, those that need somebody first."""
    return _list(request, context, Wanted(find, health if health in HEALTHS else ""))


@router.post("/sources")
def add_source(request: Request, context: Ctx, form: SentForm) -> Response:
    """Add a source and go to its page; or show the form again with what is wrong."""
    typed, sources = SourceForm.sent(form), sources_of(context)
    try:
        added = sources.add(typed.source(sources.table().sources))
    except BadSource as e:
        return _list(request, context, Wanted(), typed, {e.field: e.message})
    return RedirectResponse(f"{source_path(added.id)}?made=yes", 303)


@router.get("/sources/now")
def sources_piece(request: Request, context: Ctx, find: Short = "", health: Short = "") -> Response:
    """The list alone, to be put into the page anew."""
    wanted = Wanted(find, health if health in HEALTHS else "")
    return page(request, "sources/groups.html", **_groups(context, wanted))


@router.get("/sources/{id}")
def source_page(request: Request, context: Ctx, id: str, made: Short = "") -> Response:
    """One source: all that is known of it, its latest articles, its form."""
    return _source(request, context, row(context, id), made=made)


@router.get("/sources/{id}/now")
def source_piece(request: Request, context: Ctx, id: str) -> Response:
    """How it stands, to be put into the page anew."""
    return page(request, "sources/state.html", row=row(context, id), origins=ORIGINS, healths=HEALTHS)


@router.post("/sources/{id}")
def change_source(request: Request, context: Ctx, id: str, form: SentForm) -> Response:
    """Keep the changes; or show the form again with what is wrong."""
    typed = SourceForm.sent(form)
    try:
        sources_of(context).change(id, **typed.changes())
    except BadSource as e:
        return _source(request, context, row(context, id), typed, {e.field: e.message})
    return RedirectResponse(f"{source_path(id)}?made=changed", 303)


@router.post("/sources/{id}/enable")
def enable_source(context: Ctx, id: str, form: SentForm) -> Response:
    """Look at it from now on."""
    sources_of(context).change(id, enabled=True)
    return _back(id, form.get("next") == "list")


@router.post("/sources/{id}/disable")
def disable_source(context: Ctx, id: str, form: SentForm) -> Response:
    """Look at it no more until it is switched on again."""
    sources_of(context).change(id, enabled=False)
    return _back(id, form.get("next") == "list")


@router.post("/sources/{id}/remove")
def remove_source(context: Ctx, id: str, _form: SentForm) -> Response:
    """Take it out; its articles stay."""
    sources_of(context).remove(id)
    return RedirectResponse("/sources", 303)


@router.post("/sources/{id}/put-back")
def put_back_source(context: Ctx, id: str, _form: SentForm) -> Response:
    """Have one of catalogue or file again that was taken out."""
    sources_of(context).put_back(id)
    return RedirectResponse(source_path(id), 303)


def _back(id: str, to_list: bool) -> Response:
    return RedirectResponse("/sources" if to_list else source_path(id), 303)


def _groups(context: Context, wanted: Wanted) -> dict[str, Any]:
    every = rows(context)
    chosen = [each for each in every if wanted.fits(each)]
    return {
        "wanted": wanted,
        "groups": grouped(chosen),
        "total": len(every),
        "counts": {health: sum(r.health == health for r in every) for health in HEALTHS},
        "healths": HEALTHS,
    }


def _list(
    request: Request,
    context: Context,
    wanted: Wanted,
    form: SourceForm | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    return page(
        request,
        "sources/list.html",
        422 if faults else 200,
        form=form or SourceForm({}),
        faults=faults or {},
        taken_out=sources_of(context).table().taken_out,
        source=None,
        **_groups(context, wanted),
    )


def _source(
    request: Request,
    context: Context,
    found: Row,
    form: SourceForm | None = None,
    faults: Mapping[str, str] | None = None,
    made: str = "",
) -> Response:
    id = found.source.id
    try:
        latest = context.reader.search(
            Search(Keyword("source", fold_keyword("source", id)), LATEST, sort="date")
        )
        results, total = [result(hit) for hit in latest.hits], latest.total
    except IndexUnavailable:
        results, total = [], None
    return page(
        request,
        "sources/source.html",
        422 if faults else 200,
        row=found,
        source=found.source,
        origins=ORIGINS,
        healths=HEALTHS,
        form=form or SourceForm.of(found.source),
        faults=faults or {},
        made=made,
        results=results,
        total=total,
        asked=Asked(filters=(("source", id),), sort="date"),
        journey=f"{SOURCE}{id}",
    )
