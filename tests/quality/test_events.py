"""Events and near-duplicates on the development articles and the seeds, held to floors."""

from itertools import combinations
from random import Random

import pytest

from services.cli.quality.found import rightly_labelled
from services.cli.quality.labelled import Labelled
from services.cli.quality.measures import b_cubed, grouped
from services.events.cluster import cluster
from services.events.duplicates import duplicate_groups, is_duplicate
from shared.contracts.messages import EventFacts
from shared.text.analysis import tokens
from shared.text.minhash import signature
from tests.quality.labelled_sets import found_in

SETS = ("devset", "seeds")


def labels() -> dict[str, Labelled]:
    """Labelled articles by id."""
    return {one.labelled.id: one.labelled for name in SETS for one in found_in(name)}


def found() -> dict[str, EventFacts]:
    """The facts the parser finds, by article id."""
    return {one.labelled.id: one.parsed.facts for name in SETS for one in found_in(name) if one.parsed}


def _truth() -> dict[str, str]:
    return {id: row.event_instance for id, row in labels().items() if row.event_instance}


def test_events_of_what_the_parser_finds() -> None:
    precision, recall, f1 = b_cubed(cluster(found().values()), _truth())
    assert f1 >= 0.93, (precision, recall)
    assert precision >= 0.95
    assert recall >= 0.90


def test_events_of_the_labels() -> None:
    """Alliances, types and phase as labelled: what is lost here is lost by the grouping."""
    facts = [rightly_labelled(one) for name in SETS for one in found_in(name) if one.parsed]
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
    truth = grouped({id: row.near_dup_group for id, row in labels().items()})
    assert groups == set(map(frozenset, truth))


@pytest.mark.parametrize(("share", "recall"), [(0.03, 0.999), (0.05, 0.998), (0.10, 0.99)])
def test_near_duplicates_are_found_after_edits(share: float, recall: float) -> None:
    random = Random(7)
    texts = {id: [t.text for t in tokens(row.text)] for id, row in labels().items()}
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
