"""`GET /api/v1/status`."""

from fastapi import APIRouter
from starlette.responses import Response

from services.dashboard.api.shapes import StatusAnswer, as_json, told
from services.dashboard.forms import Ctx
from shared.status import collect_status

router = APIRouter(prefix="/api/v1", tags=["operations"])


@router.get("/status", responses=told(StatusAnswer, 503), summary="Where everything stands")
def status(context: Ctx) -> Response:
    """What runs, what waits, what became of documents, what failed."""
    return as_json(collect_status(context.bus, context.store, context.reader))
