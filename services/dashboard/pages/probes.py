"""What machines ask: is it alive, is it ready, what does it count."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse, Response

from services.dashboard.forms import Ctx
from shared.index.port import IndexUnavailable
from shared.store.port import StoreUnavailable

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
def live() -> Response:
    """Alive as long as it answers."""
    return PlainTextResponse("ok\n")


@router.get("/health/ready")
def ready(context: Ctx) -> Response:
    """Ready when index and store answer; otherwise says which does not."""
    try:
        context.reader.count()
        context.store.get("dashboard-keys", "first")
    except (IndexUnavailable, StoreUnavailable) as e:
        return PlainTextResponse(f"dashboard: {e}\n", 503)
    return PlainTextResponse("ok\n")


@router.get("/metrics")
def metrics(context: Ctx) -> Response:
    """The metrics of this process, for Prometheus."""
    return Response(generate_latest(context.metrics.registry), media_type=CONTENT_TYPE_LATEST)
