"""Subscriptions: what is refused and in which words, what is kept, and that the topic says what the store says."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from shared.bus.port import Bus, BusUnavailable, NewRecord, Partition
from shared.channels import shown_target
from shared.contracts.article import EventRef
from shared.contracts.messages import Channel, Subscription
from shared.contracts.wire import decode
from shared.index.local import open_local_reader, open_local_writer
from shared.query.parse import QueryError
from shared.store.port import Store
from shared.subscriptions import (
    COLLECTION,
    BadSubscription,
    Subscriptions,
    UnknownSubscription,
    estimate,
    new_id,
)
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOOK = Channel(kind="webhook", target="https://example.org/hook?k=secret")


def made(bus: Bus, store: Store) -> Subscriptions:
    numbers = count(1)
    return Subscriptions(
        bus,
        store,
        lambda: NOW,
        lambda: f"s{next(numbers)}",
        shipped_taxonomy(),
        lambda size: bytes(range(size)),
    )


@pytest.fixture
def subscriptions(bus: Bus, store: Store) -> Subscriptions:
    return made(bus, store)


def topic(bus: Bus) -> dict[str, Subscription]:
    """The latest state of each subscription, as an alerter would have it."""
    place = Partition("subscriptions", 0)
    first, end = bus.ends("subscriptions")[place]
    return {r.key: decode(r).message for r in bus.read(place, first, end - first)}


def test_a_new_one_is_kept_and_published_whole(subscriptions: Subscriptions, store: Store, bus: Bus) -> None:
    mail = Channel(kind="email", target="desk@example.org")
    one = subscriptions.create("ACHA", " alliance:acha ", "article", [HOOK, mail], "daily")
    assert (one.id, one.name, one.query, one.per, one.digest) == (
        "s1",
        "ACHA",
        "alliance:acha",
        "article",
        "daily",
    )
    assert one.created_at == NOW
    assert subscriptions.get("s1") == one == topic(bus)["s1"]
    assert subscriptions.all() == [one]
    assert store.count(COLLECTION, {"published": "no"}) == 0


def test_a_webhook_gets_a_secret_and_a_feed_a_token(subscriptions: Subscriptions) -> None:
    one = subscriptions.create("", "museum", channels=[HOOK, Channel(kind="feed", target="")])
    hook, feed = one.channels
    assert hook.secret == "whsec_" + base64.b64encode(bytes(range(32))).decode()
    assert (hook.target, len(feed.target)) == (HOOK.target, 32)
    given = Channel(
        kind="webhook", target="http://10.0.0.1:8080", secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    )
    assert subscriptions.create("", "museum", channels=[given]).channels == (given,)


def test_a_name_is_one_line_and_without_one_the_query_names_it(subscriptions: Subscriptions) -> None:
    assert subscriptions.create(" Asia\n desk ", "museum", channels=[HOOK]).name == "Asia desk"
    assert subscriptions.create("", "museum  OR\nx", channels=[HOOK]).name == "museum OR x"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "x" * 201}, "name", "at most 200 characters"),
        ({"name": "a\x07b"}, "name", "control character"),
        ({"query": ""}, "query", "the query is empty"),
        ({"query": "museum AND"}, "query", "expected a word"),
        ({"query": "x" * 2001}, "query", "at most 2000"),
        ({"query": "alliance:nobody"}, "query", "is no alliance that is known"),
        ({"query": "caf\ud83d"}, "query", "half a character"),
        ({"per": "week"}, "per", "expected event or article"),
        ({"digest": "hourly"}, "digest", "expected nothing or daily"),
        ({"channels": []}, "channels", "at least one"),
        ({"channels": [Channel(kind="email", target=f"a{n}@b.org") for n in range(11)]}, "channels", "at most 10"),
        ({"channels": [HOOK, HOOK]}, "channels[1]", "named twice"),
        ({"channels": [Channel(kind="feed", target="")] * 2}, "channels[1]", "named twice"),
        ({"channels": [HOOK, Channel(kind="webhook", target="ftp://x.org")]}, "channels[1].target", "https://"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    subscriptions: Subscriptions, store: Store, bus: Bus, change: dict[str, Any], field: str, words: str
) -> None:
    asked = {"name": "n", "query": "museum", "channels": [HOOK]} | change
    with pytest.raises(BadSubscription, match=words) as fault:
        subscriptions.create(**asked)
    assert fault.value.field == field
    assert str(fault.value).startswith(f"{field}: ")
    assert (store.count(COLLECTION), topic(bus)) == (0, {})


def test_a_bad_query_has_its_position(subscriptions: Subscriptions) -> None:
    with pytest.raises(BadSubscription) as fault:
        subscriptions.create("", "museum (temple", channels=[HOOK])
    assert (fault.value.position, fault.value.expected) == (14, "')'")
    assert isinstance(fault.value.__cause__, QueryError)


@pytest.mark.parametrize(
    ("kind", "target", "secret"),
    [
        ("webhook", "", None),
        ("webhook", "https://", None),
        ("webhook", "https://exa mple.org", None),
        ("webhook", "https://example.org:port", None),
        ("webhook", "https://[::1", None),
        ("webhook", "javascript:alert(1)", None),
        ("webhook", "https://example.org/" + "x" * 2000, None),
        ("webhook", "https://example.org", "short"),
        ("webhook", "https://example.org", "with a space in it"),
        ("webhook", "https://example.org", "whsec_no base64"),
        ("email", "", None),
        ("email", "nobody", None),
        ("email", "a@b@c.org", None),
        ("email", "a@nowhere", None),
        ("email", "a@-b.org", None),
        ("email", "a@b..org", None),
        ("email", "a@[127.0.0.1]", None),
        ("email", "Desk <desk@example.org>", None),
        ("email", "a@example.org\nBcc: b@example.org", None),
        ("email", "josé@example.org", None),
        ("email", "x" * 65 + "@example.org", None),
        ("email", "a@example.org", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("apprise", "nonsense://x", None),
        ("apprise", "https://example.org", None),
        ("apprise", "slack://", None),
        ("apprise", "Syslog://localhost", None),
        ("feed", "chosen-by-me", None),
        ("feed", "", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_channels_that_cannot_be_delivered_to(
    subscriptions: Subscriptions, kind: Any, target: str, secret: str | None
) -> None:
    with pytest.raises(BadSubscription) as fault:
        subscriptions.create("", "museum", channels=[Channel(kind=kind, target=target, secret=secret)])
    assert fault.value.field == ("channels[0].secret" if secret else "channels[0].target")


@pytest.mark.parametrize(
    ("kind", "target", "kept"),
    [
        ("webhook", " HTTPS://user:pw@example.org/a", "HTTPS://user:pw@example.org/a"),
        ("webhook", "http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("email", "desk+asia@example.org", "desk+asia@example.org"),
        ("email", "desk@bücher.example", "desk@xn--bcher-kva.example"),
        ("email", "desk@localhost", "desk@localhost"),
        ("apprise", "json://localhost:8080/x", "json://localhost:8080/x"),
        ("apprise", "tgram://123456789:abcdefg_hijklmnop/room", "tgram://123456789:abcdefg_hijklmnop/room"),
    ],
)
def test_channels_that_can(subscriptions: Subscriptions, kind: Any, target: str, kept: str) -> None:
    one = subscriptions.create("", "museum", channels=[Channel(kind=kind, target=target)])
    assert one.channels[0].target == kept


def test_a_change_leaves_the_rest_and_keeps_secrets(subscriptions: Subscriptions, bus: Bus) -> None:
    given = Channel(kind="webhook", target="https://a.example", secret="chosen-secret")
    one = subscriptions.create("n", "museum", channels=[given, Channel(kind="feed", target="")])
    paused = subscriptions.update("s1", enabled=False, digest="daily", query="temple")
    assert (paused.name, paused.query, paused.enabled, paused.digest) == ("n", "temple", False, "daily")
    assert paused.channels == one.channels
    assert subscriptions.update("s1", digest=None).digest is None
    again = [
        Channel(kind="feed", target=one.channels[1].target),
        Channel(kind="webhook", target="https://a.example"),
    ]
    assert subscriptions.update("s1", channels=again).channels == tuple(reversed(one.channels))
    assert topic(bus)["s1"] == subscriptions.get("s1")
    with pytest.raises(BadSubscription, match="query: "):
        subscriptions.update("s1", query="(")
    with pytest.raises(UnknownSubscription, match="'s9'"):
        subscriptions.update("s9", name="x")


def test_one_that_ended_leaves_no_address_behind(
    subscriptions: Subscriptions, store: Store, bus: Bus
) -> None:
    one = subscriptions.create("n", "museum", channels=[HOOK])
    assert subscriptions.remove("s1") == one
    assert (subscriptions.get("s1"), subscriptions.all(), store.get(COLLECTION, "s1")) == (None, [], None)
    told = topic(bus)["s1"]
    assert (told.deleted, told.channels, told.query) == (True, (), "")
    for gone in (subscriptions.remove, subscriptions.update):
        with pytest.raises(UnknownSubscription):
            gone("s1")


class Unreliable:
    """A bus whose producers do something else first: fail, or let somebody else go before."""

    def __init__(self, bus: Bus, first: Callable[[], None]) -> None:
        self._bus = bus
        self._first = [first]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)

    def producer(self) -> Any:
        return _Producer(self._bus.producer(), self._first)


class _Producer:
    def __init__(self, producer: Any, first: list[Callable[[], None]]) -> None:
        self._producer = producer
        self._first = first

    def produce(self, records: Sequence[NewRecord]) -> None:
        if self._first:
            self._first.pop()()
        self._producer.produce(records)

    def close(self) -> None:
        self._producer.close()


def _down() -> None:
    raise BusUnavailable("down")


@pytest.mark.parametrize("ends", [False, True])
def test_what_could_not_be_published_is_published_later(bus: Bus, store: Store, ends: bool) -> None:
    if ends:
        made(bus, store).create("n", "museum", channels=[HOOK])
    stopped = made(Unreliable(bus, _down), store)
    with pytest.raises(BusUnavailable):
        _ = stopped.remove("s1") if ends else stopped.create("n", "museum", channels=[HOOK])
    assert [s.deleted for s in topic(bus).values()] == ([False] if ends else [])
    subscriptions = made(bus, store)
    assert subscriptions.publish_pending() == 1
    assert [s.deleted for s in topic(bus).values()] == [ends]
    assert subscriptions.publish_pending() == 0
    assert store.count(COLLECTION) == (0 if ends else 1)


def test_the_last_of_two_changes_at_once_is_published_last(bus: Bus, store: Store) -> None:
    made(bus, store).create("n", "museum", channels=[HOOK])
    quick = made(bus, store)
    slow = made(Unreliable(bus, lambda: void(quick.update("s1", query="temple"))), store)
    slow.update("s1", name="renamed")
    now = quick.get("s1")
    assert now
    assert (now.name, now.query) == ("renamed", "temple")
    assert topic(bus)["s1"] == now


def void(_: object) -> None:
    """Nothing, whatever was done."""


def test_one_whose_query_is_none_any_more_says_so(subscriptions: Subscriptions) -> None:
    one = subscriptions.create("n", "museum", channels=[HOOK])
    assert subscriptions.fault(one) is None
    broken = Subscription(id="s2", name="", query="alliance:nobody", created_at=NOW)
    assert "is no alliance that is known" in (subscriptions.fault(broken) or "")


def test_the_estimate_counts_the_last_month(tmp_path: Path) -> None:
    writer = open_local_writer(tmp_path, 0)
    dated = {day: datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)}
    event = EventRef(id="e1", title="E")
    writer.write(
        [
            article("a1", "Museum", published_at=dated[1], event=event),
            article("a2", "Museum", published_at=dated[2], event=event),
            article("a3", "Museum", published_at=dated[3]),
            article("a4", "Museum", published_at=datetime(2025, 11, 1, tzinfo=UTC)),
        ]
    )
    reader = open_local_reader(tmp_path)
    assert estimate("museum", reader, NOW) == {"articles": 3, "events": 2, "days": 30}
    assert estimate("temple OR before:2020", reader, NOW) == {"articles": 0, "events": 0, "days": 30}
    reader.close()
    writer.close()


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        (HOOK, "https://example.org/…"),
        (Channel(kind="webhook", target="https://me:pw@example.org:8443/"), "https://example.org:8443/"),
        (Channel(kind="email", target="desk@example.org"), "desk@example.org"),
        (Channel(kind="apprise", target="slack://a/b/c"), "slack://…"),
        (Channel(kind="feed", target="token"), "private feed"),
    ],
)
def test_targets_are_shown_without_secrets(channel: Channel, words: str) -> None:
    assert shown_target(channel) == words


def test_ids_are_never_the_same() -> None:
    assert new_id() != new_id()


def test_a_private_feed_is_found_by_its_token_alone(subscriptions: Subscriptions, store: Store) -> None:
    one = subscriptions.create("", "museum", channels=[HOOK, Channel(kind="feed", target="")])
    token = one.channels[1].target
    found = subscriptions.of_feed(token)
    assert found is not None
    assert found.id == one.id
    assert subscriptions.of_feed(token + "x") is None
    assert subscriptions.of_feed("") is None
    stored = store.get(COLLECTION, one.id)
    assert stored is not None
    assert token not in stored.labels.values()
    subscriptions.update(one.id, channels=[HOOK])
    assert subscriptions.of_feed(token) is None
