"""The figures of the quality report, held to floors on every set of labelled articles."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from services.cli.quality.report import Report, report
from services.events.cluster import cluster
from services.events.components import components
from services.events.profile import profile
from services.events.relation import same_event
from tests.conftest import ROOT
from tests.quality.labelled_sets import SETS, found_in, labelled_set

FLOORS: Mapping[str, Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "floors.yaml").read_text())
AT_MOST = ("false alarms",)
MEASURED = [(name, measure) for name, floors in FLOORS.items() for measure in floors if measure != "digest"]


@cache
def measured(name: str) -> Report:
    return report(labelled_set(name), found_in(name))


def test_every_set_has_floors() -> None:
    assert FLOORS.keys() == SETS.keys()


@pytest.mark.parametrize("name", FLOORS)
def test_the_floors_are_of_these_articles(name: str) -> None:
    assert labelled_set(name).digest.startswith(FLOORS[name]["digest"]), "measure anew, and pin what is found"


@pytest.mark.parametrize(("name", "measure"), MEASURED)
def test_a_figure_keeps_its_floor(name: str, measure: str) -> None:
    figure, floor = measured(name).measures[measure], FLOORS[name][measure]
    errors = [f"{e.article} {e.measure}: {e.says}" for e in measured(name).errors]
    assert figure <= floor if measure in AT_MOST else figure >= floor, (figure, errors)


@pytest.mark.parametrize("name", ["gold", "worked"])
def test_grouping_neighbours_alone_is_as_comparing_each_with_each(name: str) -> None:
    facts = [one.parsed.facts for one in found_in(name) if one.parsed]
    profiles = {p.id: p for each in facts if (p := profile(each))}
    events = {part for part in components(profiles, same_event) if any(profiles[id].is_event for id in part)}
    assert cluster(facts) == events
    assert len(events) < len(profiles)


def read() -> str:
    """How many articles and events the gold set is, and a digest of all that was found in it."""
    found = [one.parsed for one in found_in("gold") if one.parsed]
    events = sorted(sorted(ids) for ids in cluster(parsed.facts for parsed in found))
    told = msgspec.json.encode([found, events])
    return f"{len(found)} {len(events)} {hashlib.sha256(told).hexdigest()}"


def test_another_process_reads_the_same() -> None:
    """Python walks a set of words in another order in each."""
    told = subprocess.run(
        [sys.executable, "-c", "from tests.quality.test_quality import read; print(read())"],
        env={**os.environ, "PYTHONHASHSEED": "2"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == read()
