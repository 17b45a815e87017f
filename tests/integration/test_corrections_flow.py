"""A correction through the whole flow, on both pairs of engines: at once, over a replay, without an alert, and back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import commands
from services.cli.wiring import Wiring
from services.crawler.documents import document
from shared.contracts.article import Article
from shared.contracts.messages import Channel, Source
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.corrections.keeping import Corrections
from shared.settings import load_settings
from shared.subscriptions import Subscriptions, new_id
from tests.engines import Engines
from tests.integration.documents import page
from tests.integration.flow import Flow
from tests.shipped import shipped_taxonomy
from tests.waiting import wait_until

SOURCE = Source(id="desk", kind="folder", path=".")
STEPS = ("parser", "events", "indexer", "alerter")
NUMBERS = range(6)
WITHIN = 60.0


def address(number: int) -> str:
    return f"https://desk.example/{number}"


@dataclass(frozen=True)
class Desk:
    """The flow, and whoever corrects."""

    flow: Flow
    engines: Engines
    data: Path

    @property
    def corrections(self) -> Corrections:
        wiring = self.flow.wiring
        return Corrections(wiring.bus(), wiring.store(), wiring.clock)

    def send(self, numbers: Sequence[int], hours: int = 0, tail: str = "") -> None:
        """Documents as fetched so many hours later, with something more in them."""
        wiring = self.flow.wiring
        now = wiring.clock() + timedelta(hours=hours)
        producer = wiring.bus().producer()
        for n in numbers:
            body = page(n).replace("</article>", f"<p>{tail}</p></article>") if tail else page(n)
            made = document(body.encode(), url=address(n), media_type="text/html", source=SOURCE, now=now)
            id = derived_id(made.url, hours)
            outgoing = Outgoing("fetched", made.url, made)
            producer.produce([encode(outgoing, message_id=id, traceparent=new_traceparent(), mode="live")])
        producer.close()

    def article(self, number: int) -> Article:
        return self.flow.article(address(number))

    def found(self, query: str) -> set[str]:
        return {article.url for article in self.flow.search(query)}

    def becomes(self, query: str, *numbers: int) -> None:
        """Wait until the search finds these and no others."""
        wanted = {address(n) for n in numbers}
        wait_until(lambda: self.found(query) == wanted, WITHIN, lambda: f"{query}: {self.found(query)}")

    def alerts(self) -> int:
        return sum(end - first for first, end in self.flow.wiring.bus().ends("alerts").values())

    def command(self, *arguments: str) -> str:
        options = ["--data", str(self.data)]
        ran = CliRunner(env=self.engines.environment()).invoke(commands, [*arguments, *options])
        assert ran.exit_code == 0, ran.output
        return ran.stdout


@pytest.fixture(scope="module")
def desk(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("corrections") / "data"
    with Wiring(load_settings(data=data, **engines.settings)) as wiring:
        asks = Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id, shipped_taxonomy())
        asks.create("", "alliance:iccrom", "article", (Channel(kind="feed", target=""),))
    with Flow(data, names=STEPS, engines=engines.settings) as flow:
        desk = Desk(flow, engines, data)
        desk.send(NUMBERS)
        flow.settle(len(NUMBERS), WITHIN * 2)
        yield desk


@pytest.mark.slow
def test_a_correction_holds_at_once_over_a_revision_and_until_it_is_taken_back(desk: Desk) -> None:
    told_before = desk.alerts()
    article = desk.article(0)
    assert [tag.id for tag in article.alliances if tag.role == "subject"] == ["icomos"]
    others = desk.found("alliance:icomos") - {address(0)}
    desk.corrections.keep(article.id, "alliances", ("icomos",), ("iccrom", "icomos:mention"), "The guest.")
    desk.corrections.keep(article.id, "event", (), ())
    desk.becomes("alliance:iccrom", 0)
    assert desk.found("alliance:icomos") == others
    told = desk.article(0)
    assert [(tag.id, tag.role, tag.rule) for tag in told.alliances if tag.rule == "correction"] == [
        ("iccrom", "subject", "correction"),
        ("icomos", "mention", "correction"),
    ]
    assert told.event
    desk.flow.settle(len(NUMBERS), WITHIN)
    assert desk.alerts() == told_before, "a correction is no news"
    desk.send([0], hours=1, tail="The keys were handed over on the steps of the town hall in the afternoon.")
    wait_until(lambda: desk.article(0).revision == 2, WITHIN, lambda: "the revision")
    assert [tag.id for tag in desk.article(0).alliances][:2] == ["iccrom", "icomos"]
    # The revision is news, to those whom the corrected labels are for.
    wait_until(lambda: desk.alerts() == told_before + 1, WITHIN, lambda: f"{desk.alerts()} alerts")

    listed = [json.loads(line) for line in desk.command("corrections", "list", "--json").splitlines()]
    assert [(c["field"], c["note"]) for c in listed] == [("alliances", "The guest."), ("event", "")]
    rows = [json.loads(line) for line in desk.command("corrections", "export").splitlines()]
    assert [(row["id"], row["labels"]["alliances"], row["corrected"]) for row in rows] == [
        (article.id, ["iccrom"], ["alliances", "event"])
    ]
    judged = json.loads(desk.command("quality", "--corrections", "--json"))
    assert (judged["articles"], judged["corrected"]) == (6, 1)
    assert judged["then"]["alliances"]["wrong"] == 1

    desk.command("corrections", "withdraw", f"{article.id}.alliances", f"{article.id}.event")
    desk.becomes("alliance:iccrom")
    assert desk.found("alliance:icomos") == others | {address(0)}
