"""The alerter: articles on the stream against all subscriptions, and an alert to each channel, once per event.

Only news alerts: new articles and revisions on the live lane, and what somebody asked to be told of, for subscriptions
that were not told of the event (or of the article) before. Alerts have derived ids and go out before it is noted that
they did, so that a kill at any point makes the same alerts again and never none; whoever delivers them tells copies by
their ids. Ids of alerts on an event do not depend on the article, so two replicas that meet the event at once make the
same.

An alert may be made twice under two ids where an event that one replica is telling of is merged into another, by an
article that another replica has in hand at that very moment: between two markers there is no lock, for an alert too
many is better than none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from services.alerter.following import Following
from services.alerter.matcher import Matcher
from services.alerter.told import Subjects, Told, subjects
from shared.bus.port import Bus
from shared.clock import Clock
from shared.contracts.article import Evidence
from shared.contracts.messages import Alert, ArticleUpdate, Subscription
from shared.contracts.topics import TOPICS
from shared.contracts.wire import Outgoing, Received, derived_id
from shared.errors import BadMessage
from shared.query.ast import Query
from shared.query.evaluate import SearchDocument, matched_spans
from shared.query.parse import Names
from shared.runner.service import Handled, Owns, Service, Tick, Verdict
from shared.store.port import Store, Write
from shared.subscriptions import Subscriptions

NEWS = ("new", "revision")
# How many of the words that made it match an alert carries along.
MOST_MATCHED = 100
# Bytes an alert may need beside its article: channel, query and the words above.
BESIDE = 512 * 1024
PUBLISH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Met:
    """An update, and the subscriptions it is for: each with its query and what an alert would be about."""

    received: Received
    update: ArticleUpdate
    matched: tuple[tuple[Subscription, Query, Subjects], ...]

    @property
    def is_news(self) -> bool:
        """Whether anybody may be told of it."""
        return self.update.change in NEWS and self.received.headers.mode == "live"


class Alerter:
    """Matches and tells. Not for use by several threads."""

    def __init__(self, bus: Bus, store: Store, clock: Clock, names: Names | None) -> None:
        """`names` (the taxonomy) are what queries may call alliances and event types by."""
        self._store = store
        self._clock = clock
        self._matcher = Matcher(names)
        self._following = Following(bus, self._matcher, clock)

    def step(self, batch: Sequence[Received]) -> Sequence[Verdict]:
        """One batch, against the subscriptions as they are when it begins."""
        self._following.catch_up()
        met = [self._meet(received) for received in batch]
        told = Told(self._store, ((s, about) for one in met for s, _, about in one.matched))
        return [self._tell(one, told) for one in met]

    def _meet(self, received: Received) -> Met:
        update: ArticleUpdate = received.message
        if not len(self._matcher):
            return Met(received, update, ())
        # When the update was written: the same for every replica, and when it comes again.
        arrival = datetime.fromtimestamp(received.record.timestamp / 1000, UTC)
        found = self._matcher.matching(SearchDocument.of_article(update.article), arrival)
        matched = []
        for id in sorted(found):
            subscription = self._following[id]
            matched.append((subscription, found[id], subjects(update, subscription.per)))
        return Met(received, update, tuple(matched))

    def _tell(self, met: Met, told: Told) -> Verdict:
        """The alerts of one update, and the markers they leave."""
        now = self._clock()
        alerts: list[Alert] = []
        remember: list[Write] = []
        spans: dict[Query, tuple[Evidence, ...]] = {}
        article = met.update.article
        for subscription, query, about in met.matched:
            if told.of(subscription, (*about.same, about.article)):
                remember += told.mark(subscription, about.same, article.id, now)
            elif subscription.id in met.update.tell or (met.is_news and _is_later(met.update, subscription)):
                if fault := _too_large(met.received):
                    return BadMessage(f"{article.url}: {fault}")
                if query not in spans:
                    spans[query] = tuple(matched_spans(query, article)[:MOST_MATCHED])
                alerts += _alerts(met.update, subscription, about, spans[query], now)
                remember += told.mark(subscription, (*about.same, about.article), article.id, now)
        outputs = tuple(Outgoing("alerts", alert.subscription, alert) for alert in alerts)
        return Handled(outputs=outputs, remember=tuple(remember))


def _is_later(update: ArticleUpdate, subscription: Subscription) -> bool:
    """Whether the article came after the subscription: what changes about an older one is no news to it."""
    return update.change == "new" or update.article.first_seen_at >= subscription.created_at


def _alerts(
    update: ArticleUpdate,
    subscription: Subscription,
    about: Subjects,
    matched: tuple[Evidence, ...],
    now: datetime,
) -> list[Alert]:
    """One alert per channel."""
    reason: Literal["new", "revision"] = "new" if update.change == "new" else "revision"
    return [
        Alert(
            id=derived_id("alert", subscription.id, about.subject, reason, channel.kind, channel.target),
            subscription=subscription.id,
            subscription_name=subscription.name,
            query=subscription.query,
            per=subscription.per,
            digest=subscription.digest,
            channel=channel,
            reason=reason,
            article=update.article,
            matched=matched,
            created_at=now,
        )
        for channel in subscription.channels
    ]


def _too_large(received: Received) -> str:
    """Why an alert with this article in it could not be sent; empty when it can."""
    size, most = len(received.record.value), TOPICS["alerts"].max_bytes - BESIDE
    return f"too large for an alert: {size} bytes, at most {most}" if size > most else ""


def alerter_service(bus: Bus, store: Store, clock: Clock, names: Names | None) -> Service:
    """The alerter. Any number of processes share the articles; each holds all subscriptions."""
    subscriptions = Subscriptions(bus, store, clock, names=names)

    def publish(_now: datetime, owns: Owns) -> Handled:
        if owns("articles", "subscriptions"):
            subscriptions.publish_pending()
        return Handled()

    return Service(
        name="alerter",
        inputs=("articles",),
        step=Alerter(bus, store, clock, names).step,
        ticks=(Tick("publish", PUBLISH_EVERY, publish),),
    )
