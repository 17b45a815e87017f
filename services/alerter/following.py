"""The subscriptions as the compacted topic has them, followed by every replica from its beginning on."""

import logging

from services.alerter.matcher import Matcher
from shared.bus.port import Bus, Record
from shared.bus.whole_topic import WholeTopic
from shared.clock import Clock
from shared.contracts.messages import Subscription
from shared.contracts.wire import Undecodable, decode
from shared.query.parse import QueryError
from shared.subscriptions import TOPIC

log = logging.getLogger(__name__)


class Following:
    """Keeps a matcher in step with the topic. How far it has read is held in memory alone."""

    def __init__(self, bus: Bus, matcher: Matcher, clock: Clock) -> None:
        self._topic = WholeTopic(bus, TOPIC)
        self._matcher = matcher
        self._clock = clock
        self._subscriptions: dict[str, Subscription] = {}

    def __getitem__(self, id: str) -> Subscription:
        """The subscription with an id that the matcher gave."""
        return self._subscriptions[id]

    def catch_up(self) -> None:
        """Take over everything that was published until now. Raises BusUnavailable; what was read is kept."""
        for record in self._topic.news():
            self._take(record)

    def _take(self, record: Record) -> None:
        """One state of one subscription. A broken one is told of once, and matches nothing."""
        try:
            subscription: Subscription = decode(record).message
        except Undecodable as e:
            log.error("subscription %s cannot be read and matches nothing: %s", record.key, e)
            self._drop(record.key)
            return
        if subscription.deleted or not subscription.enabled:
            self._drop(subscription.id)
            return
        try:
            self._matcher.put(subscription.id, subscription.query, self._clock())
        except QueryError as e:
            log.error(
                "subscription %s (%s) matches nothing, for its query is none: %s; change it or remove it",
                subscription.id,
                subscription.name,
                e,
            )
        self._subscriptions[subscription.id] = subscription

    def _drop(self, id: str) -> None:
        self._matcher.remove(id)
        self._subscriptions.pop(id, None)
