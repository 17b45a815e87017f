"""Alerts: the list of them, and making one. A form that cannot be taken comes back as it was, with the fault at its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import alert_path, with_query
from services.dashboard.alert_form import AlertForm, of_search
from services.dashboard.alert_view import KINDS
from services.dashboard.context import Context
from services.dashboard.estimating import estimated
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.ledger import Tally, tally
from services.dashboard.rendering import page
from services.dashboard.revealing import reveal_next
from shared.contracts.messages import Channel, Subscription
from shared.query.parse import QueryError, parse
from shared.subscriptions import BadSubscription, Per, Subscriptions

router = APIRouter(include_in_schema=False)
PAGE = 25
# A query may have 2,000 characters; more is cut from an address, and the form says so.
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """An alert in the list."""

    subscription: Subscription
    tally: Tally
    channels: Sequence[str]
    fault: str | None


def subscriptions_of(context: Context) -> Subscriptions:
    """The subscriptions, over the engines of the dashboard."""
    return Subscriptions(
        context.bus, context.store, context.clock, names=context.taxonomy, random_bytes=context.random
    )


def known(context: Context, id: str) -> Subscription:
    """The subscription with this id. Raises HTTPException 404."""
    found = subscriptions_of(context).get(id)
    if found is None:
        raise HTTPException(404, f"There is no alert {id[:100]}. It may have been deleted.")
    return found


@router.get("/alerts")
def alerts_page(
    request: Request, context: Ctx, find: Annotated[str, Query(max_length=200)] = "", start: int = 0
) -> Response:
    """All alerts, the newest first, with how they stand."""
    subscriptions = subscriptions_of(context)
    every = sorted(subscriptions.all(), key=lambda s: (s.created_at, s.id), reverse=True)
    words = find.casefold().split()
    chosen = [s for s in every if all(w in f"{s.name} {s.query} {s.id}".casefold() for w in words)]
    start = max(0, min(start, len(chosen)))
    return page(
        request,
        "alerts/list.html",
        rows=[_row(context, subscriptions, s) for s in chosen[start : start + PAGE]],
        total=len(every),
        chosen=len(chosen),
        find=find,
        next=with_query("/alerts", find=find, start=str(start + PAGE))
        if start + PAGE < len(chosen)
        else None,
        back=with_query("/alerts", find=find, start=str(max(0, start - PAGE))) if start else None,
    )


def _row(context: Context, subscriptions: Subscriptions, s: Subscription) -> Row:
    kinds = dict.fromkeys(KINDS[c.kind] for c in s.channels)
    counted = tally(context.store, s.id, s.created_at, context.clock())
    return Row(s, counted, list(kinds), subscriptions.fault(s))


@router.get("/alerts/new")
def new_alert(request: Request, context: Ctx, q: str = "", per: Per = "event") -> Response:
    """The form, filled from a search so that one press makes the alert."""
    query = q[:LONGEST].strip()
    try:
        read = parse(query, context.clock(), context.taxonomy) if query else None
    except QueryError:
        read = None
    form = of_search(query, read, context.taxonomy)
    return form_page(request, context, AlertForm(name=form.name, query=query, per=per, feed=True))


@router.post("/alerts")
def make_alert(request: Request, context: Ctx, form: SentForm) -> Response:
    """Make the alert and go to its page; or show the form again."""
    typed = AlertForm.sent(form)
    if form.get("look") or typed.extra:
        return form_page(request, context, typed)
    try:
        made = subscriptions_of(context).create(
            typed.name, typed.query, typed.per, typed.channels(), typed.digest
        )
    except BadSubscription as e:
        return form_page(request, context, typed, typed.faults(e))
    answer = RedirectResponse(f"{alert_path(made.id)}?made=yes", 303)
    reveal_next(context, request, answer, made.id)
    return answer


@router.post("/alerts/feed")
def make_private_feed(request: Request, context: Ctx, form: SentForm) -> Response:
    """One press from a search to a private feed of it; where there is one already, the way to that."""
    query, subscriptions = str(form.get("query", "")).strip(), subscriptions_of(context)
    there = next((s for s in subscriptions.all() if _is_private_feed(s, query)), None)
    if there:
        return RedirectResponse(f"{alert_path(there.id)}?made=before", 303)
    try:
        read = parse(query, context.clock(), context.taxonomy)
        name = of_search(query, read, context.taxonomy).name
        made = subscriptions.create(name, query, "event", [Channel(kind="feed", target="")])
    except (QueryError, BadSubscription):
        return RedirectResponse(with_query("/alerts/new", q=query), 303)
    return RedirectResponse(f"{alert_path(made.id)}?made=yes", 303)


def _is_private_feed(s: Subscription, query: str) -> bool:
    return s.enabled and s.query == query and s.per == "event" and any(c.kind == "feed" for c in s.channels)


@router.get("/alerts/estimate")
def estimate_piece(request: Request, context: Ctx, query: str = "", per: Per = "event") -> Response:
    """What a query would have told, as the piece of the form that shows it."""
    return page(request, "alerts/estimate.html", **_counted(context, query[:LONGEST].strip(), per))


def form_page(
    request: Request, context: Context, form: AlertForm, faults: Mapping[str, str] | None = None
) -> Response:
    """The form of a new alert, with its faults at their fields; 422 when there are any."""
    values = form_values(context, form, faults or {})
    return page(request, "alerts/new.html", 422 if faults else 200, **values)


def form_values(context: Context, form: AlertForm, faults: Mapping[str, str]) -> dict[str, Any]:
    """What the fields of the form show."""
    return {
        "form": form,
        "faults": faults,
        "mail_works": context.settings.smtp_host is not None,
        **_counted(context, form.query, form.per),
    }


def _counted(context: Context, query: str, per: Per) -> dict[str, Any]:
    return {"estimate": estimated(context, query, per) if query else None, "per": per, "asked_query": query}
