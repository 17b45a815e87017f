"""Whether an alert is still wanted: by whoever asked for it, and by the receiver."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.contracts.article import Struct
from shared.contracts.deliveries import TRIAL
from shared.contracts.messages import Alert, Channel, Subscription
from shared.contracts.wire import derived_id
from shared.store.port import Store, Write
from shared.subscriptions import COLLECTION as SUBSCRIPTIONS

# Channels whose receiver answered 410 (gone), by subscription and target.
GONE = "gone-channels"


class Gone(Struct, frozen=True, kw_only=True):
    """A channel is switched off until a test arrives there, or its subscription is saved and gets another `version`."""

    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alert stands now. `ended` says why it is not to be sent; `channel` is the channel as it is today; `gone`
    that its receiver answered 410 since the subscription was saved."""

    channel: Channel
    version: int
    ended: str = ""
    gone: bool = False


def standing(store: Store, alert: Alert) -> Standing:
    """How an alert stands; a test goes also where others do not. Raises StoreUnavailable."""
    channel = alert.channel
    stored = store.get(SUBSCRIPTIONS, alert.subscription)
    if stored is None:
        return Standing(channel, 0, "the subscription was removed")
    subscription = msgspec.json.decode(stored.body, type=Subscription)
    today = next((c for c in subscription.channels if _same(c, channel)), None)
    if subscription.deleted:
        return Standing(channel, stored.version, "the subscription was removed")
    if today is None:
        return Standing(channel, stored.version, "the subscription does not go there any more")
    trial = alert.id.startswith(TRIAL)
    if not subscription.enabled and not trial:
        return Standing(today, stored.version, "the subscription is switched off")
    known = store.get(GONE, _gone_id(alert))
    gone = msgspec.json.decode(known.body, type=Gone) if known else None
    if gone is None or gone.version != stored.version:
        return Standing(today, stored.version)
    words = (
        f"the receiver answered 410 (gone) on {gone.at:%Y-%m-%d}; to go on, send it a test or save the alert"
    )
    return Standing(today, stored.version, "" if trial else words, gone=True)


def gone_write(alert: Alert, version: int, now: datetime) -> Write:
    """The write that switches this channel off while its subscription has this version; version 0 is none's."""
    return Write(GONE, _gone_id(alert), msgspec.json.encode(Gone(at=now, version=version)))


def _gone_id(alert: Alert) -> str:
    return derived_id(alert.subscription, alert.channel.kind, alert.channel.target)


def _same(one: Channel, other: Channel) -> bool:
    return (one.kind, one.target) == (other.kind, other.target)
