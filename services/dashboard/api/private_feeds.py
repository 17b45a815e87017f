"""`GET /feeds/alerts/TOKEN.{atom,rss,json}`: the private feed of an alert. The token is the login."""

import hashlib
from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.dashboard.addresses import alert_path, article_path
from services.dashboard.api.feeds import KINDS, public_base
from services.dashboard.forms import Ctx
from services.dashboard.ledger import ledger_page
from services.dashboard.pages.alerts import subscriptions_of
from shared.feeds import Feed, delivery_item

router = APIRouter(prefix="/feeds", tags=["feeds"])
ITEMS = 100
# How long a reader may keep it: alerts are to arrive within a minute.
KEEP = 60


@router.get("/alerts/{token}.{kind}", summary="The private feed of an alert", response_class=Response)
def alert_feed(request: Request, context: Ctx, token: str, kind: Literal["atom", "rss", "json"]) -> Response:
    """What an alert told, newest first. The token in the address is all that is asked for."""
    subscription = subscriptions_of(context).of_feed(token)
    if subscription is None:
        raise HTTPException(
            404, "There is no such feed. Its alert was deleted, or the address is not whole: copy it again."
        )
    where = {"subscription": subscription.id, "channel": "feed", "status": "delivered"}
    told = ledger_page(context.store, where, subscription.created_at, context.clock(), limit=ITEMS).entries
    base = public_base(context, request)
    items = [delivery_item(entry, f"{base}{article_path(entry.article)}") for entry in told]
    feed = Feed(
        title=f"{subscription.name} – Heritage Wire",
        address=f"{base}/feeds/alerts/{token}.{kind}",
        page=f"{base}{alert_path(subscription.id)}",
        updated=max((item.updated for item in items), default=subscription.created_at),
        items=items,
        description=f"Heritage news: {subscription.query}",
    )
    media_type, write = KINDS[kind]
    body = write(feed)
    return _unless_known(request, body, media_type)


def _unless_known(request: Request, body: bytes, media_type: str) -> Response:
    """The feed; to a reader that has it already, only that."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    answer = Response(status_code=304) if tag in known else Response(body, media_type=media_type)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = f"private, max-age={KEEP}"
    return answer
