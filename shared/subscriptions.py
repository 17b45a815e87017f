"""Subscriptions: the one place that checks, creates, changes and ends them, for pages, API and command.

The collection `subscriptions` of the store is what people see, at once; the compacted topic of the same name is what
the alerters follow. A change is kept first and published then; one that was kept and could not be published is
published by `publish_pending`, which the alerter calls now and then.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from shared.bus.port import Bus
from shared.channels import MOST_CHANNELS, BadChannel, RandomBytes, complete
from shared.clock import Clock
from shared.contracts.messages import Channel, Subscription
from shared.contracts.wire import derived_id
from shared.index.port import IndexReader, Search
from shared.published_state import publish_state
from shared.query.ast import And, Between
from shared.query.parse import Names, QueryError, parse
from shared.store.port import Store, Stored, VersionConflict, Write

COLLECTION = TOPIC = "subscriptions"
LONGEST_NAME = 200
ESTIMATED_DAYS = 30
# Two people at one subscription at the same moment; more tries than this is a fault of ours.
TRIES = 10

Per = Literal["event", "article"]
Digest = Literal["daily"]
Value = TypeVar("Value")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_decode = msgspec.json.Decoder(Subscription).decode


class BadSubscription(ValueError):
    """A subscription that cannot be. `field` names what is wrong (`query`, `channels[0].target` …).

    For a bad query `position` (code points from its beginning) and `expected` say more; the cause is its QueryError.
    """

    def __init__(
        self, field: str, message: str, position: int | None = None, expected: str | None = None
    ) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.position = position
        self.expected = expected


class UnknownSubscription(LookupError):
    """There is no subscription with this id (any more)."""

    def __init__(self, id: str) -> None:
        super().__init__(f"there is no subscription {id!r}; it may have been removed")


def new_id() -> str:
    """A fresh id, from the system's randomness."""
    return f"sub-{secrets.token_hex(6)}"


class Subscriptions:
    """The subscriptions there are. Every method may raise StoreUnavailable, those that change one BusUnavailable too."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        clock: Clock,
        new_id: Callable[[], str] = new_id,
        names: Names | None = None,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        """With `names` (the taxonomy) alliances and event types go by their names too, and unknown ones are refused."""
        self._bus = bus
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._names = names
        self._random_bytes = random_bytes

    def create(
        self,
        name: str,
        query: str,
        per: Per = "event",
        channels: Sequence[Channel] = (),
        digest: Digest | None = None,
    ) -> Subscription:
        """A new subscription, in force when this returns. Raises BadSubscription.

        Without a name it goes by its query. A webhook without a secret gets one, a feed gets its token as target.
        """
        query = self._query(query)
        made = Subscription(
            id=self._new_id(),
            name=_name(name, query),
            query=query,
            per=_one_of("per", per, ("event", "article")),
            channels=self._channels(channels),
            digest=_one_of("digest", digest, (None, "daily")),
            created_at=self._clock(),
        )
        self._store.put(_write(made, published=False, expected=0))
        self._publish(made.id)
        return made

    def update(
        self,
        id: str,
        *,
        name: str | UnsetType = UNSET,
        query: str | UnsetType = UNSET,
        per: Per | UnsetType = UNSET,
        channels: Sequence[Channel] | UnsetType = UNSET,
        digest: Digest | UnsetType | None = UNSET,
        enabled: bool | UnsetType = UNSET,
    ) -> Subscription:
        """Change what is given and nothing else. Raises UnknownSubscription, BadSubscription.

        Channels that stay keep their secret and token. What was told is not told again, whatever changes.
        """

        def changed(before: Subscription) -> Subscription:
            asked = before.query if query is UNSET else self._query(query)
            return replace(
                before,
                query=asked,
                name=before.name if name is UNSET else _name(name, asked),
                per=before.per if per is UNSET else _one_of("per", per, ("event", "article")),
                channels=before.channels if channels is UNSET else self._channels(channels, before.channels),
                digest=before.digest if digest is UNSET else _one_of("digest", digest, (None, "daily")),
                enabled=before.enabled if enabled is UNSET else enabled,
            )

        return self._change(id, changed)

    def remove(self, id: str) -> Subscription:
        """End a subscription and forget where it went; what it was is returned. Raises UnknownSubscription."""
        before = self.get(id)
        if before is None:
            raise UnknownSubscription(id)
        self._change(
            id,
            lambda now: Subscription(
                id=id, name="", query="", created_at=now.created_at, enabled=False, deleted=True
            ),
        )
        return before

    def get(self, id: str) -> Subscription | None:
        """The subscription as it stands; None when there is none, or none any more."""
        stored = self._store.get(COLLECTION, id)
        found = _decode(stored.body) if stored else None
        return None if found is None or found.deleted else found

    def of_feed(self, token: str) -> Subscription | None:
        """The subscription whose private feed has this token; None when there is none, or none any more.

        One made in the last second may be missing.
        """
        for stored in self._store.list(COLLECTION, {"state": "live", "feed": _feed_label(token)}, limit=1):
            return _decode(stored.body)
        return None

    def all(self) -> list[Subscription]:
        """Every subscription, oldest first. One made in the last second may be missing."""
        found = [_decode(stored.body) for stored in self._store.list(COLLECTION, {"state": "live"})]
        return sorted(found, key=lambda s: (s.created_at, s.id))

    def fault(self, subscription: Subscription) -> str | None:
        """Why it cannot match (its query was taken once and is none any more, say), in words; None when it can."""
        try:
            parse(subscription.query, self._clock(), self._names)
        except QueryError as e:
            return f"query: {e}"
        return None

    def publish_pending(self) -> int:
        """Publish what was kept and not published, because somebody was stopped in between; how many there were."""
        pending = [stored.id for stored in self._store.list(COLLECTION, {"published": "no"})]
        for id in pending:
            self._publish(id)
        return len(pending)

    def _change(self, id: str, change: Callable[[Subscription], Subscription]) -> Subscription:
        for _ in range(TRIES):
            stored = self._store.get(COLLECTION, id)
            before = _decode(stored.body) if stored else None
            if stored is None or before is None or before.deleted:
                raise UnknownSubscription(id)
            after = change(before)
            try:
                self._store.put(_write(after, published=False, expected=stored.version))
            except VersionConflict:
                continue
            self._publish(id)
            return after
        raise RuntimeError(f"{COLLECTION}/{id} changes without end")

    def _publish(self, id: str) -> None:
        publish_state(self._bus, self._store, COLLECTION, id, TOPIC, _decode, self._settled)

    def _settled(self, stored: Stored) -> bool:
        """Note that this version is published; False when there is a later one, which has to follow it."""
        now = _decode(stored.body)
        try:
            self._store.put(_write(now, published=True, expected=stored.version))
        except VersionConflict:
            return False
        if now.deleted:
            self._store.delete(COLLECTION, now.id)
        return True

    def _query(self, query: str) -> str:
        try:
            query.encode()
            parse(query, self._clock(), self._names)
        except QueryError as e:
            raise BadSubscription("query", str(e), e.position, e.expected) from e
        except UnicodeEncodeError as e:
            raise BadSubscription("query", "holds half a character", e.start, "text") from e
        return query.strip()

    def _channels(self, channels: Sequence[Channel], known: Sequence[Channel] = ()) -> tuple[Channel, ...]:
        if not channels:
            raise BadSubscription("channels", "name at least one: webhook, email, apprise or feed")
        if len(channels) > MOST_CHANNELS:
            raise BadSubscription("channels", f"at most {MOST_CHANNELS}, these are {len(channels)}")
        done: list[Channel] = []
        for number, channel in enumerate(channels):
            try:
                added = complete(channel, known, self._random_bytes)
            except BadChannel as e:
                raise BadSubscription(f"channels[{number}].{e.field}", str(e)) from e
            if any(_same(added, other) for other in done):
                raise BadSubscription(f"channels[{number}]", "is named twice: leave one of them out")
            done.append(added)
        return tuple(done)


def estimate(query: str, reader: IndexReader, now: datetime, names: Names | None = None) -> Mapping[str, int]:
    """How often it would have spoken: `{"articles": 12, "events": 4, "days": 30}`, by the date of the articles.

    An article that belongs to no event counts as one. Raises QueryError, and SearchIndexError as the index says.
    """
    begin = now - timedelta(days=ESTIMATED_DAYS)
    asked = And((parse(query, now, names), Between(begin, None)))
    return {
        "articles": reader.search(Search(query=asked, limit=1)).total,
        "events": reader.search(Search(query=asked, limit=1, unit="event")).total,
        "days": ESTIMATED_DAYS,
    }


def _write(subscription: Subscription, *, published: bool, expected: int) -> Write:
    labels = {
        "state": "ended" if subscription.deleted else "live",
        "published": "yes" if published else "no",
    }
    for channel in subscription.channels:
        if channel.kind == "feed":
            labels["feed"] = _feed_label(channel.target)
    return Write(COLLECTION, subscription.id, msgspec.json.encode(subscription), labels, expected)


def _feed_label(token: str) -> str:
    """What a private feed is found by: not the token itself, which is a secret."""
    return derived_id("feed", token)


def _same(one: Channel, other: Channel) -> bool:
    """Whether two channels are one; a second private feed would say the same as the first."""
    return one.kind == other.kind and (one.kind == "feed" or one.target == other.target)


def _name(name: str, query: str) -> str:
    """In one line, for it stands in the subject of mails."""
    line = " ".join(name.split()) or " ".join(query.split())[:LONGEST_NAME]
    if len(line) > LONGEST_NAME:
        raise BadSubscription("name", f"at most {LONGEST_NAME} characters, this one has {len(line)}")
    if _CONTROL.search(line):
        raise BadSubscription("name", "holds a control character")
    return line


def _one_of(field: str, value: Value, allowed: tuple[Value, ...]) -> Value:
    if value not in allowed:
        said = " or ".join("nothing" if each is None else str(each) for each in allowed)
        raise BadSubscription(field, f"{value!r} is not known; expected {said}")
    return value
