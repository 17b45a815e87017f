"""Classification of the labelled articles, held to floors.

`classify` gets the title as the feed gave it and the text as it lies there, boilerplate and all, so the floors also
hold what it bears. Labels that an article's `accept` names count neither as hit nor as false alarm.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pytest

from services.parser.classify import Classification, Classifier
from shared.taxonomy.taxonomy import load_taxonomy
from tests.conftest import OUTSIDE

DEVSET = OUTSIDE / "devset" / "articles.jsonl"
FLOORS = {
    "subject precision": 0.97,
    "subject recall": 0.97,
    "mention precision": 0.90,
    "mention recall": 0.95,
    "type micro F1": 0.95,
    "type macro F1": 0.93,
    "headline": 0.95,
    "phase macro F1": 0.90,
}

pytestmark = pytest.mark.skipif(
    not DEVSET.exists(), reason="the labelled articles are not beside this checkout (../shared/devset)"
)


@dataclass(frozen=True)
class Counts:
    """Hits, false alarms and misses."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (2 * self.hits + self.false + self.missed) if self.hits else 0.0


@cache
def results() -> tuple[tuple[Mapping[str, Any], Classification], ...]:
    classifier = Classifier(load_taxonomy())
    found = []
    for line in DEVSET.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        classified = classifier.classify(
            label["title"] or "", label["text"], language=label["language"], published=_day(label["date"])
        )
        found.append((label, classified))
    return tuple(found)


def _day(told: str | None) -> date | None:
    parts = [int(part) for part in told.split("-")] if told else []
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1) if len(parts) > 1 else None


def _count(found: Iterable[str], right: Iterable[str], accepted: Iterable[str]) -> Counts:
    got, wanted = set(found), set(right)
    return Counts(len(got & wanted), len(got - wanted - set(accepted)), len(wanted - got))


def _of_role(found: Classification, role: str) -> set[str]:
    return {tag.id for tag in found.alliances if tag.role == role}


def _macro(pairs: Iterable[tuple[str, str]]) -> float:
    pairs = list(pairs)
    kinds = {right for right, _ in pairs}
    counts = [
        Counts(
            sum(right == got == kind for right, got in pairs),
            sum(got == kind != right for right, got in pairs),
            sum(right == kind != got for right, got in pairs),
        )
        for kind in kinds
    ]
    return sum(count.f1 for count in counts) / len(counts)


def _types() -> tuple[Counts, float]:
    by_type: dict[str, Counts] = {}
    for label, found in results():
        got = {tag.id for tag in found.event_types}
        accepted = set(label.get("accept", {}).get("event_types", ()))
        for kind in got | set(label["event_types"]):
            count = _count({kind} & got, {kind} & set(label["event_types"]), accepted)
            by_type[kind] = by_type.get(kind, Counts()) + count
    counted = [count for count in by_type.values() if count.hits + count.false + count.missed]
    return sum(counted, Counts()), sum(count.f1 for count in counted) / len(counted)


@cache
def measured() -> Mapping[str, float]:
    subjects = mentions = Counts()
    headlines, phases = [], []
    for label, found in results():
        accept = label.get("accept", {})
        subjects += _count(_of_role(found, "subject"), label["alliances"], accept.get("alliances", ()))
        mentions += _count(_of_role(found, "mention"), label["mentions"], label["alliances"])
        if label["event_types"]:
            right = {label["event_types"][0], *accept.get("headline", ())}
            headlines.append(bool(found.event_types) and found.event_types[0].id in right)
        if label["phase"]:
            is_right = found.phase in {label["phase"], *accept.get("phase", ())}
            phases.append((label["phase"], label["phase"] if is_right else found.phase))
    micro, macro = _types()
    return {
        "subject precision": subjects.precision,
        "subject recall": subjects.recall,
        "mention precision": mentions.precision,
        "mention recall": mentions.recall,
        "type micro F1": micro.f1,
        "type macro F1": macro,
        "headline": sum(headlines) / len(headlines),
        "phase macro F1": _macro(phases),
    }


@pytest.mark.parametrize("measure", FLOORS)
def test_a_measure_stays_above_its_floor(measure: str) -> None:
    print(f"{measure}: {measured()[measure]:.3f}")
    assert measured()[measure] >= FLOORS[measure]


def test_hard_negatives_raise_no_alarm() -> None:
    alarms = [
        label["id"]
        for label, found in results()
        if label["hard_negative"] and (_of_role(found, "subject") or found.event_types)
    ]
    assert not alarms


def test_evidence_is_an_exact_slice() -> None:
    for label, found in results():
        proofs = [tag.evidence for tag in found.alliances] + [tag.evidence for tag in found.event_types]
        for evidence in proofs:
            assert evidence, label["id"]
            for each in evidence:
                field = (label["title"] or "") if each.field == "title" else label["text"]
                assert field[each.start : each.end] == each.text
                assert 0 < len(each.text) <= 200
