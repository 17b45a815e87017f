"""Every service is killed at random while articles that somebody wants flow: each is told, once, under one id.

The short form runs everywhere; `./test --full tests/faults/test_kill_alerts.py` takes 500 articles and 30 kills, and
does so on the cluster's engines as well.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli.supervisor import Supervisor
from services.cli.wiring import SERVICES, Wiring
from shared.bus.port import Bus
from shared.contracts.deliveries import DELIVERIES, Delivery, decode_delivery
from shared.contracts.messages import Channel, Subscription
from shared.contracts.topics import TOPICS
from shared.contracts.wire import decode
from shared.identity import article_id
from shared.journeys import find_journeys
from shared.settings import load_settings
from shared.status import by_state, waiting
from shared.subscriptions import Subscriptions, new_id
from tests.engines import Engines
from tests.integration.documents import write_documents
from tests.integration.flow import everything
from tests.integration.receivers import WebReceiver, web_receiver
from tests.waiting import wait_until

WRITES = {"crawler": "fetched", "parser": "parsed", "events": "articles", "alerter": "alerts"}
# A word of every story; nothing else that flows is an article.
WANTED = "specialists"


@dataclass(frozen=True)
class Extent:
    """How many matching articles flow, how often each service is killed meanwhile, and how long it may take."""

    articles: int
    kills_of_each: int
    seconds: float

    @property
    def documents(self) -> int:
        """How many documents hold so many articles: of 50 two are none."""
        return next(
            n for n in range(self.articles, 2 * self.articles) if n - _no_articles(n) == self.articles
        )


def _no_articles(documents: int) -> int:
    return sum(number % 50 in (7, 23) for number in range(documents))


def write_unlike_documents(folder: Path, count: int) -> dict[str, str]:
    """Documents of which none can pass for a copy of another: each has a paragraph of words that no other has."""
    fates = write_documents(folder, count)
    for number, (url, fate) in enumerate(fates.items()):
        if fate == "indexed":
            file, draw = folder / Path(url).name, random.Random(number)
            names = ["".join(draw.choices("aeioulmnrst", k=9)).capitalize() for _ in range(150)]
            more = f"Present were {', '.join(names)}."
            text = file.read_text()
            in_html = text.replace("</article>", f"<p>{more}</p></article>")
            file.write_text(in_html if file.suffix == ".html" else f"{text}\n{more}\n")
    return fates


class Killing:
    """Hands out the documents in shares, and kills one service in the middle of its work on each share."""

    def __init__(self, supervisor: Supervisor, asked: "Desk", stock: Path, inbox: Path, each: int) -> None:
        self._supervisor = supervisor
        self._asked = asked
        self._inbox = inbox
        self._draw = random.Random(20260302)
        self._files = sorted(stock.iterdir())
        self.todo = list(SERVICES) * each
        self._draw.shuffle(self.todo)
        self._share = len(self._files) // (len(self.todo) + 1)
        self._at: int | None = None
        self.done: Counter[str] = Counter()

    def go_on(self) -> None:
        """Kill the next one if its moment has come, and hand out a share when the one before has had its kill."""
        if not self.todo:
            self._hand_out(len(self._files))
        elif self._at is None:
            # Of a share all but a few are articles, so that so much is done of it sooner or later.
            self._at = self._asked.done(self.todo[-1]) + self._draw.randint(1, self._share - 2)
            self._hand_out(self._share)
        elif self._supervisor.runs(self.todo[-1]) and self._asked.done(self.todo[-1]) >= self._at:
            name = self.todo.pop()
            os.kill(self._supervisor.pid(name), signal.SIGKILL)
            self.done[name] += 1
            self._at = None

    @property
    def over(self) -> bool:
        """Whether every kill has happened and every document is out."""
        return not self.todo and not self._files

    def _hand_out(self, count: int) -> None:
        for _ in range(count):
            file = self._files.pop()
            file.rename(self._inbox / file.name)


@dataclass
class Desk:
    """A subscription to every article, and what became of it."""

    wiring: Wiring
    receiver: WebReceiver
    subscription: Subscription

    def ledger(self) -> list[Delivery]:
        """Every entry."""
        return [decode_delivery(stored.body) for stored in self.wiring.store().list(DELIVERIES)]

    def done(self, service: str) -> int:
        """How much a service has done: the messages it wrote, or took where it writes none."""
        bus = self.wiring.bus()
        if service == "delivery":
            return len(self.receiver.posts)
        if service == "indexer":
            return _end(bus, "articles") - sum(bus.lag(service, TOPICS["articles"].lanes()).values())
        return _end(bus, WRITES[service])

    def delivered(self) -> int:
        """How many entries say so."""
        return self.wiring.store().count(DELIVERIES, {"status": "delivered"})

    def alerted(self) -> dict[str, str]:
        """The article of each alert on the topic, by the alert's id."""
        bus = self.wiring.bus()
        found = [
            decode(record).message
            for place, (first, end) in bus.ends("alerts").items()
            for record in bus.read(place, first, end - first)
        ]
        by_id = {alert.id: alert.article.id for alert in found}
        assert all(by_id[alert.id] == alert.article.id for alert in found), "an id stands for one article"
        return by_id

    def told(self) -> str:
        """Where everything stands, for when it takes too long."""
        states, lags = by_state(self.wiring.store()), waiting(self.wiring.bus())
        return f"{self.delivered()} delivered, {len(self.receiver.ids())} received; {states} {lags}"


@contextmanager
def desk(data: Path, engines: Engines) -> Iterator[Desk]:
    settings = load_settings(data=data, **engines.settings)
    with web_receiver() as receiver, Wiring(settings) as wiring:
        channel = Channel(kind="webhook", target=receiver.url("/ok"))
        asks = Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id)
        yield Desk(wiring, receiver, asks.create("", WANTED, "article", (channel,)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "engines", ["embedded", pytest.param("cluster", marks=pytest.mark.long_run)], indirect=True
)
def test_kills_tell_every_article_once_under_one_id(tmp_path: Path, engines: Engines, full: bool) -> None:
    extent = Extent(500, 5, 1200.0) if full else Extent(120, 2, 300.0)
    fates = write_unlike_documents(tmp_path / "stock", extent.documents)
    stock, inbox = tmp_path / "stock", tmp_path / "inbox"
    inbox.mkdir()
    sources = tmp_path / "sources.yaml"
    sources.write_text(f"sources:\n  - {{id: inbox, kind: folder, path: {inbox}, interval: 1s}}\n")
    environment = {
        "HERITAGE_WIRE_SOURCES": str(sources),
        "HERITAGE_WIRE_RETRY_DELAY": "0.5",
        # Small batches, so that most kills come in the middle of the work.
        "HERITAGE_WIRE_BATCH": "4",
        "HERITAGE_WIRE_ALLOW_NETWORKS": "127.0.0.1/32",
        **engines.environment(),
    }
    with (
        desk(tmp_path / "data", engines) as asked,
        Supervisor(tmp_path / "data", tuple(SERVICES), environment) as supervisor,
    ):
        killing = Killing(supervisor, asked, stock, inbox, extent.kills_of_each)

        def over() -> bool:
            supervisor.watch()
            killing.go_on()
            return killing.over and _ended(asked.wiring) >= extent.documents and not _busy(asked.wiring)

        wait_until(over, extent.seconds, lambda: f"{killing.done} {asked.told()}")
        # Listings of the store may be a moment old.
        wait_until(lambda: asked.delivered() >= extent.articles, 30, asked.told)
        assert killing.done == Counter(dict.fromkeys(SERVICES, extent.kills_of_each))
        wanted = {(inbox / Path(url).name).as_uri() for url, fate in fates.items() if fate == "indexed"}
        assert len(wanted) == extent.articles
        check(asked, wanted)


def _end(bus: Bus, topic: str) -> int:
    return sum(end for lane in TOPICS[topic].lanes() for _, end in bus.ends(lane).values())


def _ended(wiring: Wiring) -> int:
    states = by_state(wiring.store())
    return sum(states.values()) - states.get("under way", 0) - states.get("retry", 0)


def _busy(wiring: Wiring) -> bool:
    return any(sum(pair) for pair in waiting(wiring.bus()).values()) or (
        wiring.store().count("agenda-delivery") > 0
    )


def check(asked: Desk, wanted: set[str]) -> None:
    """The ledger, the receiver and the topic name the same alerts, one for each article that was wanted."""
    copies = [article.url for article in everything(asked.wiring) if article.duplicate_of]
    assert not copies, "who was told of an article is not told of its copies"
    ledger = asked.ledger()
    assert Counter(entry.url for entry in ledger) == Counter(wanted)
    assert {entry.article for entry in ledger} == {article_id(url) for url in wanted}
    assert {(entry.status, entry.reason) for entry in ledger} == {("delivered", "new")}
    assert {entry.subscription for entry in ledger} == {asked.subscription.id}
    by_id = {entry.id: entry.article for entry in ledger}
    assert len(by_id) == len(wanted)
    assert asked.alerted() == by_id, "no alert but those of the ledger, and no article under two ids"
    assert set(asked.receiver.ids()) == set(by_id)
    said = {(post.id, post.body) for post in asked.receiver.posts}
    assert len(said) == len(by_id), "a second sending says the same"
    check_journeys(asked, wanted)


def check_journeys(asked: Desk, wanted: set[str]) -> None:
    """Each journey tells every step, through to the receiver."""
    journeys = find_journeys(asked.wiring.store(), wanted)
    assert set(journeys) == wanted
    for url, journey in journeys.items():
        assert journey.state == "indexed", journey
        assert journey.article == article_id(url)
        ends = {(step.service, step.result) for step in journey.steps}
        assert ends >= {
            ("parser", "passed"),
            ("events", "passed"),
            ("indexer", "ended"),
            ("alerter", "passed"),
            ("delivery", "ended"),
        }, journey
