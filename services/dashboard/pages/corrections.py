"""Putting the labels of an article right: the form, and taking back what was said."""

from collections.abc import Mapping
from contextlib import suppress

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import article_path
from services.dashboard.bodies import short_name
from services.dashboard.context import Context
from services.dashboard.correcting import (
    as_corrected,
    by_reader,
    corrections_of,
    events_near,
    put_right,
)
from services.dashboard.correction_form import CorrectionForm
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.reading import reading
from services.dashboard.rendering import page
from services.dashboard.wording import PHASES, Names
from shared.contracts.article import Article
from shared.corrections.asked import BadCorrection
from shared.corrections.keeping import FIELDS, UnknownCorrection, correction_id

router = APIRouter(include_in_schema=False)


@router.get("/articles/{id}/correct")
def correction_page(request: Request, context: Ctx, id: str) -> Response:
    """The labels of an article, each to be kept, changed or taken away."""
    article = known(context, id)
    return _page(request, context, article, CorrectionForm.of(article), {})


@router.post("/articles/{id}/correct")
def correct(request: Request, context: Ctx, id: str, form: SentForm) -> Response:
    """Keep what is said; or show the form again with what is wrong."""
    article = known(context, id)
    typed = CorrectionForm.sent(form, article)
    if typed.extra:
        return _page(request, context, article, typed, {})
    try:
        put_right(context, article, typed.asked())
    except BadCorrection as e:
        return _page(request, context, article, typed, {e.field or "all": e.message})
    return RedirectResponse(f"{article_path(article.id)}?made=corrected", 303)


@router.post("/articles/{id}/corrections/{field}/withdraw")
def take_back(context: Ctx, id: str, field: str, _form: SentForm) -> Response:
    """End a correction; one that has ended is no fault."""
    named = next((known for known in FIELDS if known == field), None)
    if named is None:
        raise HTTPException(404, f"Articles have no field {field[:100]!r} that can be corrected.")
    with suppress(UnknownCorrection):
        corrections_of(context).withdraw(correction_id(id, named))
    return RedirectResponse(f"{article_path(id)}?made=withdrawn", 303)


def known(context: Context, id: str) -> Article:
    """The article with this id as readers put it right. Raises HTTPException 404."""
    found = context.reader.get(id)
    if found is None:
        raise HTTPException(
            404, f"There is no article {id[:200]}. Labels are put right on the page of an article."
        )
    return as_corrected(context, found, corrections_of(context).of_article(found.id))


def _page(
    request: Request, context: Context, article: Article, form: CorrectionForm, faults: Mapping[str, str]
) -> Response:
    names = Names(context.taxonomy, context.sources)
    said = corrections_of(context).of_article(article.id)
    shown = reading(article, names, by_reader(said))
    return page(
        request,
        "articles/correct.html",
        422 if faults else 200,
        article=shown.article,
        labels={(label.kind, label.id): label for label in shown.labels},
        form=form,
        faults=faults,
        bodies=_bodies(context),
        types=sorted((t.name, t.id) for t in context.taxonomy.event_types.values()),
        phases=PHASES,
        events=events_near(context, article),
    )


def _bodies(context: Context) -> list[tuple[str, str]]:
    """Every alliance by the name it is found by in a list, with its id."""
    found = []
    for body in context.taxonomy.alliances.values():
        short = short_name(body)
        found.append((f"{body.name} ({short})" if short != body.name else body.name, body.id))
    return sorted(found)
