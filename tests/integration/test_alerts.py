"""From article to alert through the whole flow: the five real inputs, on both pairs of engines."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.wiring import Wiring
from shared.bus.port import Bus
from shared.contracts.messages import Alert, Channel, Subscription
from shared.contracts.topics import TOPICS
from shared.contracts.wire import decode
from shared.settings import load_settings
from shared.status import waiting
from shared.subscriptions import Subscriptions, estimate, new_id
from tests.engines import Engines
from tests.integration.flow import Flow
from tests.shipped import shipped_taxonomy
from tests.waiting import wait_until

FEED = (Channel(kind="feed", target=""),)
# Without delivery: what is told is read from the topic.
STEPS = ("crawler", "parser", "events", "indexer", "alerter")


def alerts(bus: Bus) -> list[Alert]:
    """Everything on the topic, copies too."""
    return [
        decode(record).message
        for place, (first, end) in bus.ends("alerts").items()
        for record in bus.read(place, first, end - first)
    ]


@dataclass(frozen=True)
class Desk:
    """What was asked, and what came of it."""

    flow: Flow
    by_event: Subscription
    by_article: Subscription
    other: Subscription
    urls: dict[str, str]

    def told(self, subscription: Subscription) -> list[Alert]:
        """The alerts of one subscription."""
        return [a for a in alerts(self.flow.wiring.bus()) if a.subscription == subscription.id]


@pytest.fixture(scope="module")
def desk(seeds: Path, engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root = tmp_path_factory.mktemp("alerts")
    folder = root / "inbox"
    folder.mkdir()
    labels: list[dict[str, Any]] = [json.loads(x) for x in (seeds / "labels.jsonl").read_text().splitlines()]
    for label in labels:
        shutil.copy(seeds / label["file"], folder)
    (root / "s.yaml").write_text(f"sources:\n  - {{id: inbox, kind: folder, path: {folder}, interval: 1s}}\n")
    settings = load_settings(data=root / "data", **engines.settings)
    with Wiring(settings) as wiring:
        asks = Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id, shipped_taxonomy())
        by_event = asks.create("", "alliance:acha", "event", FEED)
        by_article = asks.create("", "alliance:acha", "article", FEED)
        other = asks.create("", "alliance:acha -alliance:acha", "article", FEED)
    with Flow(root / "data", root / "s.yaml", STEPS, engines.settings) as flow:
        flow.settle(len(labels))
        urls = {label["id"]: (folder / label["file"]).absolute().as_uri() for label in labels}
        yield Desk(flow, by_event, by_article, other, urls)


def test_it_fires_for_the_four_that_are_about_it_and_not_for_the_fifth(desk: Desk) -> None:
    told = {alert.article.url for alert in desk.told(desk.by_article)}
    assert told == {desk.urls[f"seed-00{n}"] for n in range(4)}
    assert desk.told(desk.other) == []


def test_it_fires_once_for_each_of_the_two_events(desk: Desk) -> None:
    told = desk.told(desk.by_event)
    ids = {alert.id for alert in told}
    assert len(ids) == 2
    events = {alert.article.event.id for alert in told if alert.article.event}
    assert events == {a.event.id for a in desk.flow.search("alliance:acha") if a.event}
    assert len(events) == 2


def test_every_alert_carries_the_words_that_prove_it(desk: Desk) -> None:
    for alert in desk.told(desk.by_event) + desk.told(desk.by_article):
        assert alert.matched
        for e in alert.matched:
            assert getattr(alert.article, e.field)[e.start : e.end] == e.text
        assert alert.channel.kind == "feed"
        assert alert.reason == "new"


def test_the_estimate_and_the_alerts_agree(desk: Desk) -> None:
    wiring = desk.flow.wiring
    found = desk.flow.search("alliance:acha")
    latest = max(a.published_at or a.first_seen_at for a in found)
    lately = estimate("alliance:acha", wiring.reader(), latest, shipped_taxonomy())
    assert 1 <= lately["events"] <= lately["articles"] <= 4


def test_the_stream_read_again_tells_nothing_new(desk: Desk, engines: Engines) -> None:
    wiring = desk.flow.wiring
    before = {alert.id for alert in alerts(wiring.bus())}
    desk.flow.__exit__(None, None, None)
    with Wiring(wiring.settings) as again:
        bus = again.bus()
        places = [place for lane in TOPICS["articles"].lanes() for place in bus.ends(lane)]
        wait_until(lambda: bus.members("alerter") == 0, 60)
        bus.reset("alerter", {place: bus.ends(place.topic)[place][0] for place in places})
        assert sum(waiting(bus)["alerter"]) >= 5
        with Flow(wiring.settings.data, names=("alerter",), engines=engines.settings):
            wait_until(lambda: sum(waiting(bus)["alerter"]) == 0, 60)
        assert {alert.id for alert in alerts(bus)} == before
