"""One alert: what it told and why, where it goes, and everything that can be done with it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from msgspec.structs import replace
from starlette.responses import RedirectResponse, Response

from services.dashboard.addresses import alert_path, with_query
from services.dashboard.alert_form import AlertForm
from services.dashboard.alert_view import KINDS, feed_addresses, secrets_of, told
from services.dashboard.api.feeds import public_base
from services.dashboard.context import Context
from services.dashboard.forms import Ctx, SentForm
from services.dashboard.ledger import ledger_page, tally
from services.dashboard.pages.alerts import form_values, known, subscriptions_of
from services.dashboard.rendering import page
from services.dashboard.revealing import may_reveal, reveal_next, revealed
from services.dashboard.trial import send_trial
from shared.channels import complete, shown_target
from shared.contracts.messages import Subscription
from shared.subscriptions import BadSubscription

router = APIRouter(include_in_schema=False)
Short = Annotated[str, Query(max_length=200)]


@router.get("/alerts/{id}")
def alert_page(request: Request, context: Ctx, id: str, cursor: Short = "", made: Short = "") -> Response:
    """The alert, its secrets where it was made a moment ago, and its ledger."""
    subscription = known(context, id)
    reveal = may_reveal(context, request, id)
    answer = _page(
        request, context, subscription, AlertForm.of(subscription), {}, cursor, made, reveal=reveal
    )
    if reveal:
        revealed(answer)
    return answer


@router.get("/alerts/{id}/now")
def ledger_piece(request: Request, context: Ctx, id: str) -> Response:
    """The newest of its ledger alone, to be put into the page anew."""
    return page(request, "alerts/ledger.html", **_ledger(context, known(context, id), ""))


@router.post("/alerts/{id}")
def change_alert(request: Request, context: Ctx, id: str, form: SentForm) -> Response:
    """Keep the changes; or show the form again with what is wrong."""
    subscription, typed = known(context, id), AlertForm.sent(form)
    if form.get("look") or typed.extra:
        return _page(request, context, subscription, typed, {}, changing=True)
    try:
        after = subscriptions_of(context).update(
            id,
            name=typed.name,
            query=typed.query,
            per=typed.per,
            channels=typed.channels(subscription.channels),
            digest=typed.digest,
        )
    except BadSubscription as e:
        return _page(
            request, context, subscription, typed, typed.faults(e, subscription.channels), changing=True
        )
    answer = RedirectResponse(f"{alert_path(id)}?made=changed", 303)
    before = {(c.target, c.secret) for c in subscription.channels}
    if any((c.target, c.secret) not in before for c in secrets_of(after)):
        reveal_next(context, request, answer, id)
    return answer


@router.post("/alerts/{id}/pause")
def pause_alert(context: Ctx, id: str, _form: SentForm) -> Response:
    """Tell nothing until it is resumed."""
    return _switched(context, id, enabled=False)


@router.post("/alerts/{id}/resume")
def resume_alert(context: Ctx, id: str, _form: SentForm) -> Response:
    """Tell again, from now on; channels that were switched off by their receivers are tried again too."""
    return _switched(context, id, enabled=True)


@router.post("/alerts/{id}/delete")
def delete_alert(context: Ctx, id: str, _form: SentForm) -> Response:
    """End it for good."""
    subscriptions_of(context).remove(id)
    return RedirectResponse("/alerts", 303)


@router.post("/alerts/{id}/test")
def try_alert(request: Request, context: Ctx, id: str, _form: SentForm) -> Response:
    """Send what it would send, now; also while it is paused."""
    subscription = known(context, id)
    send_trial(context, subscription, public_base(context, request))
    return RedirectResponse(f"{alert_path(id)}?made=tested#ledger", 303)


@router.post("/alerts/{id}/secret")
def new_secret(request: Request, context: Ctx, id: str, form: SentForm) -> Response:
    """Give one webhook another secret, and show it once."""
    given, channels = str(form.get("number", "")), list(known(context, id).channels)
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else len(channels)
    if number >= len(channels) or channels[number].kind != "webhook":
        raise HTTPException(404, "This alert has no such webhook any more. Go back and reload the page.")
    channels[number] = complete(replace(channels[number], secret=None), random_bytes=context.random)
    subscriptions_of(context).update(id, channels=channels)
    answer = RedirectResponse(f"{alert_path(id)}?made=changed", 303)
    reveal_next(context, request, answer, id)
    return answer


def _switched(context: Context, id: str, *, enabled: bool) -> Response:
    subscriptions_of(context).update(id, enabled=enabled)
    return RedirectResponse(alert_path(id), 303)


def _page(
    request: Request,
    context: Context,
    subscription: Subscription,
    form: AlertForm,
    faults: Mapping[str, str],
    cursor: str = "",
    made: str = "",
    *,
    reveal: bool = False,
    changing: bool = False,
) -> Response:
    return page(
        request,
        "alerts/alert.html",
        422 if faults else 200,
        channels=[(KINDS[c.kind], shown_target(c), c) for c in subscription.channels],
        feeds=feed_addresses(subscription, public_base(context, request)),
        secrets=secrets_of(subscription) if reveal else [],
        broken=subscriptions_of(context).fault(subscription),
        made=made,
        changing=changing or bool(faults),
        **_ledger(context, subscription, cursor),
        **form_values(context, form, faults),
    )


def _ledger(context: Context, subscription: Subscription, cursor: str) -> dict[str, Any]:
    """What a page of the ledger shows. Raises BadPlace for a cursor that is none."""
    now, id = context.clock(), subscription.id
    found = ledger_page(context.store, {"subscription": id}, subscription.created_at, now, cursor or None)
    return {
        "subscription": subscription,
        "tally": tally(context.store, id, subscription.created_at, now),
        "kinds": KINDS,
        "entries": told(context, found.entries),
        "next": with_query(alert_path(id), cursor=found.cursor) if found.cursor else None,
        "later": bool(cursor),
    }
