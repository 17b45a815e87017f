"""The labelled articles there are, and what is found in each: read once for all tests."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.cli.quality.found import Found, found
from services.cli.quality.labelled import LabelledSet, read_labelled
from tests.conftest import OUTSIDE
from tests.quality.gold.marked import as_lines, written
from tests.shipped import shipped_classifier

WORKED = Path(__file__).parent / "worked" / "sources"
SETS: Mapping[str, Path] = {
    "gold": Path(__file__).parent / "gold" / "articles.jsonl",
    "worked": WORKED,
    "devset": OUTSIDE / "devset" / "articles.jsonl",
    "seeds": OUTSIDE / "seeds" / "labels.jsonl",
}


@cache
def labelled_set(name: str) -> LabelledSet:
    """A set of labelled articles; the test is skipped where it is not beside this checkout."""
    if not SETS[name].exists():
        pytest.skip(f"the labelled articles are not beside this checkout (../shared, {SETS[name].name})")
    if SETS[name] != WORKED:
        return read_labelled(SETS[name])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        path.write_bytes(as_lines(written(WORKED)))
        return read_labelled(path)


@cache
def found_in(name: str) -> Sequence[Found]:
    """What the parser finds in a set."""
    return found(labelled_set(name).articles, shipped_classifier())
