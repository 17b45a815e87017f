"""The figures of the quality report, held to floors on every set of labelled articles."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.quality.report import Report, report
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
