"""The alerter tells each subscription once per event, in every order of arrivals, merges, copies and kills."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any

import pytest
from msgspec.structs import replace

from services.alerter.service import MOST_MATCHED, Alerter, alerter_service
from services.alerter.told import COLLECTION
from shared.bus.port import Bus, NewRecord, Partition, Record
from shared.contracts.article import Carrier, EventRef
from shared.contracts.messages import Alert, ArticleUpdate, Channel, Subscription
from shared.contracts.topics import TOPICS
from shared.contracts.wire import Mode, Outgoing, Received, decode, encode
from shared.errors import BadMessage
from shared.identity import article_id
from shared.runner.service import Handled, Verdict
from shared.store.port import Store, Write
from shared.subscriptions import Subscriptions
from tests.contract.index_articles import article
from tests.shipped import shipped_taxonomy

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOOK = Channel(kind="webhook", target="https://example.org/hook")
MAIL = Channel(kind="email", target="desk@example.org")


class Desk:
    """An alerter, its subscriptions, and what became of the updates it was given."""

    def __init__(self, bus: Bus, store: Store) -> None:
        self.bus, self.store = bus, store
        self._numbers = count(1)
        self.subscriptions = Subscriptions(
            bus, store, lambda: NOW, lambda: f"s{next(self._numbers)}", shipped_taxonomy()
        )
        self.alerter = self.replica()

    def replica(self) -> Alerter:
        return Alerter(self.bus, self.store, lambda: NOW, shipped_taxonomy())

    def tell(self, *updates: ArticleUpdate, mode: Mode = "live", at: datetime = NOW) -> list[Alert]:
        """The alerts of one batch, all of it carried through."""
        verdicts = self.alerter.step([received(update, mode, at) for update in updates])
        for verdict in verdicts:
            assert isinstance(verdict, Handled)
            self.store.put_many(verdict.remember)
        return alerts(verdicts)

    def asks(self, query: str = "museum", **more: Any) -> Subscription:
        return self.subscriptions.create("", query, **{"channels": [HOOK], **more})


@pytest.fixture
def desk(bus: Bus, store: Store) -> Desk:
    return Desk(bus, store)


def received(update: ArticleUpdate, mode: Mode = "live", at: datetime = NOW) -> Received:
    outgoing = Outgoing("articles", update.article.id, update)
    new = encode(outgoing, message_id="m", traceparent="00-" + "0" * 32 + "-" + "0" * 16 + "-01", mode=mode)
    return decode(Record(new.topic, 0, 0, new.key, new.value, new.headers, round(at.timestamp() * 1000)))


def alerts(verdicts: Sequence[Verdict]) -> list[Alert]:
    found = []
    for verdict in verdicts:
        assert isinstance(verdict, Handled)
        for out in verdict.outputs:
            assert isinstance(out.message, Alert)
            assert (out.topic, out.key) == ("alerts", out.message.subscription)
            found.append(out.message)
    return found


def update(
    number: int, event: str | None = None, change: Any = "new", merged: tuple[str, ...] = (), **more: Any
) -> ArticleUpdate:
    url = f"https://news.example/{number}"
    ref = EventRef(id=event, title="E") if event else None
    more = {"first_seen_at": NOW, **more}
    one = article(article_id(url), "A museum opens", "Museum visitors came.", url=url, event=ref, **more)
    return ArticleUpdate(change=change, article=one, merged_events=merged)


def copies(*numbers: int) -> tuple[Carrier, ...]:
    return tuple(Carrier(source="s", url=f"https://news.example/{n}") for n in numbers)


def test_an_alert_says_who_what_and_why(desk: Desk) -> None:
    asked = desk.asks("museum -temple", channels=[HOOK, MAIL], digest="daily")
    told = desk.tell(update(1, "ev-1"))
    assert [a.channel for a in told] == list(asked.channels)
    one = told[0]
    assert (one.subscription, one.subscription_name, one.query) == ("s1", "museum -temple", "museum -temple")
    assert (one.per, one.digest, one.reason, one.created_at) == ("event", "daily", "new", NOW)
    assert one.article == update(1, "ev-1").article
    assert [(e.field, e.text) for e in one.matched] == [("title", "museum"), ("text", "Museum")]
    assert len({a.id for a in told}) == 2


def test_only_who_asked_is_told(desk: Desk) -> None:
    desk.asks("temple")
    desk.asks("museum")
    assert [a.subscription for a in desk.tell(update(1))] == ["s2"]


def test_once_per_event_or_once_per_article(desk: Desk) -> None:
    desk.asks()
    desk.asks(per="article")
    told = desk.tell(update(1, "ev-1"), update(2, "ev-1"), update(3), update(4))
    assert [a.subscription for a in told] == ["s1", "s2", "s2", "s1", "s2", "s1", "s2"]
    assert [a.subscription for a in desk.tell(update(5, "ev-1"), update(1, "ev-1"))] == ["s2"]


@pytest.mark.parametrize("split", [False, True])
def test_later_articles_of_an_event_are_no_news(desk: Desk, split: bool) -> None:
    """In one batch or in two, also for a replica that was not there."""
    desk.asks()
    if split:
        (one,) = desk.tell(update(1, "ev-1"))
        desk.alerter = desk.replica()
        assert desk.tell(update(2, "ev-1")) == []
    else:
        (one,) = desk.tell(update(1, "ev-1"), update(2, "ev-1"))
    assert one.article.id == article_id("https://news.example/1")


def test_backfill_regrouped_and_reparsed_are_no_news(desk: Desk) -> None:
    desk.asks()
    assert desk.tell(update(1, "ev-1"), mode="backfill") == []
    assert desk.tell(update(1, "ev-1", "regrouped"), update(1, "ev-1", "reparsed")) == []
    assert desk.tell(update(1, "ev-1", "revision"), mode="backfill") == []
    # And nobody counts as told of them.
    assert len(desk.tell(update(2, "ev-1"))) == 1


def test_who_is_asked_to_be_told_is_told_of_what_is_no_news_and_nobody_else(desk: Desk) -> None:
    asked, _other = desk.asks(), desk.asks()
    before = NOW - timedelta(days=90)
    plain = replace(update(1, "ev-1", "reparsed", first_seen_at=before), tell=(asked.id, "s-gone"))
    (one,) = desk.tell(plain, mode="backfill")
    assert (one.subscription, one.article.url) == (asked.id, "https://news.example/1")
    assert desk.tell(plain, mode="backfill") == [], "once"
    nowhere = replace(plain, article=replace(plain.article, title="A temple", text=""))
    assert desk.tell(replace(nowhere, article=replace(nowhere.article, event=None))) == [], (
        "only what matches"
    )


def test_a_change_of_what_was_there_before_the_subscription_is_no_news(desk: Desk) -> None:
    desk.asks()
    before = NOW - timedelta(seconds=1)
    assert desk.tell(update(1, "ev-1", "revision", first_seen_at=before)) == []
    assert len(desk.tell(update(2, "ev-1", first_seen_at=NOW))) == 1, "the event is not taken for told"


def test_a_revision_is_news_to_who_was_never_told(desk: Desk) -> None:
    desk.asks()
    plain = update(1, "ev-1")
    other = replace(plain, article=replace(plain.article, title="A temple", text=""))
    assert desk.tell(other) == []
    (one,) = desk.tell(update(1, "ev-1", "revision"))
    assert one.reason == "revision"
    assert (
        desk.tell(update(1, "ev-1", "revision"), update(1, None, "revision"), update(1, "ev-9", "revision"))
        == []
    )


def test_a_subscription_changes_while_news_comes_in(desk: Desk) -> None:
    desk.asks("temple")
    assert desk.tell(update(1)) == []
    desk.subscriptions.update("s1", query="museum")
    assert len(desk.tell(update(2))) == 1
    desk.subscriptions.update("s1", enabled=False)
    assert desk.tell(update(3)) == []
    desk.subscriptions.update("s1", enabled=True, channels=[HOOK, MAIL])
    assert len(desk.tell(update(3))) == 2
    desk.subscriptions.remove("s1")
    assert desk.tell(update(4)) == []


def merge(k: int = 0) -> list[ArticleUpdate]:
    """Two events become one: the updates of `k` have nothing in common with those of other numbers."""
    one, two = f"ev-{k}-1", f"ev-{k}-2"
    return [
        update(10 * k + 1, one),
        update(10 * k + 2, two),
        update(10 * k + 3, one, merged=(two,)),
        update(10 * k + 2, one, "regrouped", merged=(two,)),
        update(10 * k + 4, one, merged=(two,)),
    ]


def test_a_merge_never_tells_again(desk: Desk) -> None:
    """Told of both before they were one; nothing more comes with the merge and after it."""
    desk.asks()
    assert len(desk.tell(*merge()[:2])) == 2
    assert desk.tell(*merge()[2:]) == []


def test_of_events_that_are_one_nobody_hears_twice(desk: Desk) -> None:
    """Partitions have no order among each other. Twice only where both came before anything said they are one."""
    desk.asks()
    for k, order in enumerate(permutations(range(5))):
        told = [alert for number in order for alert in desk.tell(merge(k)[number])]
        place = order.index
        both_before = max(place(0), place(1)) < min(place(2), place(4))
        said_between = min(place(0), place(1)) < place(3) < max(place(0), place(1))
        assert len(told) == (2 if both_before and not said_between else 1), order


def test_who_was_told_through_another_article_hears_of_what_leaves_the_event(desk: Desk) -> None:
    desk.asks()
    assert len(desk.tell(update(1, "ev-1"))) == 1
    assert desk.tell(update(2, "ev-1")) == []
    # The second turns out to be about something else, which nobody was told of.
    assert desk.tell(update(2, "ev-2", "regrouped")) == []
    assert [a.article.event for a in desk.tell(update(3, "ev-2"))] == [EventRef(id="ev-2", title="E")]


def test_the_article_that_was_told_of_takes_its_new_event_along(desk: Desk) -> None:
    desk.asks()
    assert len(desk.tell(update(1))) == 1
    assert desk.tell(update(1, "ev-1", "reparsed")) == []
    assert desk.tell(update(2, "ev-1")) == []


@pytest.mark.parametrize("per", ["event", "article"])
def test_a_copy_is_no_news(desk: Desk, per: Any) -> None:
    desk.asks(per=per)
    (one,) = desk.tell(update(1))
    first = one.article.id
    assert desk.tell(update(2, duplicate_of=first)) == []
    # A better copy leads from now on, before the others say so.
    assert desk.tell(update(3, carried_by=copies(1, 2))) == []
    third = article_id("https://news.example/3")
    assert desk.tell(update(1, None, "regrouped", duplicate_of=third)) == []
    assert desk.tell(update(4, duplicate_of=third)) == []


def test_a_copy_that_comes_before_the_first_is_told_under_its_id(desk: Desk) -> None:
    desk.asks()
    first = article_id("https://news.example/1")
    (copy,) = desk.tell(update(2, duplicate_of=first))
    assert copy.article.duplicate_of == first
    assert desk.tell(update(1)) == []


def test_two_replicas_that_meet_an_event_at_once_make_one_alert(desk: Desk) -> None:
    desk.asks()
    other = desk.replica()
    (one,) = alerts(desk.alerter.step([received(update(1, "ev-1"))]))
    (two,) = alerts(other.step([received(update(2, "ev-1"))]))
    assert one.id == two.id
    first = article_id("https://news.example/7")
    (one,) = alerts(desk.alerter.step([received(update(7))]))
    (two,) = alerts(other.step([received(update(8, duplicate_of=first))]))
    assert one.id == two.id


def test_a_kill_before_anything_is_remembered_makes_the_same_alerts_again(desk: Desk) -> None:
    desk.asks(channels=[HOOK, MAIL])
    batch = [received(update(n, f"ev-{n % 3}")) for n in range(6)]
    before = alerts(desk.alerter.step(batch))
    again = alerts(desk.replica().step(list(reversed(batch))))
    assert {a.id for a in before} == {a.id for a in again}
    assert len(before) == 6


def test_relative_dates_count_from_the_arrival(desk: Desk) -> None:
    desk.asks("museum after:2d")
    old = update(1, published_at=NOW - timedelta(days=3))
    assert desk.tell(old) == []
    assert len(desk.tell(old, at=NOW - timedelta(days=2))) == 1


def test_a_broken_subscription_stands_in_nobodys_way(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.asks()
    none = Subscription(id="s8", name="old", query="alliance:gone", channels=(HOOK,), created_at=NOW)
    message = encode(Outgoing("subscriptions", "s8", none), message_id="m", traceparent="t", mode="live")
    producer = desk.bus.producer()
    producer.produce([message, NewRecord("subscriptions", "s9", b"{", message.headers)])
    producer.close()
    with caplog.at_level(logging.ERROR):
        assert len(desk.tell(update(1))) == 1
        assert len(desk.tell(update(2))) == 1
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "subscription s8 (old) matches nothing" in said[0]
    assert "'gone' is no alliance" in said[0]
    assert "subscription s9 cannot be read" in said[1]


def test_many_subscriptions_are_read_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus.whole_topic.READ_AT_ONCE", 2)
    for _ in range(7):
        desk.asks()
    assert len(desk.tell(update(1))) == 7


def test_an_alert_carries_so_many_words_and_no_more(desk: Desk) -> None:
    desk.asks()
    plain = update(1)
    long = replace(plain, article=replace(plain.article, text="museum " * 500))
    (one,) = desk.tell(long)
    assert len(one.matched) == MOST_MATCHED


def test_an_article_too_large_for_an_alert_is_said_to_be(desk: Desk) -> None:
    plain = update(1, "ev-1")
    large = replace(plain, article=replace(plain.article, text="x" * (TOPICS["alerts"].max_bytes - 300_000)))
    (verdict, _) = desk.alerter.step([received(large), received(update(2, "ev-1"))])
    assert isinstance(verdict, Handled), "nobody asked"
    desk.asks()
    (verdict, other) = desk.alerter.step([received(large), received(update(2, "ev-1"))])
    assert isinstance(verdict, BadMessage)
    assert "https://news.example/1: too large for an alert" in str(verdict)
    assert len(alerts([other])) == 1


def test_the_service_publishes_what_was_left_unpublished(desk: Desk) -> None:
    desk.asks()
    stored = desk.store.get("subscriptions", "s1")
    assert stored
    desk.store.put(Write("subscriptions", "s1", stored.body, {"state": "live", "published": "no"}))
    service = alerter_service(desk.bus, desk.store, lambda: NOW, None)
    assert (service.name, service.inputs) == ("alerter", ("articles",))
    (tick,) = service.ticks
    place = Partition("subscriptions", 0)
    end = desk.bus.ends("subscriptions")[place][1]
    tick.run(NOW, lambda _topic, _key: False)
    assert desk.bus.ends("subscriptions")[place][1] == end
    tick.run(NOW, lambda _topic, _key: True)
    assert desk.bus.ends("subscriptions")[place][1] == end + 1


def test_nothing_is_noted_of_who_was_not_told(desk: Desk) -> None:
    desk.asks("temple")
    desk.tell(update(1), update(2, "ev-1"))
    assert desk.store.count(COLLECTION) == 0
