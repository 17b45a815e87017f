"""`/api/v1/articles/{id}/corrections`: what readers say of the labels of an article."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import Response

from services.dashboard.api.correction_shapes import (
    CORRECTION_SENT,
    CORRECTION_TOLD,
    CorrectionsAnswer,
    CorrectionSent,
)
from services.dashboard.api.sent import Sent, gives, read_body, takes
from services.dashboard.api.shapes import as_json, told_problems
from services.dashboard.context import Context
from services.dashboard.correcting import corrections_of, put_right
from services.dashboard.forms import Ctx, own_write
from shared.contracts.article import Article
from shared.contracts.messages import CorrectedField
from shared.corrections.asked import Asked
from shared.corrections.keeping import correction_id

router = APIRouter(prefix="/api/v1", tags=["articles"])
WRITES = [Depends(own_write)]
PATH = "/articles/{id}/corrections"
EXAMPLE: dict[str, Any] = {"results": [CORRECTION_TOLD]}


@router.get(PATH, responses=gives(CorrectionsAnswer, EXAMPLE, 404, 503), summary="What readers put right")
def corrections(context: Ctx, id: str) -> Response:
    """The corrections of an article that hold, one for each field."""
    found = corrections_of(context).of_article(_known(context, id).id)
    return as_json(CorrectionsAnswer(results=tuple(found)))


@router.post(
    PATH,
    dependencies=WRITES,
    status_code=201,
    openapi_extra=takes(CorrectionSent, CORRECTION_SENT),
    responses=gives(CorrectionsAnswer, EXAMPLE, 403, 404, 415, 503, status=201),
    summary="Put labels right",
)
def correct(context: Ctx, id: str, body: Sent) -> Response:
    """Say what is right of alliances, event types, phase and event; what is absent stays. Holds for this article from
    now on, whatever the rules find later. No alert is sent for it."""
    article = _known(context, id)
    sent = read_body(body, CorrectionSent)
    asked = Asked(
        alliances=None if sent.alliances is None else [(a.id, a.role) for a in sent.alliances],
        event_types=sent.event_types,
        phase=sent.phase,
        event=sent.event,
        note=sent.note,
    )
    return as_json(CorrectionsAnswer(results=tuple(put_right(context, article, asked))), 201)


@router.delete(
    PATH + "/{field}",
    dependencies=WRITES,
    status_code=204,
    responses=told_problems(403, 404, 415, 503),
    summary="Take a correction back",
)
def take_back(context: Ctx, id: str, field: CorrectedField) -> Response:
    """What the program finds holds again."""
    corrections_of(context).withdraw(correction_id(id, field))
    return Response(status_code=204)


def _known(context: Context, id: str) -> Article:
    found = context.reader.get(id)
    if found is None:
        raise HTTPException(404, f"There is no article {id[:200]}.")
    return found
