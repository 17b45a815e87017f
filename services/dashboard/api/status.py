"""`GET /api/v1/status`."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.dashboard.api.sent import gives
from services.dashboard.api.shapes import ServiceState, StatusAnswer, as_json
from services.dashboard.pages.ops import operations_of

router = APIRouter(prefix="/api/v1", tags=["operations"])
EXAMPLE: dict[str, Any] = {
    "services": [{"name": "parser", "running": 1, "waiting": 0, "backfill": 12}],
    "documents": {"indexed": 5120, "ended": 31, "under way": 12},
    "searchable": 5120,
    "dead_letters": 0,
}


@router.get("/status", responses=gives(StatusAnswer, EXAMPLE, 503), summary="Where everything stands")
def status(request: Request) -> Response:
    """What runs, what waits, what became of documents, what failed; at most two seconds old."""
    now = operations_of(request).now()
    if now.faults or now.searchable is None:
        raise HTTPException(503, f"{'; '.join(now.faults)}. Try again in a moment.", {"Retry-After": "5"})
    return as_json(
        StatusAnswer(
            services=tuple(
                ServiceState(name=s.name, running=s.running, waiting=s.waiting, backfill=s.backfill)
                for s in now.services
            ),
            documents=dict(now.documents),
            searchable=now.searchable,
            dead_letters=len(now.letters),
        )
    )
