"""`/api/v1/subscriptions` and `/api/v1/deliveries`: alerts, and what became of every one."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from msgspec import UNSET, UnsetType
from starlette.responses import Response

from services.dashboard.addresses import alert_path
from services.dashboard.alert_view import feed_addresses
from services.dashboard.api.desk_shapes import (
    DELIVERY_TOLD,
    SUBSCRIPTION_SENT,
    SUBSCRIPTION_TOLD,
    ChannelSent,
    ChannelTold,
    DeliveriesAnswer,
    EstimateTold,
    SubscriptionChange,
    SubscriptionsAnswer,
    SubscriptionSent,
    SubscriptionTold,
)
from services.dashboard.api.feeds import public_base
from services.dashboard.api.sent import Sent, gives, read_body, takes
from services.dashboard.api.shapes import as_json, told_problems
from services.dashboard.context import Context
from services.dashboard.forms import Ctx, own_write
from services.dashboard.ledger import ledger_page
from services.dashboard.pages.alerts import subscriptions_of
from shared.contracts.messages import Channel, Subscription
from shared.index.port import SearchIndexError
from shared.query.parse import QueryError
from shared.subscriptions import COLLECTION, UnknownSubscription, estimate

router = APIRouter(prefix="/api/v1", tags=["alerts"])
WRITES = [Depends(own_write)]
MOST = 500
_decode = msgspec.json.Decoder(Subscription).decode
PATH = "/subscriptions/{id}"


@router.get(
    "/subscriptions",
    responses=gives(SubscriptionsAnswer, {"results": [SUBSCRIPTION_TOLD], "next_cursor": None}, 503),
    summary="The alerts there are",
)
def subscriptions(
    request: Request,
    context: Ctx,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    cursor: Annotated[str, Query(max_length=512, description="`next_cursor` of the page before.")] = "",
) -> Response:
    """All of them, by id, without their secrets."""
    listed = list(context.store.list(COLLECTION, {"state": "live"}, after=cursor, limit=limit + 1))
    found = [_decode(stored.body) for stored in listed[:limit]]
    results = tuple(_told(request, context, s) for s in found)
    return as_json(
        SubscriptionsAnswer(results=results, next_cursor=found[-1].id if len(listed) > limit else None)
    )


@router.post(
    "/subscriptions",
    status_code=201,
    dependencies=WRITES,
    openapi_extra=takes(SubscriptionSent, SUBSCRIPTION_SENT),
    responses=gives(SubscriptionTold, SUBSCRIPTION_TOLD, 403, 415, 503, status=201),
    summary="Make an alert",
)
def make(request: Request, context: Ctx, body: Sent) -> Response:
    """In force when this answers. The secrets of its webhooks are told here, and never again."""
    sent = read_body(body, SubscriptionSent)
    made = subscriptions_of(context).create(
        sent.name, sent.query, sent.per, _channels(sent.channels), sent.digest
    )
    answer = as_json(_told(request, context, made, estimated=True, fresh=made.channels), 201)
    answer.headers["Location"] = f"/api/v1{alert_path(made.id).replace('/alerts', '/subscriptions', 1)}"
    return answer


@router.get(PATH, responses=gives(SubscriptionTold, SUBSCRIPTION_TOLD, 404, 503), summary="One alert")
def one(request: Request, context: Ctx, id: str) -> Response:
    """As it stands, without its secrets."""
    found = subscriptions_of(context).get(id)
    if found is None:
        raise UnknownSubscription(id[:100])
    return as_json(_told(request, context, found, estimated=True))


@router.patch(
    PATH,
    dependencies=WRITES,
    openapi_extra=takes(SubscriptionChange, {"enabled": False}),
    responses=gives(SubscriptionTold, SUBSCRIPTION_TOLD, 403, 404, 415, 503),
    summary="Change an alert",
)
def change(request: Request, context: Ctx, id: str, body: Sent) -> Response:
    """What is given changes, the rest stays; `enabled: false` pauses it. What was told is not told again."""
    sent = read_body(body, SubscriptionChange)
    subscriptions = subscriptions_of(context)
    before = subscriptions.get(id)
    if before is None:
        raise UnknownSubscription(id[:100])
    channels: Sequence[Channel] | UnsetType = UNSET
    if not isinstance(sent.channels, UnsetType):
        channels = _channels(sent.channels, before.channels)
    after = subscriptions.update(
        id,
        name=sent.name,
        query=sent.query,
        per=sent.per,
        channels=channels,
        digest=sent.digest,
        enabled=sent.enabled,
    )
    fresh = [channel for channel in after.channels if channel not in before.channels]
    return as_json(_told(request, context, after, estimated=True, fresh=fresh))


@router.delete(
    PATH,
    dependencies=WRITES,
    status_code=204,
    responses=told_problems(403, 404, 415, 503),
    summary="End an alert",
)
def end(context: Ctx, id: str) -> Response:
    """Nothing more is told, its private feed ends, and where it went is forgotten."""
    subscriptions_of(context).remove(id)
    return Response(status_code=204)


@router.get(
    "/deliveries",
    responses=gives(DeliveriesAnswer, {"results": [DELIVERY_TOLD], "next_cursor": None}, 400, 404, 503),
    summary="What became of an alert's messages",
)
def deliveries(
    context: Ctx,
    subscription: Annotated[str, Query(max_length=512, description="The id of the alert.")],
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Response:
    """Every message to every channel, newest first, with every try in words."""
    found = subscriptions_of(context).get(subscription)
    if found is None:
        raise UnknownSubscription(subscription[:100])
    where = {"subscription": subscription}
    page = ledger_page(context.store, where, found.created_at, context.clock(), cursor or None, limit)
    return as_json(DeliveriesAnswer(results=page.entries, next_cursor=page.cursor))


def _channels(sent: Sequence[ChannelSent], known: Sequence[Channel] = ()) -> list[Channel]:
    """A feed that is asked for without its token is the one there is."""
    token = next((c.target for c in known if c.kind == "feed"), "")
    return [
        Channel(kind=c.kind, target=(c.target or token) if c.kind == "feed" else c.target, secret=c.secret)
        for c in sent
    ]


def _told(
    request: Request,
    context: Context,
    s: Subscription,
    *,
    estimated: bool = False,
    fresh: Sequence[Channel] = (),
) -> SubscriptionTold:
    """As it is told; secrets of `fresh` channels alone."""
    feeds = {
        address.rpartition(".")[2]: address for _, address in feed_addresses(s, public_base(context, request))
    }
    counted: dict[str, Any] = {"estimate": _estimate(context, s.query)} if estimated else {}
    return SubscriptionTold(
        id=s.id,
        name=s.name,
        query=s.query,
        per=s.per,
        channels=tuple(
            ChannelTold(kind=c.kind, target=c.target, secret=c.secret if c in fresh else None)
            for c in s.channels
        ),
        digest=s.digest,
        enabled=s.enabled,
        created_at=s.created_at,
        feed=feeds or None,
        fault=subscriptions_of(context).fault(s),
        **counted,
    )


def _estimate(context: Context, query: str) -> EstimateTold | None:
    try:
        return EstimateTold(**estimate(query, context.reader, context.clock(), context.taxonomy))
    except (SearchIndexError, QueryError):
        return None
