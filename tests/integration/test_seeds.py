"""The five real inputs through the whole flow: clean, labelled, grouped and found."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Engines
from tests.integration.flow import Flow

SUBJECTS = {
    "seed-000": '"Chongqing Consensus" AND "Host Country Agreement" place:Chongqing',
    "seed-001": 'alliance:acha "Technology Committee" Dazu',
    "seed-002": 'Beijing dialogue heritage poster OR "Armenia, Cambodia"',
    "seed-003": '"Asian Youth Ambassador" alliance:acha',
    "seed-004": '"Three Gorges Museum" type:agreement_mou -alliance:acha',
}


@pytest.fixture(scope="module")
def labels(seeds: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (seeds / "labels.jsonl").read_text().splitlines()]


class SeedFlow(Flow):
    """A flow that knows where its inputs lie."""

    folder: Path


@pytest.fixture(scope="module")
def flow(
    seeds: Path, labels: list[dict[str, Any]], engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SeedFlow]:
    root = tmp_path_factory.mktemp("seeds")
    folder = root / "inbox"
    folder.mkdir()
    for label in labels:
        shutil.copy(seeds / label["file"], folder)
    (root / "sources.yaml").write_text(
        f"sources:\n  - {{id: inbox, kind: folder, path: {folder}, interval: 1s}}\n"
    )
    with SeedFlow(root / "data", root / "sources.yaml", engines=engines.settings) as flow:
        flow.folder = folder
        flow.settle(len(labels))
        yield flow


def url(flow: SeedFlow, label: dict[str, Any]) -> str:
    return Path(flow.folder, label["file"]).absolute().as_uri()


IDS = [f"seed-00{n}" for n in range(5)]


@pytest.mark.parametrize("id", IDS)
def test_a_seed_is_clean_labelled_and_found(flow: SeedFlow, labels: list[dict[str, Any]], id: str) -> None:
    label = next(x for x in labels if x["id"] == id)
    article = flow.article(url(flow, label))
    assert [s for s in label["boilerplate_snippets"] if s in article.text] == []
    assert [s for s in label["must_keep"] if s not in article.text and s not in article.title] == []
    assert sorted(tag.id for tag in article.alliances if tag.role == "subject") == sorted(label["alliances"])
    assert set(label["event_types"]) <= {tag.id for tag in article.event_types}
    assert article.language == label["language"]
    proofs = [t.evidence for t in article.alliances] + [t.evidence for t in article.event_types]
    for evidence in proofs:
        assert evidence
        for e in evidence:
            assert getattr(article, e.field)[e.start : e.end] == e.text
            assert 0 < len(e.text) <= 200
    assert article.id in [found.id for found in flow.search(SUBJECTS[id])]
    journey = flow.journey(url(flow, label))
    assert journey.state == "indexed"
    assert [s.service for s in journey.steps if s.result == "passed"][:3] == ["crawler", "parser", "events"]


def test_two_events_and_one_article_on_its_own(flow: SeedFlow, labels: list[dict[str, Any]]) -> None:
    events = {x["id"]: flow.article(url(flow, x)).event for x in labels}
    ids = {id: event.id if event else None for id, event in events.items()}
    assert ids["seed-000"] == ids["seed-001"] is not None
    assert ids["seed-002"] == ids["seed-003"] is not None
    assert len({ids["seed-000"], ids["seed-002"], ids["seed-004"]}) == 3


def test_a_search_for_one_subject_leaves_the_others_out(flow: SeedFlow, labels: list[dict[str, Any]]) -> None:
    by_url = {url(flow, x): x["id"] for x in labels}
    assert {by_url[a.url] for a in flow.search("alliance:acha")} == set(IDS[:4])
    assert {by_url[a.url] for a in flow.search("type:general_assembly")} >= set(IDS[:2])
    assert {by_url[a.url] for a in flow.search("-alliance:acha")} == {"seed-004"}
