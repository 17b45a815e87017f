"""The archive under another taxonomy, on both pairs of engines: shown first, then written; corrections stay; told when asked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.cli.reclassify.sending import COLLECTION
from services.cli.wiring import Wiring
from shared.contracts.article import Article
from shared.contracts.messages import Alert, Channel
from shared.contracts.wire import decode
from shared.settings import load_settings
from shared.subscriptions import Subscriptions, new_id
from shared.taxonomy.taxonomy import FOLDER
from tests.engines import Engines
from tests.integration.flow import Flow
from tests.integration.test_corrections_flow import NUMBERS, STEPS, WITHIN, Desk, address
from tests.shipped import shipped_taxonomy

COMMAND = [sys.executable, "-m", "services.cli.main", "reclassify"]
FEED = (Channel(kind="feed", target=""),)
# Story 2 is about it; it is to have another id.
RENAMED = re.compile(r"\bwmf\b(?=$|[\],])", re.MULTILINE)


@pytest.fixture(scope="module")
def desk(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("reclassify") / "data"
    with Wiring(load_settings(data=data, **engines.settings)) as wiring:
        asks = Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id, shipped_taxonomy())
        asks.create("Grants", "alliance:wmf", "article", FEED)
        asks.create("Nothing of mine", "alliance:wmf -dossier", "article", FEED)
    with Flow(data, names=STEPS, engines=engines.settings) as flow:
        desk = Desk(flow, engines, data)
        desk.send(NUMBERS)
        flow.settle(len(NUMBERS), WITHIN * 2)
        yield desk


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A taxonomy in which the World Monuments Fund has another id."""
    folder = tmp_path_factory.mktemp("taxonomy")
    shipped = (FOLDER / "alliances.yaml").read_text(encoding="utf-8")
    (folder / "alliances.yaml").write_text(RENAMED.sub("monuments_fund", shipped), encoding="utf-8")
    return folder


# The first test shows that both pairs of engines do; the others are about the command.
ONE_PAIR = pytest.mark.parametrize(
    "engines", ["embedded", pytest.param("cluster", marks=pytest.mark.long_run)], indirect=True
)


def run(desk: Desk, *arguments: str | Path, code: int = 0) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [*COMMAND, *map(str, arguments), "--data", desk.data],
        env={**os.environ, **desk.engines.environment()},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def diff(desk: Desk, *arguments: str | Path) -> Mapping[str, Any]:
    made: Mapping[str, Any] = json.loads(run(desk, "--diff", "--json", *arguments).stdout)
    return made


def labels(article: Article) -> Mapping[str, Any]:
    """What the command may change. What is cut from the page may change beside it: a template is learned."""
    names = ("alliances", "event_types", "phase", "outcomes", "event", "revision")
    return {name: getattr(article, name) for name in names}


def sent_alerts(wiring: Wiring) -> list[Alert]:
    """Those on the topic, in the order they were written to each partition."""
    bus = wiring.bus()
    records = [
        r for place, (first, end) in bus.ends("alerts").items() for r in bus.read(place, first, end - first)
    ]
    return [decode(record).message for record in sorted(records, key=lambda r: r.timestamp)]


@pytest.mark.slow
def test_it_is_shown_then_written_then_nothing_is_left_to_do(desk: Desk, other: Path) -> None:
    same = diff(desk)
    assert (same["relabelled"], same["refined"]) == (0, 0), "by the rules they were parsed by"
    corrected = desk.article(5)
    desk.corrections.keep(corrected.id, "alliances", ("icom",), ("iccrom",), "It stays.")
    desk.becomes("alliance:iccrom", 5)
    told = desk.alerts()
    before = {article.url: labels(article) for article in desk.flow.everything()}

    found = diff(desk, "--taxonomy", other)
    assert (found["articles"], found["failed"]) == (len(NUMBERS), 0)
    assert found["labels"]["alliance"] == {
        "monuments_fund": {"added": 1, "removed": 0},
        "wmf": {"added": 0, "removed": 1},
    }
    (example,) = [e for e in found["examples"] if e["url"] == address(2)]
    words = {(c["change"], c["label"]): c["evidence"] for c in example["changes"]}
    assert "World Monuments Fund" in words["added", "monuments_fund"]
    (lost,) = found["alerts"]
    assert (lost["name"], lost["gained"], lost["lost"]) == ("Grants", 0, 1)
    after = {article.url: labels(article) for article in desk.flow.everything()}
    assert after == before, "nothing was changed"

    said = run(desk, "--apply", "--taxonomy", other)
    assert "would get or lose a label" in said.stdout
    assert "nobody was alerted" in said.stderr
    assert "still classified by the taxonomy that ships" in said.stderr
    now = desk.article(2)
    assert [tag.id for tag in now.alliances if tag.role == "subject"] == ["monuments_fund"]
    assert now.revision == before[address(2)]["revision"]
    assert [tag.id for tag in desk.article(5).alliances] == ["iccrom"], "what readers put right stays"
    assert desk.alerts() == told
    assert diff(desk, "--taxonomy", other)["relabelled"] == 0
    assert desk.flow.wiring.store().get(COLLECTION, "run") is None


@pytest.mark.slow
@ONE_PAIR
def test_only_what_is_asked_for_and_told_when_asked(desk: Desk, other: Path) -> None:
    run(desk, "--apply", "--taxonomy", other)
    assert diff(desk, "alliance:aliph")["articles"] == 1
    assert diff(desk, "--since", "2990-01-01")["articles"] == 0
    wiring, told = desk.flow.wiring, desk.alerts()
    asks = Subscriptions(wiring.bus(), wiring.store(), wiring.clock, new_id, shipped_taxonomy())
    later = asks.create("Grants again", "alliance:wmf", "article", FEED)
    back = diff(desk)
    assert {(each["name"], each["gained"]) for each in back["alerts"]} == {("Grants", 1), ("Grants again", 1)}
    said = run(desk, "--apply", "--alert")
    assert "subscriptions were told" in said.stderr
    # The one was told of it when it came; nobody hears twice.
    assert [alert.subscription for alert in sent_alerts(wiring)[told:]] == [later.id]
    assert desk.found("alliance:wmf") == {address(2)}


@pytest.mark.slow
@ONE_PAIR
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say --diff to see what would change"),
        (["--diff", "--alert"], "--alert goes with --apply"),
        (["--diff", "type:("], "the query is none"),
        (["--diff", "--since", "yesterdayish"], "the query is none"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(desk: Desk, arguments: list[str], words: str) -> None:
    done = run(desk, *arguments, code=2 if "Say" in words or "goes with" in words else 1)
    assert words in done.stderr
