"""The labelled articles there are, and what is found in each: read once for all tests."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from services.cli.quality.found import Found, found
from services.cli.quality.labelled import LabelledSet, read_labelled
from services.parser.classify import Classifier
from shared.taxonomy.taxonomy import load_taxonomy
from tests.conftest import OUTSIDE

SETS: Mapping[str, Path] = {
    "gold": Path(__file__).parent / "gold" / "articles.jsonl",
    "devset": OUTSIDE / "devset" / "articles.jsonl",
    "seeds": OUTSIDE / "seeds" / "labels.jsonl",
}


@cache
def labelled_set(name: str) -> LabelledSet:
    """A set of labelled articles; the test is skipped where it is not beside this checkout."""
    if not SETS[name].exists():
        pytest.skip(f"the labelled articles are not beside this checkout (../shared, {SETS[name].name})")
    return read_labelled(SETS[name])


@cache
def found_in(name: str) -> Sequence[Found]:
    """What the parser finds in a set."""
    return found(labelled_set(name).articles, Classifier(load_taxonomy()))
