"""Events and near-duplicates on the development articles and the seeds, held to floors.

B-cubed (Bagga and Baldwin, "Entity-based cross-document coreferencing", 1998) over the articles labelled with an
event; one that was given none stands alone.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from random import Random
from typing import Any

import pytest
import zstandard
from msgspec.structs import replace

from services.events.cluster import cluster
from services.events.duplicates import duplicate_groups, is_duplicate
from services.parser.classify import Classifier
from services.parser.parse import parse, read
from services.parser.read import NotAnArticle
from shared.contracts.aliases import Alias
from shared.contracts.messages import EventFacts, FeedEntry, FetchedDocument, Source
from shared.taxonomy.taxonomy import load_taxonomy
from shared.text.analysis import tokens
from shared.text.minhash import signature
from tests.conftest import OUTSIDE

DEVSET = OUTSIDE / "devset" / "articles.jsonl"
SEEDS = OUTSIDE / "seeds" / "labels.jsonl"
FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
Partition = Iterable[frozenset[str]]

pytestmark = pytest.mark.skipif(
    not DEVSET.exists() or not SEEDS.exists(),
    reason="the labelled articles are not beside this checkout (../shared/devset, ../shared/seeds)",
)


@cache
def labels() -> Mapping[str, Mapping[str, Any]]:
    """Labelled articles by id, the seeds with their text."""
    lines = DEVSET.read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for line in SEEDS.read_text().splitlines():
        row = json.loads(line)
        rows.append(row | {"title": None, "date": None, "text": (SEEDS.parent / row["file"]).read_text()})
    return {row["id"]: row for row in rows}


@cache
def found() -> Mapping[str, EventFacts]:
    """The facts the parser finds, by article id."""
    classifier = Classifier(load_taxonomy())
    parsed = ((id, _parsed(row, classifier)) for id, row in labels().items())
    return {id: facts for id, facts in parsed if facts}


def _parsed(row: Mapping[str, Any], classifier: Classifier) -> EventFacts | None:
    body = str(row["text"]).encode()
    published = row["date"] and datetime.fromisoformat(f"{row['date']}-01-01"[:10]).replace(tzinfo=UTC)
    document = FetchedDocument(
        url=row["url"] or f"file:///{row['id']}.txt",
        final_url=row["url"] or f"file:///{row['id']}.txt",
        source=Source(id="labelled"),
        entry=FeedEntry(title=row["title"], published=published) if row["title"] else None,
        media_type="text/plain; charset=utf-8",
        body=zstandard.compress(body),
        size=len(body),
        sha256="",
        fetched_at=FETCHED,
    )
    try:
        read_document = read(document)
    except NotAnArticle:
        return None
    alias = Alias(address=document.url, article=row["id"], url=document.url, first_seen_at=FETCHED)
    facts = parse(document, classifier, read_document, alias).facts
    # A label may tell the month or year alone.
    return replace(facts, published=row["date"] or facts.published)


def b_cubed(parts: Partition, truth: Mapping[str, str | None]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean."""
    mine = {id: part for part in parts for id in part}
    of: dict[str, set[str]] = {}
    for id, event in truth.items():
        if event:
            of.setdefault(event, set()).add(id)
    scored = [(mine.get(id, frozenset((id,))), of[event], id) for id, event in truth.items() if event]
    precision = sum(len(part & same) / len(part) for part, same, _ in scored) / len(scored)
    recall = sum(len(part & same) / len(same) for part, same, _ in scored) / len(scored)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _truth() -> dict[str, str | None]:
    return {id: row["event_instance"] for id, row in labels().items()}


def test_measure() -> None:
    truth = {"a": "x", "b": "x", "c": "y", "d": None}
    assert b_cubed([frozenset("ab"), frozenset("c")], truth) == (1.0, 1.0, 1.0)
    assert b_cubed([frozenset("abcd")], truth) == pytest.approx((5 / 12, 1.0, 10 / 17))


def test_events_of_what_the_parser_finds() -> None:
    precision, recall, f1 = b_cubed(cluster(found().values()), _truth())
    assert f1 >= 0.93, (precision, recall)
    assert precision >= 0.95
    assert recall >= 0.90


def test_events_of_the_labels() -> None:
    """Alliances, types and phase as labelled: what is lost here is lost by the grouping."""
    facts = [
        replace(
            each,
            alliances=tuple(labels()[id]["alliances"]),
            event_types=tuple(labels()[id]["event_types"]),
            phase=labels()[id]["phase"] or "background",
        )
        for id, each in found().items()
    ]
    precision, recall, _ = b_cubed(cluster(facts), _truth())
    assert precision >= 0.97
    assert recall >= 0.97


def test_seeds_are_two_events_and_one_apart() -> None:
    events = {part & {id for id in labels() if id.startswith("seed")} for part in cluster(found().values())}
    assert {"seed-000", "seed-001"} in events
    assert not any(len(part) > 1 for part in events if "seed-004" in part)
    assert not any({"seed-002", "seed-000"} <= part or {"seed-003", "seed-000"} <= part for part in events)
    assert {"seed-002", "seed-003"} in events


def test_near_duplicates_are_those_labelled() -> None:
    groups = {part for part in duplicate_groups(found().values()) if len(part) > 1}
    truth: dict[str, set[str]] = {}
    for id, row in labels().items():
        if row.get("near_dup_group"):
            truth.setdefault(row["near_dup_group"], set()).add(id)
    assert groups == set(map(frozenset, truth.values()))


@pytest.mark.parametrize(("share", "recall"), [(0.03, 0.999), (0.05, 0.998), (0.10, 0.99)])
def test_near_duplicates_are_found_after_edits(share: float, recall: float) -> None:
    random = Random(7)
    texts = {id: [t.text for t in tokens(row["text"])] for id, row in labels().items()}
    words = [word for text in texts.values() for word in text]
    originals = {id: _facts(id, text) for id, text in texts.items() if len(text) >= 60}
    hits = [
        is_duplicate(each, _facts(id, _edited(texts[id], share, words, random)))
        for id, each in originals.items()
        for _ in range(10)
    ]
    assert sum(hits) / len(hits) >= recall
    # Each against the edited copies of all others: none may be taken for one.
    copies = {id: _facts(id, _edited(texts[id], share, words, random)) for id in originals}
    related = {frozenset(p) for p in (("ho-008", "ho-009"), ("ho-125", "ho-126"))}
    wrong = [
        (a, b)
        for a, b in combinations(originals, 2)
        if is_duplicate(originals[a], copies[b]) and frozenset((a, b)) not in related
    ]
    assert wrong == []


def _facts(id: str, text: list[str]) -> EventFacts:
    return EventFacts(article_id=id, signature=signature(text))


def _edited(text: list[str], share: float, words: list[str], random: Random) -> list[str]:
    """The text with so many of its words deleted, replaced or preceded by another, a third each."""
    edited: list[str] = []
    for word in text:
        drawn = random.random()
        if drawn < share / 3:
            continue
        if drawn < 2 * share / 3:
            edited.append(random.choice(words))
        elif drawn < share:
            edited += [random.choice(words), word]
        else:
            edited.append(word)
    return edited
