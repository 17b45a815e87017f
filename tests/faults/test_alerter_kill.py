"""The alerter is killed at random while matching articles flow: every alert is there, under one id each.

The short form runs everywhere; `./test --full tests/faults/test_alerter_kill.py` takes 500 articles and 20 kills.
"""

import os
import random
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli.supervisor import Supervisor
from services.cli.wiring import Wiring
from shared.bus.port import Bus, NewRecord
from shared.contracts.article import EventRef
from shared.contracts.messages import Alert, ArticleUpdate, Channel
from shared.contracts.topics import TOPICS
from shared.contracts.wire import Outgoing, decode, derived_id, encode, new_traceparent
from shared.identity import article_id
from shared.settings import load_settings
from shared.store.port import Store
from shared.subscriptions import Subscriptions
from tests.contract.index_articles import article
from tests.engines import Engines
from tests.waiting import wait_until

NOW = datetime(2026, 1, 5, tzinfo=UTC)
PER_EVENT = 5
CHANNELS = (Channel(kind="feed", target=""), Channel(kind="email", target="desk@example.org"))


def news(number: int) -> NewRecord:
    """One article of many that are all about the same words; every few are one event."""
    url = f"https://news.example/{number}"
    event = EventRef(id=f"ev-{number // PER_EVENT}", title="E")
    text = f"The museum opened its hall {number} to visitors. " * 5
    update = ArticleUpdate(
        change="new", article=article(article_id(url), "A hall opens", text, url=url, event=event)
    )
    outgoing = Outgoing("articles", update.article.id, update)
    return encode(outgoing, message_id=derived_id(url), traceparent=new_traceparent(), mode="live")


def alerts(bus: Bus) -> list[Alert]:
    """Everything on the topic, copies too."""
    return [
        decode(record).message
        for place, (first, end) in bus.ends("alerts").items()
        for record in bus.read(place, first, end - first)
    ]


def behind(bus: Bus) -> int:
    """How many articles the alerter has before it."""
    return sum(bus.lag("alerter", TOPICS["articles"].lanes()).values())


def ask(bus: Bus, store: Store) -> None:
    """A subscription per article with two channels, one per event, and some that match nothing of it."""
    ids = iter(("by-article", "by-event", "other"))
    asks = Subscriptions(bus, store, lambda: NOW, lambda: next(ids))
    asks.create("", "museum hall", "article", CHANNELS)
    asks.create("", "museums", "event", CHANNELS[:1])
    asks.create("", "museum -hall", "event", CHANNELS[:1])


@pytest.mark.slow
def test_kills_leave_every_alert_under_one_id(tmp_path: Path, engines: Engines, full: bool) -> None:
    count, kills, within = (500, 20, 900.0) if full else (150, 5, 240.0)
    draw = random.Random(20260105)
    settings = load_settings(data=tmp_path / "data", **engines.settings)
    # Small batches, so that most kills come in the middle of the work.
    environment = {"HERITAGE_WIRE_BATCH": "4", **engines.environment()}
    with Wiring(settings) as wiring:
        bus = wiring.bus()
        ask(bus, wiring.store())
        producer = bus.producer()
        todo = [news(number) for number in range(count)]
        draw.shuffle(todo)
        with Supervisor(settings.data, ("alerter",), environment) as supervisor:
            share = count // (kills + 1)
            killed, left = 0, 0

            def over() -> bool:
                """Gives out a share of the articles and kills in the middle of it, again and again."""
                nonlocal killed, left
                supervisor.watch()
                waits = behind(bus)
                if killed < kills and supervisor.runs("alerter") and waits <= left and len(todo) < count:
                    os.kill(supervisor.pid("alerter"), signal.SIGKILL)
                    killed, left = killed + 1, -1
                if (waits == 0 and todo) or left < 0:
                    producer.produce([todo.pop() for _ in range(min(len(todo), share))])
                    left = draw.randint(1, share - 1)
                return not todo and killed >= kills and behind(bus) == 0

            wait_until(over, within, lambda: f"{killed} kills, {len(todo)} to come, {behind(bus)} waiting")
        producer.close()
        check(alerts(bus), count)


def check(found: list[Alert], count: int) -> None:
    """Each article once per channel of one subscription, each event once for the other, under ids of their own."""
    told: dict[str, set[tuple[str, str, str]]] = {}
    for alert in found:
        subject = (
            alert.article.id
            if alert.per == "article"
            else (alert.article.event or EventRef(id="", title="")).id
        )
        told.setdefault(alert.id, set()).add((alert.subscription, subject, alert.channel.kind))
    assert all(len(one) == 1 for one in told.values()), "an id stands for one alert"
    each = [next(iter(one)) for one in told.values()]
    assert len(each) == len(set(each)), "an alert has one id"
    expected = {
        ("by-article", article_id(f"https://news.example/{n}"), channel.kind)
        for n in range(count)
        for channel in CHANNELS
    }
    expected |= {("by-event", f"ev-{n}", "feed") for n in range(count // PER_EVENT)}
    assert set(each) == expected
